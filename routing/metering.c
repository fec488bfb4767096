/*
 * metering.c - adds up the days that are over; then, one usage at a time: claim, look for it, post,
 * settle.
 */
#include "metering.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "flow.h"
#include "log.h"

#define FIRST_LOOK_MS 1000
#define LOOK_EVERY_MS 10000
#define ACCOUNTS_AT_ONCE 20
#define LEASE_MS 120000		     /* beyond two requests and the settling */
#define REFUSED_MS INT64_C(21600000) /* somebody has to mend it at Recurly */

struct metering {
	const struct billing_settings *settings;
	struct recurly_line *line;
	struct timer look;
	bool busy, stopping;
	uint64_t claims;
	char claim[96];
	struct str kinds; /* that are metered */

	/* the usage under way */
	struct flow flow;
	struct arena *arena;
	struct recurly_usage usage;
	bool doubt; /* it may be there */
	struct str id, why;
	int64_t again_ms; /* 0: by how often it was tried */
};

static struct metering *metering_of(struct flow *f)
{
	return container_of(f, struct metering, flow);
}

/* ---- the steps ---- */

static enum flow_verdict find(struct flow *f);
static enum flow_verdict post(struct flow *f);
static enum flow_verdict settle(struct flow *f);

static const struct flow_step steps[] = {
	{ "find", find },
	{ "post", post },
	{ "settle", settle }, /* database: posted, or when to try again */
	{ NULL, NULL },
};

static void failed(struct metering *m, const struct recurly_told *t)
{
	m->why = t->why;
	if (t->answer == RECURLY_REFUSED || t->answer == RECURLY_MISSING)
		m->again_ms = REFUSED_MS;
}

static void on_found(void *ctx, const struct recurly_told *t)
{
	struct metering *m = ctx;

	if (t->answer != RECURLY_OK)
		failed(m, t);
	else if (recurly_read_usage(t->body, recurly_tag(m->arena, &m->usage), &m->id) ==
		 RECURLY_UNSURE)
		m->why = STR("Recurly's list of usage does not show whether it has this one.");
	flow_release(&m->flow);
}

static enum flow_verdict find(struct flow *f)
{
	struct metering *m = metering_of(f);
	struct http_request request;

	if (!m->doubt)
		return FLOW_NEXT;
	recurly_find_usage(m->arena, m->line->recurly, &m->usage, &request);
	flow_hold(f);
	recurly_ask(m->line, m->arena, "find_usage", &request, on_found, m);
	return FLOW_NEXT;
}

static void on_posted(void *ctx, const struct recurly_told *t)
{
	struct metering *m = ctx;

	if (t->answer != RECURLY_OK)
		failed(m, t);
	else if (!(m->id = json_str(t->body, "id")).len)
		m->why = STR("Recurly's answer makes no sense to us."); /* it is looked for */
	flow_release(&m->flow);
}

static enum flow_verdict post(struct flow *f)
{
	struct metering *m = metering_of(f);
	struct http_request request;

	if (m->id.len || m->why.len)
		return FLOW_NEXT;
	recurly_post_usage(m->arena, m->line->recurly, &m->usage, &request);
	flow_hold(f);
	recurly_ask(m->line, m->arena, "post_usage", &request, on_posted, m);
	return FLOW_NEXT;
}

/* A settling that is lost: the lease ends, and it is looked for. */
static void on_settled(void *ctx, const struct db_result *r)
{
	struct metering *m = ctx;

	if (m->why.len)
		log_line(m->again_ms ? LOG_ERROR_ : LOG_WARN_, "usage_not_posted",
			 "account=" STR_FMT " day=" STR_FMT " seq=%" PRId64 " state=" STR_FMT
			 " why=" STR_FMT,
			 STR_ARG(m->usage.account), STR_ARG(m->usage.day), m->usage.seq,
			 STR_ARG(db_rows(r) ? db_get(r, 0, 0) : STR("")), STR_ARG(m->why));
	flow_release(&m->flow);
}

static enum flow_verdict settle(struct flow *f)
{
	struct metering *m = metering_of(f);
	const struct db_param params[] = {
		db_text(m->usage.account),
		db_text(m->usage.day),
		db_int(m->usage.seq),
		db_text(str_of(m->claim)),
		db_text_or_null(m->id),
		m->again_ms ? db_int(m->again_ms) : db_text_or_null(STR("")),
		db_text_or_null(m->why),
	};

	flow_hold(f);
	db_query(m->settings->db, DB_WORK, SQL_USAGE_SETTLE, DB_PARAMS(params), on_settled, m);
	return FLOW_NEXT;
}

/* ---- claiming ---- */

static void claim(struct metering *m);
static void on_look(struct timer *t);

static void rest(struct metering *m)
{
	m->busy = false;
	if (!m->stopping)
		timer_start(m->settings->loop, &m->look, LOOK_EVERY_MS, on_look);
}

static void finish(struct flow *f, enum err err)
{
	struct metering *m = metering_of(f);

	(void)err;
	arena_free(m->arena);
	m->arena = NULL;
	claim(m); /* there may be more */
}

/* Row: account, day, seq, kind, amount, subscription, whether it may be there. */
static void on_claimed(void *ctx, const struct db_result *r)
{
	struct metering *m = ctx;

	if (!db_rows(r)) {
		rest(m);
		return;
	}
	m->arena = arena_new();
	m->usage = (struct recurly_usage){
		.account = arena_copy(m->arena, db_get(r, 0, 0)),
		.day = arena_copy(m->arena, db_get(r, 0, 1)),
		.seq = db_get_int(r, 0, 2),
		.call = str_is(db_get(r, 0, 3), "call"),
		.amount = db_get_int(r, 0, 4),
		.subscription = arena_copy(m->arena, db_get(r, 0, 5)),
	};
	m->doubt = db_get_int(r, 0, 6);
	m->id = m->why = STR("");
	m->again_ms = 0;
	flow_start(&m->flow, "metering", steps, finish);
}

static void claim(struct metering *m)
{
	if (m->stopping || recurly_resting(m->line)) {
		rest(m);
		return;
	}
	snprintf(m->claim, sizeof(m->claim), "%s/u%" PRIu64, m->settings->who, ++m->claims);
	const struct db_param params[] = { db_text(str_of(m->claim)), db_int(LEASE_MS) };

	db_query(m->settings->db, DB_WORK, SQL_USAGE_CLAIM, DB_PARAMS(params), on_claimed, m);
}

static void on_swept(void *ctx, const struct db_result *r)
{
	(void)r; /* those that were not added up are the next time */
	claim(ctx);
}

static void on_look(struct timer *t)
{
	struct metering *m = container_of(t, struct metering, look);
	const struct db_param params[] = { db_int(ACCOUNTS_AT_ONCE), db_text(m->kinds) };

	m->busy = true;
	db_query(m->settings->db, DB_WORK, SQL_BILLING_SWEEP, DB_PARAMS(params), on_swept, m);
}

/* ---- from start to stop ---- */

struct metering *metering_new(const struct billing_settings *s, struct recurly_line *line)
{
	struct metering *m = calloc(1, sizeof(*m));
	bool sms = s->recurly->sms_add_on.len, call = s->recurly->call_add_on.len;

	assert(m);
	m->settings = s;
	m->line = line;
	m->kinds = sms && call ? STR("sms call") : sms ? STR("sms") : call ? STR("call") : STR("");
	timer_start(s->loop, &m->look, FIRST_LOOK_MS, on_look);
	return m;
}

void metering_wake(struct metering *m)
{
	if (!m->busy && !m->stopping)
		timer_start(m->settings->loop, &m->look, 0, on_look);
}

void metering_stop(struct metering *m)
{
	m->stopping = true;
	timer_stop(m->settings->loop, &m->look);
}

bool metering_busy(const struct metering *m)
{
	return m->busy;
}

void metering_free(struct metering *m)
{
	metering_stop(m);
	if (m->arena)
		arena_free(m->arena);
	free(m);
}
