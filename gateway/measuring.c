/*
 * measuring.c - gauges that a worker shows of itself, how late its timers are, and one statement
 * for what only the database knows.
 */
#include "measuring.h"

#include <assert.h>
#include <stdlib.h>

#include "clock.h"
#include "load.h"
#include "operator.h"
#include "worker.h"

#define LOOK_MS 500
#define PATIENCE_MS 2000
#define PAGE_MAX (8 << 20)

struct measuring {
	struct worker *w;
	struct timer look;
};

/* ---- what a worker shows of itself ---- */

static void show_database(const struct db *d)
{
	for (enum db_lane i = 0; i < DB_LANES; i++) {
		const char *lane = db_lane_name(i);
		struct db_load load = db_look(d, i);

		metrics_set(METRIC_CONNECTIONS, LABELS(lane), load.connections);
		metrics_set(METRIC_CONNECTIONS_UP, LABELS(lane), load.up);
		metrics_set(METRIC_PIPELINE, LABELS(lane, "waiting"), load.waiting);
		metrics_set(METRIC_PIPELINE, LABELS(lane, "sent"), load.sent);
	}
}

static void show(const struct worker *w)
{
	show_database(w->db);
	metrics_set(METRIC_MESSAGES_IN_FLIGHT, NO_LABELS, dispatch_in_flight(w->dispatch));
	metrics_set(METRIC_STREAMS_OPEN, NO_LABELS, streams_num(w->streams));
	if (!w->server)
		return;
	metrics_set(METRIC_HTTP_OPEN, NO_LABELS, server_requests(w->server));
	metrics_set(METRIC_HTTP_CONNECTIONS, NO_LABELS, server_connections(w->server));
}

static void on_look(struct timer *t)
{
	struct measuring *m = container_of(t, struct measuring, look);
	int64_t late_us = clock_mono_us() - t->due_ms * 1000;

	metrics_observe(METRIC_LOOP_LAG, NO_LABELS, late_us < 0 ? 0 : late_us);
	show(m->w);
	timer_start(m->w->loop, &m->look, LOOK_MS, on_look);
}

struct measuring *measuring_new(struct worker *w)
{
	struct measuring *m = calloc(1, sizeof(*m));

	assert(m);
	m->w = w;
	metrics_begin();
	timer_start(w->loop, &m->look, 0, on_look);
	return m;
}

void measuring_stop(struct measuring *m)
{
	timer_stop(m->w->loop, &m->look);
}

void measuring_free(struct measuring *m)
{
	if (!m)
		return;
	measuring_stop(m);
	free(m);
}

/* ---- all of it ---- */

struct gathering {
	struct worker *w;
	struct arena *arena;
	struct timer limit;
	measured *done; /* NULL: it was told */
	void *ctx;
};

/* Row: metric, carrier, operation, value. */
static void put_row(struct metrics *all, const struct db_result *r, int row)
{
	struct labels l = { 0 };
	struct str name = db_get(r, row, 0);

	for (int i = 0; i < 2; i++)
		if (db_get(r, row, 1 + i).p)
			l.at[i] = arena_cstr(all->arena, db_get(r, row, 1 + i));
	for (enum metric m = 0; m < METRICS; m++)
		if (str_is(name, metric_table[m].name))
			metrics_put(all, m, l, (double)db_get_int(r, row, 3));
}

static void tell(struct gathering *g, const struct db_result *r)
{
	const struct config *c = g->w->config;
	struct metrics *all;
	measured *done = g->done;

	if (!r || r->status == DB_OK) /* else the database may be closing */
		show(g->w);
	all = metrics_read(g->arena);
	metrics_put(all, METRIC_BUILD_INFO,
		    LABELS(c->dd_version.len ? c->dd_version.p : "", __VERSION__), 1);
	metrics_process(all);
	metrics_put(all, METRIC_DATABASE_UP, NO_LABELS, r && r->status == DB_OK);
	for (int i = 0; r && i < db_rows(r); i++)
		put_row(all, r, i);
	g->done = NULL;
	done(g->ctx, all);
}

static void on_limit(struct timer *t)
{
	tell(container_of(t, struct gathering, limit), NULL);
}

static void on_rows(void *ctx, const struct db_result *r)
{
	struct gathering *g = ctx;

	timer_stop(g->w->loop, &g->limit);
	if (g->done)
		tell(g, r);
	arena_free(g->arena);
	free(g);
}

void measuring_gather(struct worker *w, measured *done, void *ctx)
{
	struct gathering *g = calloc(1, sizeof(*g));

	assert(g);
	*g = (struct gathering){ .w = w, .arena = arena_new(), .done = done, .ctx = ctx };
	timer_start(w->loop, &g->limit, PATIENCE_MS, on_limit);
	db_query(w->db, DB_DOOR, SQL_METRICS_READ, DB_NO_PARAMS, on_rows, g);
}

/* ---- GET /metrics ---- */

static void on_measured(void *ctx, struct metrics *all)
{
	struct exchange *x = ctx;
	struct buf page = buf_new(x->arena, PAGE_MAX);

	metrics_text(all, &page);
	exchange_reply(x, 200, STR("text/plain; version=0.0.4; charset=utf-8"), buf_str(&page));
}

void measuring_page(struct exchange *x)
{
	if (operator_may(x))
		measuring_gather(worker_of(x), on_measured, x);
}
