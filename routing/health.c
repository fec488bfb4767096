/* health.c - the breakers of one worker, and their exchange with the database. */
#include "health.h"

#include <assert.h>
#include <stdlib.h>

#include "buf.h"
#include "clock.h"
#include "id.h"
#include "log.h"
#include "quarantine.h"
#include "secret.h"

#define SYNC_EVERY_MS 1000
#define BUDGET_MAX 100000 /* thousandths of a retry */
#define BUDGET_PER_SEND 200
#define BUDGET_PER_S 1000 /* so that a quiet restaurant can always fail over */
#define BUDGET_PER_RETRY 1000

static const char *const operation_names[] = { "send", "ask" };
static const char *const change_names[] = { NULL, "opened", "closed", "shifted" };

struct line { /* one breaker, and where it is kept */
	struct breaker breaker;
	int64_t version;
	bool wanted;   /* it is out, and somebody asked for it: worth a probe */
	bool changing; /* our change is on its way */
	/* what changed meanwhile: told when that has arrived */
	enum breaker_change untold;
	const char *untold_why;
};

struct of_carrier {
	struct line lines[OPERATIONS];
	bool drained;
	unsigned budget;
	unsigned unheard; /* receipts that had to be fetched, since last told */
};

struct health {
	struct health_settings settings;
	struct of_carrier at[CARRIERS_MAX]; /* as in settings.carriers */
	int64_t epoch;			    /* the highest seen */
	bool syncing;
	unsigned changing; /* changes on their way */
	struct timer tick;
};

static struct of_carrier *of(struct health *h, const struct provider *p)
{
	for (size_t i = 0; i < h->settings.carriers->num; i++)
		if (h->settings.carriers->at[i].provider == p)
			return &h->at[i];
	return NULL;
}

/* ---- telling the others ---- */

struct change {
	struct health *health;
	struct line *line;
	const struct provider *provider;
	enum operation operation;
};

static void tell(struct health *h, const struct provider *p, enum operation o,
		 enum breaker_change what, const char *reason);

/*
 * Row: the version now; none when another process was first. Then, and when it failed, the next
 * sync says how it is: a breaker that is open here alone would never be tried again.
 */
static void on_changed(void *ctx, const struct db_result *r)
{
	struct change *c = ctx;
	struct line *l = c->line;
	enum breaker_change untold = l->untold;

	l->version = db_rows(r) ? db_get_int(r, 0, 0) : -1;
	l->changing = false;
	l->untold = BREAKER_SAME;
	c->health->changing--;
	if (untold != BREAKER_SAME && l->version >= 0)
		tell(c->health, c->provider, c->operation, untold, l->untold_why);
	free(c);
}

static void tell(struct health *h, const struct provider *p, enum operation o,
		 enum breaker_change what, const char *reason)
{
	struct line *l = &of(h, p)->lines[o];

	if (l->changing) {
		l->untold = what;
		l->untold_why = reason;
		return;
	}
	struct id event = id_new("evt", clock_wall_ms());
	struct change *c = malloc(sizeof(*c));
	const struct db_param params[] = {
		db_text(str_of(p->name)),
		db_text(str_of(operation_names[o])),
		db_int(l->version),
		db_text(l->breaker.open ? STR("open") : STR("closed")),
		db_int(l->breaker.open ? l->breaker.open_until_ms - loop_now(h->settings.loop) : 0),
		db_int(l->breaker.times),
		db_int(l->breaker.shift),
		db_text(str_of(h->settings.who)),
		db_text(str_of(change_names[what])),
		db_text(str_of(reason)),
		db_text(id_str(&event)),
	};

	assert(c);
	*c = (struct change){ h, l, p, o };
	if (what == BREAKER_SHIFTED)
		log_info("carrier_shifted", "provider=%s operation=%s shift=%u why=%s", p->name,
			 operation_names[o], l->breaker.shift, reason);
	else
		log_warn("carrier_breaker", "provider=%s operation=%s change=%s why=%s", p->name,
			 operation_names[o], change_names[what], reason);
	l->changing = true;
	h->changing++;
	db_query(h->settings.db, DB_WORK, SQL_CARRIER_CHANGE, DB_PARAMS(params), on_changed, c);
}

/* ---- learning from the others, once a second ---- */

static enum operation operation_of(struct str name)
{
	return str_is(name, "ask") ? OPERATION_ASK : OPERATION_SEND;
}

/* ---- history that was lost ---- */

static void on_quarantined(void *ctx, const struct db_result *r)
{
	struct health *h = ctx;

	h->changing--;
	quarantine_log(r);
}

/* It falls when an asynchronous standby takes over, or a backup is restored. */
static void see_epoch(struct health *h, int64_t epoch)
{
	const struct quarantine q = { h->settings.carriers, h->epoch, h->settings.dead_after_ms,
				      h->settings.who };

	if (epoch < h->epoch) {
		h->changing++;
		quarantine_start(h->settings.db, &q, on_quarantined, h);
	}
	h->epoch = epoch > h->epoch ? epoch : h->epoch;
}

/* Row: provider, operation, state, open for (ms), times, shift, version, probe, drained, epoch. */
static void adopt(struct health *h, const struct db_result *r, int row)
{
	struct of_carrier *c = of(h, provider_find(db_get(r, row, 0)));

	if (!c)
		return;
	struct line *l = &c->lines[operation_of(db_get(r, row, 1))];

	c->drained = db_get_int(r, row, 8);
	if (l->changing)
		return;
	if (l->version != db_get_int(r, row, 6)) {
		breaker_adopt(&l->breaker, str_is(db_get(r, row, 2), "open"), db_get_int(r, row, 3),
			      (unsigned)db_get_int(r, row, 4), (unsigned)db_get_int(r, row, 5),
			      loop_now(h->settings.loop));
		l->version = db_get_int(r, row, 6);
	}
	if (db_get_int(r, row, 7)) {
		l->breaker.probe = true;
		l->wanted = false;
	}
}

static void on_synced(void *ctx, const struct db_result *r)
{
	struct health *h = ctx;

	h->syncing = false;
	for (int i = 0; i < db_rows(r); i++)
		adopt(h, r, i);
	if (db_rows(r))
		see_epoch(h, db_get_int(r, 0, 9));
}

static void sync_now(struct health *h)
{
	const struct carrier_list *carriers = h->settings.carriers;
	struct arena *a = arena_new();
	struct buf names = buf_new(a, 256), wanted = buf_new(a, 256);

	carrier_names(carriers, &names);
	for (size_t i = 0; i < carriers->num; i++) {
		const char *name = carriers->at[i].provider->name;

		for (int o = 0; o < OPERATIONS; o++)
			if (h->at[i].lines[o].wanted)
				buf_printf(&wanted, "%s%s %s", wanted.len ? "," : "", name,
					   operation_names[o]);
	}
	const struct db_param params[] = {
		db_text(str_of(h->settings.who)),
		db_text(buf_str(&names)),
		db_text(buf_str(&wanted)),
	};
	h->syncing = true;
	db_query(h->settings.db, DB_WORK, SQL_CARRIER_SYNC, DB_PARAMS(params), on_synced, h);
	arena_free(a);
}

void health_wake(struct health *h)
{
	if (!h->syncing)
		sync_now(h);
}

static void tell_silence(struct health *h);

static void on_tick(struct timer *t)
{
	struct health *h = container_of(t, struct health, tick);
	const struct carrier_list *carriers = h->settings.carriers;

	timer_start(h->settings.loop, &h->tick, SYNC_EVERY_MS, on_tick);
	for (size_t i = 0; i < carriers->num; i++) {
		struct of_carrier *c = &h->at[i];

		c->budget = c->budget + BUDGET_PER_S < BUDGET_MAX ? c->budget + BUDGET_PER_S :
								    BUDGET_MAX;
		for (enum operation o = 0; o < OPERATIONS; o++) {
			const char *reason;
			enum breaker_change what = breaker_tick(
				&c->lines[o].breaker, loop_now(h->settings.loop),
				h->settings.concurrency_max, &reason);

			/* of many that see the same, one writes it */
			if (what != BREAKER_SAME && !c->lines[o].changing)
				tell(h, carriers->at[i].provider, o, what, reason);
		}
	}
	tell_silence(h);
	health_wake(h);
}

/* ---- callbacks that do not come ---- */

/* Row: the carrier, when it seems that our webhook is broken since this time. */
static void on_silence_told(void *ctx, const struct db_result *r)
{
	struct health *h = ctx;

	h->changing--;
	for (int i = 0; i < db_rows(r); i++)
		log_error("webhook_may_be_broken",
			  "provider=" STR_FMT " why=texts arrive, but none of its callbacks do",
			  STR_ARG(db_get(r, i, 0)));
}

static void tell_silence(struct health *h)
{
	const struct carrier_list *carriers = h->settings.carriers;

	for (size_t i = 0; i < carriers->num; i++) {
		struct id event = id_new("evt", clock_wall_ms());
		const struct db_param params[] = {
			db_text(str_of(carriers->at[i].provider->name)),
			db_int(h->at[i].unheard),
			db_text(str_of(h->settings.who)),
			db_text(id_str(&event)),
		};

		if (!h->at[i].unheard)
			continue;
		h->at[i].unheard = 0;
		h->changing++;
		db_query(h->settings.db, DB_WORK, SQL_CARRIER_UNHEARD, DB_PARAMS(params),
			 on_silence_told, h);
	}
}

void health_unheard(struct health *h, const struct provider *p)
{
	of(h, p)->unheard++;
}

/* ---- before and after a request ---- */

static bool is_out(struct line *l)
{
	if (!l->breaker.open || l->breaker.probe)
		return false;
	l->wanted = true;
	return true;
}

struct standing health_standing(struct health *h, const struct provider *p, bool retry)
{
	struct of_carrier *c = of(h, p);
	struct line *l = &c->lines[OPERATION_SEND];

	return (struct standing){
		.drained = c->drained,
		.out = is_out(l),
		.busy = (l->breaker.limit && l->breaker.in_flight >= l->breaker.limit) ||
			(retry && c->budget < BUDGET_PER_RETRY),
		.retry_ms = l->breaker.open_until_ms,
		.shift = l->breaker.shift,
	};
}

bool health_may_ask(struct health *h, const struct provider *p)
{
	return !is_out(&of(h, p)->lines[OPERATION_ASK]);
}

void health_began(struct health *h, const struct provider *p, enum operation o, bool retry)
{
	struct of_carrier *c = of(h, p);

	c->lines[o].breaker.in_flight++;
	c->lines[o].breaker.probe = false; /* this was it */
	if (o != OPERATION_SEND)
		return;
	if (!retry)
		c->budget += c->budget + BUDGET_PER_SEND <= BUDGET_MAX ? BUDGET_PER_SEND : 0;
	else
		c->budget -= c->budget >= BUDGET_PER_RETRY ? BUDGET_PER_RETRY : c->budget;
}

void health_ended(struct health *h, const struct provider *p, enum operation o,
		  enum breaker_outcome outcome)
{
	struct line *l = &of(h, p)->lines[o];
	const char *reason;
	unsigned jitter;

	assert(l->breaker.in_flight);
	l->breaker.in_flight--;
	secret_random(&jitter, sizeof(jitter));
	enum breaker_change what = breaker_note(&l->breaker, outcome, loop_now(h->settings.loop),
						jitter, &reason);

	if (what != BREAKER_SAME)
		tell(h, p, o, what, reason);
}

enum breaker_outcome health_outcome(const struct http_response *r, const struct send_result *sent)
{
	if (r->held_back)
		return BREAKER_UNTRIED;
	if (r->transport != HTTP_ANSWERED || r->status >= 500 || r->status == 401 ||
	    r->status == 403)
		return BREAKER_FAILED;
	if (r->status == 429 ||
	    (sent && sent->outcome == SEND_REFUSED && sent->code->handling == HANDLING_BACK_OFF))
		return BREAKER_THROTTLED;
	if (sent && (sent->outcome == SEND_AMBIGUOUS ||
		     (sent->outcome == SEND_ACCEPTED && !sent->carrier_id.len)))
		return BREAKER_FAILED;
	return r->took_ms > BREAKER_SLOW_MS ? BREAKER_SLOW : BREAKER_OK;
}

/* ---- the whole ---- */

struct health *health_new(const struct health_settings *s)
{
	struct health *h = calloc(1, sizeof(*h));

	assert(h);
	h->settings = *s;
	for (size_t i = 0; i < s->carriers->num; i++)
		h->at[i].budget = BUDGET_MAX;
	timer_start(s->loop, &h->tick, 0, on_tick);
	return h;
}

void health_stop(struct health *h)
{
	timer_stop(h->settings.loop, &h->tick);
}

bool health_busy(const struct health *h)
{
	return h->syncing || h->changing;
}

void health_free(struct health *h)
{
	health_stop(h);
	free(h);
}
