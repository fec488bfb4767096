/*
 * status_page.c - what the database says of queue and carriers, read at most every five seconds by
 * each worker: all who ask meanwhile are told the same.
 */
#include "status_page.h"

#include <assert.h>
#include <stdlib.h>

#include "guest_pages.h"
#include "operator.h"
#include "reply.h"
#include "worker.h"

#define KEEP_MS 5000
#define PATIENCE_MS 2000
#define SLOW_S 60
#define STUCK_S 300 /* as the alarm MaitredQueueStuck */
#define BODY_MAX 4096

/* Words of the page begin with the same: "status_carrier_up". */
enum carrier_state { CARRIER_UP, CARRIER_FAILING, CARRIER_DRAINED };

struct waiting {
	struct waiting *next;
	struct exchange *x;
};

struct status {
	struct worker *w;
	int64_t read_ms; /* monotonic; 0: never */
	bool asking, up;
	int64_t oldest_s;
	enum carrier_state carriers[CARRIERS_MAX];
	struct waiting *waiting;
	struct timer limit;
};

/* ---- what it comes to ---- */

static const char *queue_word(const struct status *s)
{
	return !s->up		     ? "unknown" :
	       s->oldest_s > STUCK_S ? "stuck" :
	       s->oldest_s > SLOW_S  ? "slow" :
				       "moving";
}

/* Some are sent by no carrier; all by the other one. */
static const char *whole_word(const struct status *s)
{
	size_t num = s->w->carriers->num, up = 0;

	for (size_t i = 0; i < num; i++)
		up += s->carriers[i] == CARRIER_UP;
	if (!s->up || !up || s->oldest_s > STUCK_S)
		return "down";
	return up < num || s->oldest_s > SLOW_S ? "degraded" : "ok";
}

static const char *carrier_word(const struct status *s, size_t i)
{
	static const char *const words[] = { "up", "failing", "drained" };

	return s->up ? words[s->carriers[i]] : "unknown";
}

/* ---- telling ---- */

static void put_json(const struct status *s, struct buf *b)
{
	const struct carrier_list *carriers = s->w->carriers;
	struct str version = s->w->config->dd_version;

	json_open(b, NULL, '{');
	json_put_str(b, "status", str_of(whole_word(s)));
	json_put_str(b, "database", str_of(s->up ? "up" : "away"));
	json_put_str(b, "queue", str_of(queue_word(s)));
	json_open(b, "carriers", '[');
	for (size_t i = 0; i < carriers->num; i++) {
		json_open(b, NULL, '{');
		json_put_str(b, "carrier", str_of(carriers->at[i].provider->name));
		json_put_str(b, "state", str_of(carrier_word(s, i)));
		json_close(b, '}');
	}
	json_close(b, ']');
	if (version.len)
		json_put_str(b, "version", version);
	else
		json_put_null(b, "version");
	json_close(b, '}');
}

static void put_word(struct buf *b, const char *as, const struct json *words, const char *of,
		     const char *what)
{
	guest_pages_put(b, as, words, arena_printf(b->arena, "status_%s_%s", of, what));
}

static void tell_page(const struct status *s, struct exchange *x)
{
	const char *asked = guest_pages_wanted(x), *language = asked ? asked : "en";
	const struct json *words = guest_pages_words(x->arena, language);
	const struct carrier_list *carriers = s->w->carriers;
	struct buf b = buf_new(x->arena, EXTRA_MAX);

	json_open(&b, NULL, '{');
	json_put_str(&b, "lang", str_of(language));
	put_word(&b, "headline", words, "is", whole_word(s));
	put_word(&b, "more", words, "more", whole_word(s));
	put_word(&b, "database", words, "database", s->up ? "up" : "away");
	put_word(&b, "queue", words, "queue", queue_word(s));
	json_open(&b, "carriers", '[');
	for (size_t i = 0; i < carriers->num; i++) {
		json_open(&b, NULL, '{');
		json_put_str(&b, "title", str_of(carriers->at[i].provider->title));
		put_word(&b, "state", words, "carrier", carrier_word(s, i));
		json_close(&b, '}');
	}
	json_close(&b, ']');
	json_put_str(&b, "version", s->w->config->dd_version);
	guest_pages_reply(x, 200, "guest/status.html",
			  (const struct json *[PARTS_MAX]){ words, guest_pages_close(&b) });
}

static void tell(const struct status *s, struct exchange *x)
{
	struct buf b = buf_new(x->arena, BODY_MAX);

	exchange_add_header(x, "vary", STR("Accept, Accept-Language"));
	if (operator_wants_page(x)) {
		tell_page(s, x);
		return;
	}
	put_json(s, &b);
	reply_json(x, 200, buf_str(&b));
}

static void tell_all(struct status *s)
{
	struct waiting *at = s->waiting;

	s->waiting = NULL;
	s->read_ms = loop_now(s->w->loop);
	while (at) {
		struct waiting *next = at->next; /* it is in the exchange's arena */

		tell(s, at->x);
		at = next;
	}
}

/* ---- reading ---- */

static void read_row(struct status *s, const struct db_result *r, int row)
{
	const struct carrier_list *carriers = s->w->carriers;
	struct str name = db_get(r, row, 0), carrier = db_get(r, row, 1);
	struct str operation = db_get(r, row, 2);
	int64_t value = db_get_int(r, row, 3);

	if (str_is(name, "maitred_queue_oldest_age_seconds"))
		s->oldest_s = value;
	for (size_t i = 0; value && i < carriers->num; i++) {
		if (!str_is(carrier, carriers->at[i].provider->name))
			continue;
		if (str_is(name, "maitred_carrier_drained"))
			s->carriers[i] = CARRIER_DRAINED;
		else if (str_is(name, "maitred_carrier_breaker_open") &&
			 str_is(operation, "send") && s->carriers[i] == CARRIER_UP)
			s->carriers[i] = CARRIER_FAILING;
	}
}

static void on_rows(void *ctx, const struct db_result *r)
{
	struct status *s = ctx;

	timer_stop(s->w->loop, &s->limit);
	s->asking = false;
	s->up = r->status == DB_OK;
	s->oldest_s = 0;
	memset(s->carriers, 0, sizeof(s->carriers));
	for (int i = 0; i < db_rows(r); i++)
		read_row(s, r, i);
	tell_all(s);
}

/* Nobody waits longer; what comes after all is kept for who asks next. */
static void on_limit(struct timer *t)
{
	struct status *s = container_of(t, struct status, limit);

	s->up = false;
	tell_all(s);
}

void status_page(struct exchange *x)
{
	struct worker *w = worker_of(x);
	struct status *s = w->status;
	struct waiting *at;

	if (s->read_ms && loop_now(w->loop) - s->read_ms < KEEP_MS) {
		tell(s, x);
		return;
	}
	at = arena_zero(x->arena, sizeof(*at));
	*at = (struct waiting){ s->waiting, x };
	s->waiting = at;
	if (!timer_running(&s->limit))
		timer_start(w->loop, &s->limit, PATIENCE_MS, on_limit);
	if (s->asking)
		return;
	s->asking = true;
	db_query(w->db, DB_DOOR, SQL_METRICS_READ, DB_NO_PARAMS, on_rows, s);
}

struct status *status_new(struct worker *w)
{
	struct status *s = calloc(1, sizeof(*s));

	assert(s);
	s->w = w;
	return s;
}

void status_free(struct status *s)
{
	if (!s)
		return;
	timer_stop(s->w->loop, &s->limit);
	free(s);
}
