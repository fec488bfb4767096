/*
 * backfill.c - one comparison per carrier: claim a stretch of time, read the carrier's list of it,
 * fetch each text that we do not have, and journal it as if its callback had come. From there on it
 * is one: applied once, by the carrier's id, with what the guest said about being texted.
 */
#include "backfill.h"

#include <assert.h>
#include <stdlib.h>

#include "buf.h"
#include "clock.h"
#include "flow.h"
#include "journal.h"
#include "log.h"
#include "measure.h"

#define TICK_MS 1000
#define CLAIM_EVERY_MS 30000 /* polling for what is due */
#define COMPARE_EVERY_MS 300000
#define LEASE_MS 60000
#define OVERLAP_MS 900000 /* lists lag behind, and carriers try for minutes */
#define SLICE_MS INT64_C(21600000)
#define KEPT_MS INT64_C(777600000) /* 9 days: Telnyx keeps texts for 10 */
#define CONNECT_MS 3000
#define ANSWER_MAX (1024 * 1024)
#define TEXTS_BYTES_MAX (4 * 1024 * 1024)

struct comparison {
	struct flow flow;
	struct backfill *owner;
	const struct carrier *carrier;
	struct arena *arena; /* of one run */
	struct listing listing;
	bool behind;	     /* there is more up to now */
	struct buf texts;    /* "id number,id number": what the carrier has */
	struct str *missing; /* ids of those that we lack */
	size_t missing_num, at, journalled;
	int64_t claim_ms; /* monotonic: when to look again whether it is due */
	bool away;	  /* we were: it is due */
	bool running;
};

struct backfill {
	struct backfill_settings settings;
	struct comparison all[CARRIERS_MAX];
	struct timer tick;
	bool stopping;
};

static struct comparison *comparison_of(struct flow *f)
{
	return container_of(f, struct comparison, flow);
}

/* ---- the steps ---- */

static enum flow_verdict claim(struct flow *f);
static enum flow_verdict list(struct flow *f);
static enum flow_verdict compare(struct flow *f);
static enum flow_verdict fetch(struct flow *f);
static enum flow_verdict done(struct flow *f);

static const struct flow_step steps[] = {
	{ "claim", claim },	/* database: is it due, and from when until when? */
	{ "list", list },	/* the carrier: what guests wrote, page by page */
	{ "compare", compare }, /* database: what of it do we lack? */
	{ "fetch", fetch },	/* the carrier, one by one; each into the journal */
	{ "done", done },	/* database: compared until then */
	{ NULL, NULL },
};

static void on_claimed(void *ctx, const struct db_result *r)
{
	struct comparison *c = ctx;

	if (r->status != DB_OK)
		flow_fail(&c->flow, ERR_UNAVAILABLE);
	else
		c->away = false;
	if (db_rows(r)) {
		c->listing.since_ms = db_get_int(r, 0, 0);
		c->listing.until_ms = db_get_int(r, 0, 1);
		c->behind = db_get_int(r, 0, 2);
	}
	flow_release(&c->flow);
}

static enum flow_verdict claim(struct flow *f)
{
	struct comparison *c = comparison_of(f);
	const struct db_param params[] = {
		db_text(str_of(c->carrier->provider->name)),
		db_int(c->away),
		db_int(LEASE_MS),
		db_int(OVERLAP_MS),
		db_int(SLICE_MS),
		db_int(KEPT_MS),
	};

	flow_hold(f);
	db_query(c->owner->settings.db, DB_WORK, SQL_HEARD_CLAIM, DB_PARAMS(params), on_claimed, c);
	return FLOW_NEXT;
}

static void ask(struct comparison *c, const struct http_request *request, http_done *answered)
{
	const struct http_limits limits = {
		.connect_ms = CONNECT_MS,
		.total_ms = c->owner->settings.timeout_ms,
		.response_max = ANSWER_MAX,
	};

	flow_hold(&c->flow);
	http_client_send(c->owner->settings.http, request, &limits, answered, c);
}

/* It is tried again when the lease is over. */
static void give_up(struct comparison *c, const struct http_response *r)
{
	log_warn("not_compared", "flow=%s step=%s carrier=%s http.status_code=%d why=%s",
		 c->flow.name, c->missing ? "fetch" : "list", c->carrier->provider->name, r->status,
		 r->error ? r->error : "the answer is not what was asked for");
	flow_fail(&c->flow, ERR_UNAVAILABLE);
}

static void ask_for_page(struct comparison *c);

static void on_page(void *ctx, const struct http_response *r)
{
	struct comparison *c = ctx;
	struct listed_page *page = arena_alloc(c->arena, sizeof(*page));

	measure_request(c->carrier->provider, "list", r);
	if (r->transport != HTTP_ANSWERED || !c->carrier->provider->parse_list(c->arena, r, page)) {
		give_up(c, r);
	} else {
		for (size_t i = 0; i < page->num; i++)
			buf_printf(&c->texts, "%s" STR_FMT " " STR_FMT, c->texts.len ? "," : "",
				   STR_ARG(page->at[i].carrier_id), STR_ARG(page->at[i].number));
		c->listing.next = arena_copy(c->arena, page->next);
		if (page->next.len)
			ask_for_page(c);
	}
	flow_release(&c->flow);
}

static void ask_for_page(struct comparison *c)
{
	struct http_request request;

	c->carrier->provider->build_list(c->arena, &c->carrier->account, &c->listing, &request);
	ask(c, &request, on_page);
}

static enum flow_verdict list(struct flow *f)
{
	struct comparison *c = comparison_of(f);

	if (!c->listing.until_ms) /* it is not due */
		return FLOW_END;
	ask_for_page(c);
	return FLOW_NEXT;
}

static void on_compared(void *ctx, const struct db_result *r)
{
	struct comparison *c = ctx;

	if (r->status != DB_OK)
		flow_fail(&c->flow, ERR_UNAVAILABLE);
	c->missing_num = (size_t)db_rows(r);
	c->missing = arena_alloc(c->arena, (c->missing_num + 1) * sizeof(*c->missing));
	for (size_t i = 0; i < c->missing_num; i++)
		c->missing[i] = arena_copy(c->arena, db_get(r, (int)i, 0));
	flow_release(&c->flow);
}

static enum flow_verdict compare(struct flow *f)
{
	struct comparison *c = comparison_of(f);
	const struct db_param params[] = {
		db_text(str_of(c->carrier->provider->name)),
		db_text(buf_str(&c->texts)),
	};

	if (buf_full(&c->texts)) { /* a hundred thousand texts in six hours */
		log_error("not_compared", "flow=%s step=list carrier=%s why=too many texts",
			  f->name, c->carrier->provider->name);
		flow_fail(f, ERR_TOO_LARGE);
		return FLOW_NEXT;
	}
	flow_hold(f);
	db_query(c->owner->settings.db, DB_WORK, SQL_HEARD_MISSING, DB_PARAMS(params), on_compared,
		 c);
	return FLOW_NEXT;
}

/* ---- one text that we lack ---- */

static void fetch_next(struct comparison *c);

static void on_journalled(void *ctx, const struct db_row *row)
{
	struct comparison *c = ctx;

	if (row->status != DB_OK)
		flow_fail(&c->flow, ERR_UNAVAILABLE);
	else
		c->journalled++;
	flow_release(&c->flow);
}

static void journal(struct comparison *c, const struct http_request *webhook)
{
	const struct provider *p = c->carrier->provider;
	const char *why = NULL;
	struct event e;
	const struct journalled j = {
		.provider = p,
		.target = webhook->url,
		.content_type = webhook->headers[0].value,
		.body = webhook->body,
		.event = &e,
	};

	if (!p->parse_webhook(c->arena, webhook, &e, &why) || e.kind != EVENT_REPLY ||
	    !str_is_text(webhook->body)) {
		log_warn("not_backfilled", "flow=%s carrier=%s text=" STR_FMT " why=%s",
			 c->flow.name, p->name, STR_ARG(c->missing[c->at]), why ? why : "");
		return;
	}
	flow_hold(&c->flow);
	journal_add(c->owner->settings.journal, c->arena, &j, on_journalled, c);
}

/* A text that has been deleted meanwhile is none; on any other trouble all of it is tried again. */
static void on_fetched(void *ctx, const struct http_response *r)
{
	struct comparison *c = ctx;
	struct http_request webhook;

	measure_request(c->carrier->provider, "list", r);
	if (r->transport == HTTP_ANSWERED && r->status == 404) {
		c->at++;
		fetch_next(c);
	} else if (r->transport == HTTP_ANSWERED &&
		   c->carrier->provider->parse_reply(c->arena, r, &webhook)) {
		journal(c, &webhook);
		c->at++;
		fetch_next(c);
	} else {
		give_up(c, r);
	}
	flow_release(&c->flow);
}

static void fetch_next(struct comparison *c)
{
	struct http_request request;

	if (c->owner->stopping)
		flow_fail(&c->flow, ERR_UNAVAILABLE);
	if (c->owner->stopping || c->at == c->missing_num)
		return;
	c->carrier->provider->texts->build_fetch(c->arena, &c->carrier->account, c->missing[c->at],
						 &request);
	ask(c, &request, on_fetched);
}

static enum flow_verdict fetch(struct flow *f)
{
	fetch_next(comparison_of(f));
	return FLOW_NEXT;
}

static void on_done(void *ctx, const struct db_result *r)
{
	struct comparison *c = ctx;

	if (r->status != DB_OK)
		flow_fail(&c->flow, ERR_UNAVAILABLE);
	flow_release(&c->flow);
}

static enum flow_verdict done(struct flow *f)
{
	struct comparison *c = comparison_of(f);
	const struct db_param params[] = {
		db_text(str_of(c->carrier->provider->name)),
		db_int(c->listing.until_ms),
		db_int(c->behind ? 0 : COMPARE_EVERY_MS),
	};

	flow_hold(f);
	db_query(c->owner->settings.db, DB_WORK, SQL_HEARD_DONE, DB_PARAMS(params), on_done, c);
	return FLOW_NEXT;
}

/* ---- the whole ---- */

static void start(struct comparison *c);

static void finish(struct flow *f, enum err err)
{
	struct comparison *c = comparison_of(f);

	if (c->journalled) {
		log_warn("backfilled", "flow=%s carrier=%s texts=%zu", f->name,
			 c->carrier->provider->name, c->journalled);
		inbound_wake(c->owner->settings.inbound);
	}
	arena_free(c->arena);
	c->running = false;
	if (c->behind && !err)
		start(c);
}

static void start(struct comparison *c)
{
	if (c->running || c->owner->stopping)
		return;
	c->running = true;
	c->arena = arena_new();
	c->texts = buf_new(c->arena, TEXTS_BYTES_MAX);
	c->listing = (struct listing){ 0 };
	c->missing = NULL;
	c->missing_num = c->at = c->journalled = 0;
	c->behind = false;
	c->claim_ms = clock_mono_ms() + CLAIM_EVERY_MS;
	flow_start(&c->flow, "backfill", steps, finish);
}

static void on_tick(struct timer *t)
{
	struct backfill *b = container_of(t, struct backfill, tick);
	bool up = db_up(b->settings.db);

	for (size_t i = 0; i < b->settings.carriers->num; i++) {
		struct comparison *c = &b->all[i];

		c->away |= !up;
		if (up && (c->away || clock_mono_ms() >= c->claim_ms))
			start(c);
	}
	timer_start(b->settings.loop, t, TICK_MS, on_tick);
}

struct backfill *backfill_new(const struct backfill_settings *s)
{
	struct backfill *b = calloc(1, sizeof(*b));

	assert(b);
	b->settings = *s;
	for (size_t i = 0; i < s->carriers->num; i++) {
		b->all[i].owner = b;
		b->all[i].carrier = &s->carriers->at[i];
		b->all[i].away = true; /* until now there was nobody */
	}
	timer_start(s->loop, &b->tick, 0, on_tick);
	return b;
}

void backfill_stop(struct backfill *b)
{
	b->stopping = true;
	timer_stop(b->settings.loop, &b->tick);
}

bool backfill_busy(const struct backfill *b)
{
	for (size_t i = 0; i < b->settings.carriers->num; i++)
		if (b->all[i].running)
			return true;
	return false;
}

void backfill_free(struct backfill *b)
{
	backfill_stop(b);
	free(b);
}
