/* query.c - makes queries and keeps them in lists. */
#include "query.h"

#include <assert.h>
#include <libpq-fe.h>
#include <stdlib.h>

#include "clock.h"
#include "load.h"
#include "metrics.h"

#define TRIES_MAX 4

/* The parameters of enter(), in its order. */
static int enter_params(const struct db_caller *c, struct db_param *out)
{
	int n = 0;

	if (!c)
		return 0;
	out[n++] = db_text(c->kind);
	out[n++] = db_text(c->id);
	out[n++] = db_text_or_null(c->account);
	out[n++] = db_text(c->needs);
	out[n++] = db_text_or_null(c->ip);
	out[n++] = db_text_or_null(c->request);
	out[n++] = db_text_or_null(c->key);
	out[n++] = db_text_or_null(c->hash);
	return n;
}

struct query *query_new(const struct db_caller *caller, enum statement statement,
			struct db_params params)
{
	struct db_param all[QUERY_PARAMS_MAX];
	int enter_num = enter_params(caller, all), num = enter_num + params.num;
	size_t size = 0, at = 0;

	assert(num <= QUERY_PARAMS_MAX);
	if (params.num)
		memcpy(all + enter_num, params.at, sizeof(*all) * (size_t)params.num);
	for (int i = 0; i < num; i++)
		size += (size_t)all[i].len;
	struct query *q = malloc(sizeof(*q) + size + 1);
	assert(q);
	*q = (struct query){ .statement = statement, .enter_num = enter_num, .param_num = num };
	q->began_us = clock_mono_us();
	for (int i = 0; i < num; i++) {
		const void *from = all[i].is_int ? &all[i].big_endian : all[i].bytes;

		q->lens[i] = all[i].len;
		q->values[i] = from ? q->bytes + at : NULL;
		if (from && all[i].len)
			memcpy(q->bytes + at, from, (size_t)all[i].len);
		at += (size_t)all[i].len;
	}
	return q;
}

void query_rewind(struct query *q)
{
	PQclear(q->rows);
	q->rows = NULL;
}

void query_heralded(struct query *q)
{
	if (!q->heralds || PQresultStatus(q->rows) != PGRES_TUPLES_OK)
		return;
	query_rewind(q);
	q->heralds--;
}

const char *query_state(const struct query *q)
{
	const char *state = PQresultErrorField(q->rows, PG_DIAG_SQLSTATE);

	return state ? state : "";
}

/* Our own class of SQLSTATE: see enter() in migration 0004. */
bool query_turned_away(const struct query *q)
{
	const char *state = PQresultErrorField(q->rows, PG_DIAG_SQLSTATE);

	return state && strncmp(state, "MT", 2) == 0;
}

void query_list_init(struct query_list *l)
{
	*l = (struct query_list){ .last = &l->first };
}

void query_list_push(struct query_list *l, struct query *q)
{
	q->next = NULL;
	*l->last = q;
	l->last = &q->next;
	l->num++;
}

struct query *query_list_pop(struct query_list *l)
{
	struct query *q = l->first;

	if (!q)
		return NULL;
	l->first = q->next;
	if (!l->first)
		l->last = &l->first;
	l->num--;
	return q;
}

void query_list_prepend(struct query_list *l, struct query_list *front)
{
	if (!front->first)
		return;
	*front->last = l->first;
	if (!l->first)
		l->last = front->last;
	l->first = front->first;
	l->num += front->num;
}

/* Deadlock victims and serialization failures are class 40. */
bool query_worth_repeating(const struct query *q)
{
	const char *state = PQresultErrorField(q->rows, PG_DIAG_SQLSTATE);

	return state && strncmp(state, "40", 2) == 0 && q->tries < TRIES_MAX;
}

/*
 * Whose fault: the statement's and its rows', or the server's for now, which is read-only,
 * deadlocked, locked, out of disk, memory or connections, told to stop, or has I/O errors.
 */
enum db_status query_blame(const struct query *q)
{
	static const char *const for_now[] = { "25", "40", "55", "53", "57", "58" };
	const char *state = PQresultErrorField(q->rows, PG_DIAG_SQLSTATE);

	for (size_t i = 0; state && i < sizeof(for_now) / sizeof(*for_now); i++)
		if (strncmp(state, for_now[i], 2) == 0)
			return DB_AWAY;
	return DB_REFUSED;
}

void query_end(struct query *q, enum db_status status)
{
	static const char *const outcomes[] = { "ok", "refused", "away" };
	struct db_result r = { .status = status, .rows = q->rows };
	const char *lane = db_lane_name(q->lane);

	if (status == DB_REFUSED)
		r.sqlstate = PQresultErrorField(q->rows, PG_DIAG_SQLSTATE);
	metrics_count(METRIC_QUERIES, LABELS(lane, outcomes[status]));
	metrics_observe(METRIC_QUERY_SECONDS, LABELS(lane), clock_mono_us() - q->began_us);
	q->done(q->ctx, &r);
	PQclear(q->rows);
	free(q);
}
