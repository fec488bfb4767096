/* hanging_up.c - looks once a second, and tells the carriers; once each, whatever they answer. */
#include "hanging_up.h"

#include <assert.h>
#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "measure.h"

#define LOOK_MS 1000
#define AT_ONCE 50
#define CONNECT_MS 3000
#define ANSWER_MS 5000
#define ANSWER_MAX (256 * 1024)

struct hanging_up {
	struct hanging_up_settings settings;
	struct arena *arena; /* of this round */
	unsigned waiting;    /* for the database, and for answers */
	bool stopping;
	struct timer look;
};

static void on_look(struct timer *t);

/* The round ends when nothing of it is waited for. */
static void release(struct hanging_up *h)
{
	if (--h->waiting)
		return;
	arena_free(h->arena);
	h->arena = NULL;
	if (!h->stopping)
		timer_start(h->settings.loop, &h->look, LOOK_MS, on_look);
}

/* One call; in the arena of the round. */
struct ending {
	struct hanging_up *all;
	const struct provider *provider;
};

static void on_answer(void *ctx, const struct http_response *r)
{
	const struct ending *e = ctx;

	measure_request(e->provider, "hang_up", r);
	log_debug("hung_up", "http.status_code=%d", r->status); /* it may have been over already */
	release(e->all);
}

static void on_claimed(void *ctx, const struct db_result *r)
{
	static const struct http_limits limits = {
		.connect_ms = CONNECT_MS,
		.total_ms = ANSWER_MS,
		.response_max = ANSWER_MAX,
	};
	struct hanging_up *h = ctx;

	for (int i = 0; i < db_rows(r); i++) {
		const struct carrier *c = carrier_find(h->settings.carriers, db_get(r, i, 0));
		struct str id = arena_copy(h->arena, db_get(r, i, 1));
		struct ending *e = arena_alloc(h->arena, sizeof(*e));
		struct http_request request;

		if (!c)
			continue;
		*e = (struct ending){ h, c->provider };
		c->provider->calls->build_hang_up(h->arena, &c->account, id, &request);
		h->waiting++;
		http_client_send(h->settings.http, &request, &limits, on_answer, e);
	}
	release(h);
}

static void on_look(struct timer *t)
{
	struct hanging_up *h = container_of(t, struct hanging_up, look);
	const struct db_param params[] = { db_int(AT_ONCE) };

	h->arena = arena_new();
	h->waiting = 1;
	db_query(h->settings.db, DB_WORK, SQL_HANG_UP_CLAIM, DB_PARAMS(params), on_claimed, h);
}

/* ---- from start to stop ---- */

struct hanging_up *hanging_up_new(const struct hanging_up_settings *s)
{
	struct hanging_up *h = calloc(1, sizeof(*h));

	assert(h);
	h->settings = *s;
	timer_start(s->loop, &h->look, LOOK_MS, on_look);
	return h;
}

void hanging_up_stop(struct hanging_up *h)
{
	h->stopping = true;
	timer_stop(h->settings.loop, &h->look);
}

bool hanging_up_busy(const struct hanging_up *h)
{
	return h->waiting > 0;
}

void hanging_up_free(struct hanging_up *h)
{
	hanging_up_stop(h);
	if (h->arena)
		arena_free(h->arena);
	free(h);
}
