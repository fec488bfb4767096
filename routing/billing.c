/*
 * billing.c - one account at a time: claim, ask for the account, its subscriptions and, if there is
 * one, its overdue invoice; settle.
 */
#include "billing.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "flow.h"
#include "log.h"
#include "metering.h"
#include "recurly_line.h"

#define LOOK_EVERY_MS 2000
#define LEASE_MS 120000 /* beyond three requests and the settling */
#define AGAIN_MS INT64_C(30000)
#define AGAIN_MAX_MS INT64_C(3600000)

struct billing {
	struct billing_settings settings;
	struct recurly_line line;
	struct metering *metering;
	struct timer look;
	bool busy, again, stopping;
	uint64_t claims; /* made so far: a part of each one's name */
	char claim[96];

	/* the account under way */
	struct flow flow;
	struct arena *arena;
	struct str account, page, why; /* why: it could not be fetched */
	int64_t hints, tries;
	bool overdue; /* one of its invoices */
	struct recurly_state found;
};

static struct billing *billing_of(struct flow *f)
{
	return container_of(f, struct billing, flow);
}

/* ---- the steps ---- */

static enum flow_verdict ask_account(struct flow *f);
static enum flow_verdict ask_subscriptions(struct flow *f);
static enum flow_verdict ask_overdue(struct flow *f);
static enum flow_verdict settle(struct flow *f);

static const struct flow_step steps[] = {
	{ "account", ask_account },
	{ "subscriptions", ask_subscriptions },
	{ "overdue", ask_overdue },
	{ "settle", settle }, /* database: the state, or when to try again */
	{ NULL, NULL },
};

static void ask(struct billing *b,
		void (*build)(struct arena *, const struct recurly *, struct str,
			      struct http_request *),
		recurly_done *done)
{
	struct http_request request;

	build(b->arena, b->settings.recurly, b->account, &request);
	flow_hold(&b->flow);
	recurly_ask(&b->line, b->arena, "fetch", &request, done, b);
}

static void on_account(void *ctx, const struct recurly_told *t)
{
	struct billing *b = ctx;
	const struct recurly *r = b->settings.recurly;
	const struct json *overdue = json_get(t->body, "has_past_due_invoice");
	struct str token = json_str(t->body, "hosted_login_token");

	if (t->answer == RECURLY_OK) {
		b->overdue = overdue && overdue->type == JSON_BOOL && overdue->boolean;
		if (token.len && r->subdomain.len)
			b->page = arena_printf(b->arena,
					       "https://" STR_FMT ".recurly.com/account/" STR_FMT,
					       STR_ARG(r->subdomain), STR_ARG(token));
	} else if (t->answer == RECURLY_MISSING) {
		b->found = (struct recurly_state){ .state = "none" };
	} else {
		b->why = t->why;
	}
	flow_release(&b->flow);
}

static enum flow_verdict ask_account(struct flow *f)
{
	ask(billing_of(f), recurly_get_account, on_account);
	return FLOW_NEXT;
}

static void on_subscriptions(void *ctx, const struct recurly_told *t)
{
	struct billing *b = ctx;

	if (t->answer != RECURLY_OK)
		b->why = t->why;
	else if (!recurly_read_subscriptions(t->body, &b->found))
		b->why = STR("Recurly's answer makes no sense to us.");
	flow_release(&b->flow);
}

static enum flow_verdict ask_subscriptions(struct flow *f)
{
	struct billing *b = billing_of(f);

	if (!b->why.len && !b->found.state)
		ask(b, recurly_get_subscriptions, on_subscriptions);
	return FLOW_NEXT;
}

static void on_overdue(void *ctx, const struct recurly_told *t)
{
	struct billing *b = ctx;

	if (t->answer == RECURLY_OK)
		recurly_read_overdue(t->body, &b->found);
	else
		b->why = t->why;
	flow_release(&b->flow);
}

static enum flow_verdict ask_overdue(struct flow *f)
{
	struct billing *b = billing_of(f);

	if (!b->why.len && b->overdue && str_is(str_of(b->found.state), "active"))
		ask(b, recurly_get_overdue, on_overdue);
	return FLOW_NEXT;
}

static void on_settled(void *ctx, const struct db_result *r)
{
	struct billing *b = ctx;
	struct str before = db_rows(r) ? db_get(r, 0, 0) : STR("");

	if (b->why.len)
		log_warn("billing_not_fetched", "account=" STR_FMT " why=" STR_FMT,
			 STR_ARG(b->account), STR_ARG(b->why));
	else if (before.len && !str_is(before, b->found.state))
		log_info("billing_changed", "account=" STR_FMT " state=%s before=" STR_FMT,
			 STR_ARG(b->account), b->found.state, STR_ARG(before));
	flow_release(&b->flow);
}

static struct db_param ms_or_null(int64_t ms)
{
	return ms ? db_int(ms) : db_text_or_null(STR(""));
}

static void put_off(struct billing *b)
{
	int64_t ms = AGAIN_MS << (b->tries > 7 ? 7 : b->tries);
	const struct db_param params[] = {
		db_text(b->account),
		db_text(str_of(b->claim)),
		db_int(ms > AGAIN_MAX_MS ? AGAIN_MAX_MS : ms),
		db_text(b->why),
	};

	db_query(b->settings.db, DB_WORK, SQL_BILLING_AGAIN, DB_PARAMS(params), on_settled, b);
}

static enum flow_verdict settle(struct flow *f)
{
	struct billing *b = billing_of(f);
	const struct recurly_state *s = &b->found;

	flow_hold(f);
	if (b->why.len) {
		put_off(b);
		return FLOW_NEXT;
	}
	const struct db_param params[] = {
		db_text(b->account),	  db_text(str_of(b->claim)),
		db_int(b->hints),	  db_text(str_of(s->state)),
		ms_or_null(s->began_ms),  ms_or_null(s->since_ms),
		ms_or_null(s->until_ms),  db_text_or_null(s->subscription),
		db_text_or_null(b->page),
	};
	db_query(b->settings.db, DB_WORK, SQL_BILLING_SETTLE, DB_PARAMS(params), on_settled, b);
	return FLOW_NEXT;
}

/* ---- claiming ---- */

static void look(struct billing *b);

static void end(struct billing *b)
{
	arena_free(b->arena);
	b->arena = NULL;
	b->busy = false;
	if (b->again)
		look(b);
}

static void finish(struct flow *f, enum err err)
{
	struct billing *b = billing_of(f);

	(void)err;
	b->again = true; /* there may be more */
	end(b);
}

/* Row: account, hints, tries. */
static void on_claimed(void *ctx, const struct db_result *r)
{
	struct billing *b = ctx;

	if (!db_rows(r)) {
		end(b);
		return;
	}
	b->account = arena_copy(b->arena, db_get(r, 0, 0));
	b->hints = db_get_int(r, 0, 1);
	b->tries = db_get_int(r, 0, 2);
	b->page = b->why = STR("");
	b->overdue = false;
	b->found = (struct recurly_state){ 0 };
	flow_start(&b->flow, "billing", steps, finish);
}

static void look(struct billing *b)
{
	if (b->stopping || b->busy || recurly_resting(&b->line)) {
		b->again = b->busy;
		return;
	}
	b->busy = true;
	b->again = false;
	b->arena = arena_new();
	snprintf(b->claim, sizeof(b->claim), "%s/%" PRIu64, b->settings.who, ++b->claims);
	const struct db_param params[] = { db_text(str_of(b->claim)), db_int(LEASE_MS) };

	db_query(b->settings.db, DB_WORK, SQL_BILLING_CLAIM, DB_PARAMS(params), on_claimed, b);
}

static void on_look(struct timer *t)
{
	struct billing *b = container_of(t, struct billing, look);

	timer_start(b->settings.loop, t, LOOK_EVERY_MS, on_look);
	look(b);
}

void billing_wake(struct billing *b)
{
	look(b);
	metering_wake(b->metering);
}

/* ---- from start to stop ---- */

struct billing *billing_new(const struct billing_settings *s)
{
	struct billing *b = calloc(1, sizeof(*b));

	assert(b);
	b->settings = *s;
	b->line = (struct recurly_line){ s->loop, s->http, s->recurly, s->timeout_ms, 0 };
	b->metering = metering_new(&b->settings, &b->line);
	timer_start(s->loop, &b->look, LOOK_EVERY_MS, on_look);
	return b;
}

void billing_stop(struct billing *b)
{
	b->stopping = true;
	timer_stop(b->settings.loop, &b->look);
	metering_stop(b->metering);
}

bool billing_busy(const struct billing *b)
{
	return b->busy || metering_busy(b->metering);
}

void billing_free(struct billing *b)
{
	if (!b)
		return;
	billing_stop(b);
	metering_free(b->metering);
	if (b->arena)
		arena_free(b->arena);
	free(b);
}
