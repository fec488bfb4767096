/*
 * conn.c - the connection's states and its pipeline. Every query is one implicit transaction: the
 * statement, behind enter() when it has a caller, then a sync: see session.h. "Committed" is the
 * sync's answer, not the statement's.
 */
#include "conn.h"

#include <assert.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "secret.h"
#include "session.h"

#define IN_FLIGHT_MAX 256
#define REST_FIRST_MS 50
#define REST_MAX_MS 1000 /* with its jitter 2 s: well within the patience of a request */
#define SWEEP_MS 250
#define CONNECT_MAX_MS 5000

struct conn {
	struct loop *loop;
	const struct db_settings *settings;
	const char *name; /* of the lane, for logs */
	struct session session;
	enum conn_state state;
	PGconn *pg;
	struct watch *watch;
	bool writing;	  /* armed for writability */
	bool unfit;	  /* a statement could not be prepared */
	unsigned rest_ms; /* before the next try */
	struct timer rest, sweep, connect_limit;
	struct task fill;	   /* once per turn */
	struct query_list waiting; /* not sent */
	struct query_list sent;	   /* in the pipeline, in order */
};

static void conn_start(struct conn *c);

/* ---- the end of a query ---- */

static void query_answered(struct conn *c, struct query *q)
{
	ExecStatusType s = PQresultStatus(q->rows);

	if (s == PGRES_TUPLES_OK || s == PGRES_COMMAND_OK) {
		query_end(q, DB_OK);
	} else if (query_worth_repeating(q)) {
		query_rewind(q);
		query_list_push(&c->waiting, q);
		loop_defer(c->loop, &c->fill);
	} else if (query_turned_away(q)) {
		query_end(q, DB_REFUSED);
	} else {
		/* the primary message only: details quote rows, and rows hold guests' words */
		const char *text = PQresultErrorField(q->rows, PG_DIAG_MESSAGE_PRIMARY);

		log_error("statement_refused", "statement=%s error.kind=%s error.message=%s",
			  statements[q->statement].name, query_state(q), text ? text : "no result");
		query_end(q, query_blame(q));
	}
}

/* ---- states ---- */

static const char *const state_names[] = { "down", "connecting", "preparing", "up", "closed" };

static void set_state(struct conn *c, enum conn_state s)
{
	log_debug("database_connection", "lane=%s from=%s to=%s", c->name, state_names[c->state],
		  state_names[s]);
	c->state = s;
}

static void on_rested(struct timer *t)
{
	conn_start(container_of(t, struct conn, rest));
}

/* Queries in the pipeline have an unknown outcome; each is idempotent, so they go first again. */
static void requeue_sent(struct conn *c)
{
	struct query_list again = c->sent;
	struct query *q;

	query_list_init(&c->sent);
	for (q = again.first; q; q = q->next)
		query_rewind(q);
	query_list_prepend(&c->waiting, &again);
}

/* The list is in the order of give_up_ms: what has waited too long stands in front. */
static void on_sweep(struct timer *t)
{
	struct conn *c = container_of(t, struct conn, sweep);

	while (c->waiting.first && c->waiting.first->give_up_ms <= loop_now(c->loop))
		query_end(query_list_pop(&c->waiting), DB_AWAY);
	if (c->waiting.first)
		timer_start(c->loop, &c->sweep, SWEEP_MS, on_sweep);
}

static void conn_lose(struct conn *c, const char *why)
{
	const char *words = c->pg ? PQerrorMessage(c->pg) : "";
	unsigned jitter;

	log_warn("database_lost", "lane=%s state=%s why=%s detail=%.*s", c->name,
		 state_names[c->state], why, (int)strcspn(words, "\n"), words);
	watch_free(c->watch);
	c->watch = NULL;
	PQfinish(c->pg);
	c->pg = NULL;
	c->writing = false;
	timer_stop(c->loop, &c->connect_limit);
	set_state(c, CONN_DOWN);
	requeue_sent(c);
	if (c->waiting.first && !timer_running(&c->sweep))
		timer_start(c->loop, &c->sweep, SWEEP_MS, on_sweep);
	secret_random(&jitter, sizeof(jitter));
	timer_start(c->loop, &c->rest, c->rest_ms + jitter % c->rest_ms, on_rested);
	c->rest_ms = c->rest_ms * 2 > REST_MAX_MS ? REST_MAX_MS : c->rest_ms * 2;
}

/* ---- writing ---- */

static void on_writable(void *ctx);

static void flush(struct conn *c)
{
	int left = PQflush(c->pg);

	if (left < 0) {
		conn_lose(c, "writing failed");
	} else if (left && !c->writing) {
		c->writing = true;
		watch_write_once(c->watch, on_writable);
	}
}

static void on_writable(void *ctx)
{
	struct conn *c = ctx;

	c->writing = false;
	flush(c);
}

static void fill_pipeline(struct task *t)
{
	struct conn *c = container_of(t, struct conn, fill);

	if (c->state != CONN_UP)
		return;
	while (c->waiting.first && c->sent.num < IN_FLIGHT_MAX) {
		struct query *q = query_list_pop(&c->waiting);

		query_list_push(&c->sent, q);
		if (!session_send(&c->session, c->pg, q)) {
			conn_lose(c, "sending failed");
			return;
		}
	}
	flush(c);
}

void conn_submit(struct conn *c, struct query *q)
{
	query_list_push(&c->waiting, q);
	loop_defer(c->loop, &c->fill);
	if (c->state != CONN_UP && !timer_running(&c->sweep))
		timer_start(c->loop, &c->sweep, SWEEP_MS, on_sweep);
}

/* ---- reading ---- */

static void check_memory(struct conn *c, const PGresult *r)
{
	const char *off = session_forgets(r);

	if (!off || !c->settings->on_forgetful)
		return;
	c->unfit = true;
	log_error("database_forgetful", "lane=%s off=%s", c->name, off);
	c->settings->on_forgetful(c->settings->ctx, off);
}

static void take_preparing(struct conn *c, PGresult *r)
{
	ExecStatusType s = PQresultStatus(r);

	if (s == PGRES_PIPELINE_SYNC && c->unfit) {
		conn_lose(c, "it does not fit: is the database migrated?");
	} else if (s == PGRES_PIPELINE_SYNC) {
		c->rest_ms = REST_FIRST_MS;
		timer_stop(c->loop, &c->connect_limit);
		set_state(c, CONN_UP);
		loop_defer(c->loop, &c->fill);
	} else if (s == PGRES_TUPLES_OK) {
		check_memory(c, r);
	} else if (s != PGRES_COMMAND_OK && s != PGRES_PIPELINE_ABORTED) {
		log_error("statement_not_prepared", "lane=%s error.message=%s", c->name,
			  PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
		c->unfit = true;
	}
	PQclear(r);
}

static void take_result(struct conn *c, PGresult *r)
{
	struct query *q = c->sent.first;

	assert(q);
	if (PQresultStatus(r) != PGRES_PIPELINE_SYNC) {
		if (q->rows) { /* what comes behind an error */
			PQclear(r);
			return;
		}
		q->rows = r;
		query_heralded(q);
		return;
	}
	PQclear(r);
	query_list_pop(&c->sent);
	if (c->waiting.first) /* there is room in the pipeline now */
		loop_defer(c->loop, &c->fill);
	query_answered(c, q);
}

static bool expects_results(const struct conn *c)
{
	return c->state == CONN_PREPARING || (c->state == CONN_UP && c->sent.first);
}

static void take_results(struct conn *c)
{
	while (expects_results(c) && !PQisBusy(c->pg)) {
		PGresult *r = PQgetResult(c->pg);

		if (r && c->state == CONN_PREPARING)
			take_preparing(c, r);
		else if (r)
			take_result(c, r);
		else if (PQstatus(c->pg) == CONNECTION_BAD)
			return; /* else NULL stands between two statements of a pipeline */
	}
}

static void take_notifications(struct conn *c)
{
	PGnotify *n;

	while ((n = PQnotifies(c->pg))) {
		if (c->settings->on_notify)
			c->settings->on_notify(c->settings->ctx, n->relname, n->extra);
		PQfreemem(n);
	}
}

static void on_readable(void *ctx)
{
	struct conn *c = ctx;

	if (!PQconsumeInput(c->pg)) {
		conn_lose(c, "reading failed");
		return;
	}
	take_notifications(c);
	take_results(c);
	if (!c->pg)
		return;
	if (PQstatus(c->pg) == CONNECTION_BAD)
		conn_lose(c, "the connection broke");
	else
		flush(c);
}

/* ---- connecting ---- */

/* libpq may change its descriptor, or reuse the number, after every PQconnectPoll(). */
static bool watch_again(struct conn *c)
{
	watch_free(c->watch);
	c->watch = watch_new(c->loop, PQsocket(c->pg), c);
	return c->watch;
}

static void on_connect_step(void *ctx)
{
	struct conn *c = ctx;
	PostgresPollingStatusType s = PQconnectPoll(c->pg);

	if (s == PGRES_POLLING_FAILED || !watch_again(c)) {
		conn_lose(c, "connecting failed");
	} else if (s == PGRES_POLLING_READING) {
		watch_read(c->watch, on_connect_step);
	} else if (s == PGRES_POLLING_WRITING) {
		watch_write_once(c->watch, on_connect_step);
	} else {
		set_state(c, CONN_PREPARING);
		watch_read(c->watch, on_readable);
		if (session_begin(&c->session, c->pg))
			flush(c);
		else
			conn_lose(c, "preparing failed");
	}
}

static void on_connect_limit(struct timer *t)
{
	conn_lose(container_of(t, struct conn, connect_limit), "connecting took too long");
}

/* libpq would write it to standard error itself, in between our lines. */
static void on_notice(void *ctx, const char *text)
{
	const struct conn *c = ctx;
	log_info("database_says", "lane=%s text=%.*s", c->name, (int)strcspn(text, "\n"), text);
}

static void conn_start(struct conn *c)
{
	set_state(c, CONN_CONNECTING);
	c->unfit = false;
	timer_start(c->loop, &c->connect_limit, CONNECT_MAX_MS, on_connect_limit);
	c->pg = session_connect(&c->session); /* blocks on name resolution, if any */
	PQsetNoticeProcessor(c->pg, on_notice, c);
	if (!c->pg || PQstatus(c->pg) == CONNECTION_BAD || !watch_again(c))
		conn_lose(c, "connecting failed");
	else
		watch_write_once(c->watch, on_connect_step);
}

struct conn *conn_new(struct loop *l, const struct db_settings *s, const char *name,
		      enum db_lane lane)
{
	struct conn *c = calloc(1, sizeof(*c));

	assert(c);
	c->loop = l;
	c->settings = s;
	c->name = name;
	session_plan(&c->session, s, lane);
	c->rest_ms = REST_FIRST_MS;
	c->fill.run = fill_pipeline;
	query_list_init(&c->waiting);
	query_list_init(&c->sent);
	conn_start(c);
	return c;
}

bool conn_up(const struct conn *c)
{
	return c->state == CONN_UP;
}

void conn_look(const struct conn *c, struct db_load *sum)
{
	*sum = (struct db_load){ sum->connections + 1, sum->up + conn_up(c),
				 sum->waiting + c->waiting.num, sum->sent + c->sent.num };
}

unsigned conn_pending(const struct conn *c)
{
	return c->waiting.num + c->sent.num;
}

void conn_free(struct conn *c)
{
	struct query *q;

	set_state(c, CONN_CLOSED);
	watch_free(c->watch);
	PQfinish(c->pg);
	requeue_sent(c);
	while ((q = query_list_pop(&c->waiting)))
		query_end(q, DB_AWAY);
	timer_stop(c->loop, &c->rest);
	timer_stop(c->loop, &c->sweep);
	timer_stop(c->loop, &c->connect_limit);
	loop_cancel(c->loop, &c->fill);
	free(c);
}
