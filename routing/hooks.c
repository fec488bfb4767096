/*
 * hooks.c - claims due deliveries while there is room, and starts a flow of two steps for each.
 * Deliveries are polled; being woken only makes it sooner.
 */
#include "hooks.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "batch.h"
#include "clock.h"
#include "crash.h"
#include "flow.h"
#include "log.h"
#include "redelivery.h"
#include "secret.h"

#define POLL_MS 1000
#define SWEEP_EVERY_MS 60000
#define SWEEP_MAX 500
#define KEPT_MS INT64_C(2592000000) /* 30 days */
#define CONNECT_MS 5000
#define TOTAL_MS 10000
#define LEASE_MS 20000 /* beyond a try and its settling; so long a crash holds up an endpoint */
#define ANSWER_MAX 4096

struct hooks {
	struct hooks_settings settings;
	struct db_batch *settle;
	unsigned in_flight;
	uint64_t claims; /* made so far: a part of each one's name */
	char claim[96];	 /* the name of the one that is on its way */
	bool claiming;	 /* a claim is on its way */
	bool sweeping;	 /* so is a sweep */
	bool woken;	 /* something may be due that no claim has looked for */
	bool stopping;
	struct timer poll, sweep;
};

/* One try at one delivery. It lives in its arena. */
struct hook {
	struct flow flow;
	struct hooks *owner;
	struct arena *arena;
	struct str account_id, delivery_id, claim, url, body;
	struct signing signing; /* and the endpoint's id */
	int64_t tries;		/* before this one */
	int status;		/* 0: none came */
	struct redelivery result;
};

static struct hook *hook_of(struct flow *f)
{
	return container_of(f, struct hook, flow);
}

/* ---- the steps ---- */

static enum flow_verdict post(struct flow *f);
static enum flow_verdict settle(struct flow *f);

static const struct flow_step steps[] = {
	{ "post", post },     /* the receiver */
	{ "settle", settle }, /* database: delivered, when it is due again, or why never */
	{ NULL, NULL },
};

static void on_answer(void *ctx, const struct http_response *r)
{
	struct hook *k = ctx;
	unsigned chance;

	crash_point(hook_answered);
	secret_random(&chance, sizeof(chance));
	k->status = r->transport == HTTP_ANSWERED ? r->status : 0;
	k->result = redelivery_judge(k->arena, k->tries, chance, r);
	log_line(strcmp(k->result.state, "delivered") == 0 ? LOG_DEBUG_ : LOG_INFO_, "hook_tried",
		 "delivery=" STR_FMT " endpoint=" STR_FMT " state=%s why=" STR_FMT,
		 STR_ARG(k->delivery_id), STR_ARG(k->signing.endpoint_id), k->result.state,
		 STR_ARG(k->result.why));
	flow_release(&k->flow);
}

/* The time is that of the try: receivers refuse what is older than a few minutes. */
static enum flow_verdict post(struct flow *f)
{
	struct hook *k = hook_of(f);
	int64_t now_s = clock_wall_ms() / 1000;
	const struct http_header headers[] = {
		{ STR("content-type"), STR("application/json") },
		{ STR("user-agent"), STR("maitred") },
		{ STR("webhook-id"), k->delivery_id },
		{ STR("webhook-timestamp"), arena_printf(k->arena, "%" PRId64, now_s) },
		{ STR("webhook-signature"),
		  signing_header(k->arena, &k->signing, k->delivery_id, now_s, k->body) },
	};
	const struct http_request request = {
		.method = STR("POST"),
		.url = k->url,
		.body = k->body,
		.headers = headers,
		.header_num = sizeof(headers) / sizeof(*headers),
	};
	const struct http_limits limits = {
		.connect_ms = CONNECT_MS,
		.total_ms = TOTAL_MS,
		.response_max = ANSWER_MAX,
		.cut_long = true,
		.public_only = !k->owner->settings.allow_private,
	};

	flow_hold(f);
	http_client_send(k->owner->settings.http, &request, &limits, on_answer, k);
	return FLOW_NEXT;
}

static void sweep_soon(struct hooks *h);

/* Row: ordinal, whether its endpoint was switched off. */
static void on_settled(void *ctx, const struct db_row *row)
{
	struct hook *k = ctx;

	crash_point(hook_settled);
	if (row->status != DB_OK || row->row < 0)
		log_warn("hook_not_settled", "delivery=" STR_FMT " why=%s", STR_ARG(k->delivery_id),
			 row->status == DB_OK ? "it took too long, and is another's now" :
						"the database did not take it");
	if (row->row >= 0 && db_get_int(row->result, row->row, 1)) {
		log_warn("endpoint_disabled", "endpoint=" STR_FMT " why=" STR_FMT,
			 STR_ARG(k->signing.endpoint_id), STR_ARG(k->result.why));
		sweep_soon(k->owner);
	}
	flow_release(&k->flow);
}

static enum flow_verdict settle(struct flow *f)
{
	struct hook *k = hook_of(f);
	const struct db_param row[] = {
		db_text(k->account_id),
		db_text(k->delivery_id),
		db_text(k->claim),
		db_text(str_of(k->result.state)),
		k->status ? db_int(k->status) : db_text_or_null(STR("")),
		db_text_or_null(k->result.answer),
		db_text(k->result.why),
		db_int(k->result.delay_ms),
		db_int(k->result.gone),
	};

	flow_hold(f);
	db_batch_add(k->owner->settle, row, on_settled, k);
	return FLOW_NEXT;
}

/* Its endpoint has room again. */
static void finish(struct flow *f, enum err err)
{
	struct hook *k = hook_of(f);
	struct hooks *h = k->owner;

	(void)err;
	arena_free(k->arena);
	h->in_flight--;
	hooks_wake(h);
}

/* ---- claiming ---- */

/* Row: account, delivery, endpoint, URL, version, whether the one before signs, tries, body. */
static void start(struct hooks *h, const struct db_result *r, int row)
{
	struct arena *a = arena_new();
	struct hook *k = arena_zero(a, sizeof(*k));

	k->owner = h;
	k->arena = a;
	k->account_id = arena_copy(a, db_get(r, row, 0));
	k->delivery_id = arena_copy(a, db_get(r, row, 1));
	k->claim = arena_copy(a, str_of(h->claim));
	k->url = arena_copy(a, db_get(r, row, 3));
	k->signing = (struct signing){
		.keys = h->settings.keys,
		.endpoint_id = arena_copy(a, db_get(r, row, 2)),
		.version = db_get_int(r, row, 4),
		.previous = db_get_int(r, row, 5),
	};
	k->tries = db_get_int(r, row, 6);
	k->body = arena_copy(a, db_get(r, row, 7));
	h->in_flight++;
	flow_start(&k->flow, "hook", steps, finish);
}

static void on_claimed(void *ctx, const struct db_result *r)
{
	struct hooks *h = ctx;
	int n = db_rows(r);

	h->claiming = false;
	if (n > 0)
		crash_point(hook_claimed);
	for (int i = 0; i < n; i++)
		start(h, r, i);
	if (n > 0 || h->woken) /* there may be more */
		hooks_wake(h);
}

static void claim(struct hooks *h)
{
	unsigned room = h->settings.in_flight_max - h->in_flight;

	if (h->claiming || h->stopping || !room || !h->settings.keys->num)
		return;
	snprintf(h->claim, sizeof(h->claim), "%s/%" PRIu64, h->settings.who, ++h->claims);
	const struct db_param params[] = {
		db_text(str_of(h->claim)),
		db_int(room),
		db_int(LEASE_MS),
		db_int(HOOKS_PER_ENDPOINT),
	};
	h->claiming = true;
	h->woken = false;
	db_query(h->settings.db, DB_WORK, SQL_HOOK_CLAIM, DB_PARAMS(params), on_claimed, h);
}

void hooks_wake(struct hooks *h)
{
	h->woken = true;
	claim(h);
}

static void on_poll(struct timer *t)
{
	struct hooks *h = container_of(t, struct hooks, poll);

	timer_start(h->settings.loop, t, POLL_MS, on_poll);
	claim(h);
}

/* ---- what has no endpoint any more, and what is old ---- */

static void on_swept(void *ctx, const struct db_result *r)
{
	struct hooks *h = ctx;

	h->sweeping = false;
	if (db_rows(r) && db_get_int(r, 0, 0) >= SWEEP_MAX)
		sweep_soon(h);
}

static void on_sweep(struct timer *t)
{
	struct hooks *h = container_of(t, struct hooks, sweep);
	const struct db_param params[] = { db_int(SWEEP_MAX), db_int(KEPT_MS) };

	timer_start(h->settings.loop, t, SWEEP_EVERY_MS, on_sweep);
	if (h->sweeping)
		return;
	h->sweeping = true;
	db_query(h->settings.db, DB_WORK, SQL_HOOK_SWEEP, DB_PARAMS(params), on_swept, h);
}

static void sweep_soon(struct hooks *h)
{
	if (!h->stopping)
		timer_start(h->settings.loop, &h->sweep, POLL_MS, on_sweep);
}

/* ---- the whole ---- */

struct hooks *hooks_new(const struct hooks_settings *s)
{
	struct hooks *h = calloc(1, sizeof(*h));
	struct db *db = s->db;
	struct loop *l = s->loop;

	assert(h && s->in_flight_max);
	h->settings = *s;
	/* account, delivery, claim, state, status, answer, why, delay, gone */
	h->settle = db_batch_new(db, l, DB_WORK, SQL_HOOK_SETTLE, "ttttittii");
	timer_start(s->loop, &h->poll, 0, on_poll);
	timer_start(s->loop, &h->sweep, SWEEP_EVERY_MS, on_sweep);
	return h;
}

void hooks_stop(struct hooks *h)
{
	h->stopping = true;
	timer_stop(h->settings.loop, &h->poll);
	timer_stop(h->settings.loop, &h->sweep);
}

unsigned hooks_in_flight(const struct hooks *h)
{
	return h->in_flight + h->claiming + h->sweeping;
}

void hooks_free(struct hooks *h)
{
	hooks_stop(h);
	db_batch_free(h->settle);
	free(h);
}
