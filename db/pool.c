/*
 * pool.c - the lanes of the database, parameters and rows: what db.h offers, on conn.c.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <libpq-fe.h>
#include <stdlib.h>

#include "conn.h"
#include "log.h"

struct db {
	struct loop *loop;
	struct db_settings settings;
	struct conn *lanes[DB_LANES];
	struct conn *seconds[DB_LANES]; /* of some: a slow list does not stand before all others */
	struct task refuse; /* completes what was refused at the door, never from db_query() */
	struct query_list refused;
};

static const char *const lane_names[DB_LANES] = { "journal", "accept", "work", "door", "api" };

static bool has_two(enum db_lane lane)
{
	return lane == DB_API || lane == DB_DOOR;
}

unsigned db_connections(void)
{
	unsigned sum = 0;

	for (enum db_lane i = 0; i < DB_LANES; i++)
		sum += has_two(i) ? 2 : 1;
	return sum;
}

static void complete_refused(struct task *t)
{
	struct db *d = container_of(t, struct db, refuse);
	struct query *q;

	while ((q = query_list_pop(&d->refused)))
		query_end(q, DB_AWAY);
}

struct db *db_new(struct loop *l, const struct db_settings *s)
{
	struct db *d = calloc(1, sizeof(*d));

	assert(d && PQlibVersion() >= 140000); /* pipeline mode */
	d->loop = l;
	d->settings = *s;
	d->refuse.run = complete_refused;
	query_list_init(&d->refused);
	for (enum db_lane i = 0; i < DB_LANES; i++) {
		d->lanes[i] = conn_new(l, &d->settings, lane_names[i], i);
		d->seconds[i] = has_two(i) ? conn_new(l, &d->settings, lane_names[i], i) : NULL;
	}
	return d;
}

void db_free(struct db *d)
{
	complete_refused(&d->refuse);
	loop_cancel(d->loop, &d->refuse);
	for (enum db_lane i = 0; i < DB_LANES; i++) {
		conn_free(d->lanes[i]);
		if (has_two(i))
			conn_free(d->seconds[i]);
	}
	free(d);
}

bool db_up(const struct db *d)
{
	for (enum db_lane i = 0; i < DB_LANES; i++)
		if (!conn_up(d->lanes[i]) || (has_two(i) && !conn_up(d->seconds[i])))
			return false;
	return true;
}

unsigned db_pending(const struct db *d)
{
	unsigned sum = d->refused.num;

	for (enum db_lane i = 0; i < DB_LANES; i++)
		sum += conn_pending(d->lanes[i]) + (has_two(i) ? conn_pending(d->seconds[i]) : 0);
	return sum;
}

struct db_load db_look(const struct db *d, enum db_lane lane)
{
	struct db_load sum = { 0 };

	conn_look(d->lanes[lane], &sum);
	if (has_two(lane))
		conn_look(d->seconds[lane], &sum);
	return sum;
}

const char *db_lane_name(enum db_lane lane)
{
	return lane_names[lane];
}

/* The connection with less to do. */
static struct conn *conn_of(struct db *d, enum db_lane lane)
{
	struct conn *first = d->lanes[lane], *second = d->seconds[lane];

	return second && conn_pending(second) < conn_pending(first) ? second : first;
}

static void submit(struct db *d, enum db_lane lane, struct query *q, db_done *done, void *ctx)
{
	struct conn *c = conn_of(d, lane);

	q->done = done;
	q->ctx = ctx;
	q->lane = lane;
	q->give_up_ms = loop_now(d->loop) + d->settings.patience_ms;
	if (conn_pending(c) < d->settings.waiting_max) {
		conn_submit(c, q);
		return;
	}
	log_warn("database_queue_full", "lane=%s waiting=%u", lane_names[lane], conn_pending(c));
	query_list_push(&d->refused, q);
	loop_defer(d->loop, &d->refuse);
}

void db_query(struct db *d, enum db_lane lane, enum statement statement, struct db_params params,
	      db_done *done, void *ctx)
{
	submit(d, lane, query_new(NULL, statement, params), done, ctx);
}

void db_query_as(struct db *d, const struct db_caller *caller, enum statement statement,
		 struct db_params params, db_done *done, void *ctx)
{
	submit(d, DB_API, query_new(caller, statement, params), done, ctx);
}

/* ---- parameters and rows ---- */

struct db_param db_text(struct str s)
{
	return (struct db_param){ .bytes = s.p ? s.p : "", .len = (int)s.len };
}

struct db_param db_text_or_null(struct str s)
{
	return s.len ? db_text(s) : (struct db_param){ 0 };
}

struct db_param db_int(int64_t v)
{
	return (struct db_param){ .big_endian = htobe64((uint64_t)v),
				  .len = sizeof(uint64_t),
				  .is_int = true };
}

int db_rows(const struct db_result *r)
{
	return r->status == DB_OK ? PQntuples(r->rows) : 0;
}

struct str db_get(const struct db_result *r, int row, int column)
{
	if (PQgetisnull(r->rows, row, column))
		return (struct str){ 0 };
	return (struct str){ PQgetvalue(r->rows, row, column),
			     (size_t)PQgetlength(r->rows, row, column) };
}

int64_t db_get_int(const struct db_result *r, int row, int column)
{
	struct str s = db_get(r, row, column);
	bool negative = str_starts(s, STR("-"));
	long long v = 0;

	if (!str_number(str_from(s, negative), &v))
		assert(!s.len); /* the statement does not return a number there */
	return negative ? -v : v;
}
