/* analytics.c - the queue, one request at a time, and what its answer means for the rest. */
#include "analytics.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "amplitude.h"
#include "clock.h"
#include "log.h"
#include "measure.h"
#include "metrics.h"

#define QUEUE_MAX 1000
#define PAUSED_MAX 64
#define GATHER_MS 5000
#define CONNECT_MS 3000
#define ANSWER_MAX (256 * 1024)
#define AGAIN_MS 1000
#define AGAIN_MAX_MS 60000
#define LAST_MS 8000
#define LAST_AGAIN_MS 500

struct staff_event {
	struct staff_event *next;
	int64_t at_ms; /* monotonic */
	char who[AMPLITUDE_ID_MAX];
	size_t len;
	char json[];
};

struct analytics {
	struct analytics_settings settings;
	struct staff_event *first, **last;
	size_t num; /* waiting */
	struct staff_event *batch[AMPLITUDE_BATCH];
	size_t batch_num;
	size_t limit; /* of a batch: less after a 413 */
	bool sending, at_once, stopping;
	int64_t again_ms, not_before_ms, stop_by_ms;
	struct {
		char who[AMPLITUDE_ID_MAX];
		int64_t until_ms;
	} paused[PAUSED_MAX]; /* who sent too much, in a ring */
	size_t pauses;
	struct timer timer;
	struct arena *arena; /* of the request */
};

static void look(struct timer *t);

static void count(const char *outcome)
{
	metrics_count(METRIC_STAFF_EVENTS, LABELS(outcome));
}

static void drop(struct staff_event *e, const char *outcome)
{
	count(outcome);
	free(e);
}

/* ---- the queue ---- */

static void append(struct analytics *n, struct staff_event *e)
{
	e->next = NULL;
	*n->last = e;
	n->last = &e->next;
	n->num++;
}

static struct staff_event *unlink_at(struct analytics *n, struct staff_event **at)
{
	struct staff_event *e = *at;

	*at = e->next;
	if (!*at)
		n->last = at;
	n->num--;
	return e;
}

/* What was not taken goes in front again, in its order. */
static void put_back(struct analytics *n)
{
	while (n->batch_num) {
		struct staff_event *e = n->batch[--n->batch_num];

		e->next = n->first;
		if (!n->first)
			n->last = &e->next;
		n->first = e;
		n->num++;
	}
}

void analytics_push(struct analytics *n, struct str who, struct str event)
{
	if (!n || !who.len || who.len >= AMPLITUDE_ID_MAX)
		return;
	struct staff_event *e = malloc(sizeof(*e) + event.len);

	assert(e);
	*e = (struct staff_event){ .at_ms = clock_mono_ms(), .len = event.len };
	snprintf(e->who, sizeof(e->who), STR_FMT, STR_ARG(who));
	memcpy(e->json, event.p, event.len);
	if (n->num + n->batch_num >= QUEUE_MAX && n->first)
		drop(unlink_at(n, &n->first), "overflowed");
	append(n, e);
	/* the first starts the clock; a full batch need not wait for it */
	if (!n->sending && (!timer_running(&n->timer) || n->num == AMPLITUDE_BATCH))
		timer_start(n->settings.loop, &n->timer, 0, look);
}

/* ---- who has to wait ---- */

static void pause_who(struct analytics *n, const char *who, int64_t now)
{
	size_t slot = n->pauses++ % PAUSED_MAX;

	snprintf(n->paused[slot].who, sizeof(n->paused[slot].who), "%s", who);
	n->paused[slot].until_ms = now + AMPLITUDE_PAUSE_MS;
}

/* Until when; 0: they need not. */
static int64_t paused_until(const struct analytics *n, const char *who, int64_t now)
{
	int64_t until = 0;

	for (size_t i = 0; i < PAUSED_MAX; i++)
		if (n->paused[i].until_ms > now && n->paused[i].until_ms > until &&
		    strcmp(n->paused[i].who, who) == 0)
			until = n->paused[i].until_ms;
	return until;
}

/* ---- a request ---- */

static void settle(struct analytics *n, const struct amplitude_verdict *v, int64_t now)
{
	size_t kept = 0;

	switch (v->next) {
	case AMPLITUDE_TAKEN:
		while (n->batch_num)
			drop(n->batch[--n->batch_num], "sent");
		n->again_ms = 0;
		n->limit = AMPLITUDE_BATCH;
		break;
	case AMPLITUDE_DROP:
		for (size_t i = 0; i < n->batch_num; i++)
			if (v->which[i])
				drop(n->batch[i], "refused");
			else
				n->batch[kept++] = n->batch[i];
		n->batch_num = kept;
		break;
	case AMPLITUDE_SPLIT:
		n->limit = n->batch_num / 2;
		if (!n->limit)
			drop(n->batch[--n->batch_num], "refused");
		n->limit += !n->limit;
		break;
	case AMPLITUDE_PAUSE:
		for (size_t i = 0; i < n->batch_num; i++)
			if (v->which[i] && !paused_until(n, n->batch[i]->who, now))
				pause_who(n, n->batch[i]->who, now);
		break;
	case AMPLITUDE_AGAIN:
		n->again_ms = n->again_ms ? n->again_ms * 2 : AGAIN_MS;
		if (n->again_ms > AGAIN_MAX_MS)
			n->again_ms = AGAIN_MAX_MS;
		n->not_before_ms = now + (n->stopping ? LAST_AGAIN_MS : n->again_ms);
		break;
	}
}

static void on_answer(void *ctx, const struct http_response *r)
{
	struct analytics *n = ctx;
	struct str who[AMPLITUDE_BATCH];

	for (size_t i = 0; i < n->batch_num; i++)
		who[i] = str_of(n->batch[i]->who);
	struct amplitude_verdict v = amplitude_judge(n->arena, r, who, n->batch_num);

	measure_service("amplitude", "events", r);
	if (v.next != AMPLITUDE_TAKEN)
		log_warn("events_not_taken", "events=%zu http.status_code=%d why=%s", n->batch_num,
			 r->status, r->error ? r->error : "Amplitude said no");
	settle(n, &v, clock_mono_ms());
	put_back(n);
	arena_free(n->arena);
	n->arena = NULL;
	n->sending = false;
	n->at_once = v.next != AMPLITUDE_TAKEN; /* the rest has waited already */
	timer_start(n->settings.loop, &n->timer, 0, look);
}

static void send_batch(struct analytics *n)
{
	const struct http_limits limits = {
		.connect_ms = CONNECT_MS,
		.total_ms = n->settings.timeout_ms,
		.response_max = ANSWER_MAX,
	};
	struct str events[AMPLITUDE_BATCH];
	struct http_request request;

	for (size_t i = 0; i < n->batch_num; i++)
		events[i] = (struct str){ n->batch[i]->json, n->batch[i]->len };
	n->arena = arena_new();
	n->sending = true;
	amplitude_build(n->arena, n->settings.base_url, n->settings.api_key, events, n->batch_num,
			&request);
	http_client_send(n->settings.http, &request, &limits, on_answer, n);
}

/* Takes those that may go; 0: some may. Else when the first of those that wait may. */
static int64_t gather(struct analytics *n, int64_t now)
{
	int64_t soonest = 0;

	for (struct staff_event **at = &n->first; *at && n->batch_num < n->limit;) {
		int64_t until = paused_until(n, (*at)->who, now);

		if (!until)
			n->batch[n->batch_num++] = unlink_at(n, at);
		else
			at = &(*at)->next;
		if (until && (!soonest || until < soonest))
			soonest = until;
	}
	return n->batch_num ? 0 : soonest;
}

/* When to look again; 0: send now. */
static int64_t wait_until(struct analytics *n, int64_t now)
{
	int64_t ripe;

	if (n->not_before_ms > now)
		return n->not_before_ms;
	ripe = gather(n, now);
	if (ripe)
		return ripe;
	if (n->batch_num == n->limit || n->at_once || n->stopping)
		return 0;
	ripe = n->batch[0]->at_ms + GATHER_MS;
	return ripe > now ? ripe : 0;
}

static void look(struct timer *t)
{
	struct analytics *n = container_of(t, struct analytics, timer);
	int64_t now = clock_mono_ms(), until;

	if (n->sending)
		return;
	while (n->stopping && now >= n->stop_by_ms && n->first)
		drop(unlink_at(n, &n->first), "abandoned");
	n->at_once &= n->first != NULL;
	if (!n->first)
		return;
	until = wait_until(n, now);
	if (!until) {
		send_batch(n);
		return;
	}
	put_back(n);
	if (n->stopping && until > n->stop_by_ms)
		until = n->stop_by_ms;
	timer_start(n->settings.loop, &n->timer, until - now, look);
}

/* ---- from start to stop ---- */

struct analytics *analytics_new(const struct analytics_settings *s)
{
	struct analytics *n = calloc(1, sizeof(*n));

	assert(n);
	n->settings = *s;
	n->last = &n->first;
	n->limit = AMPLITUDE_BATCH;
	return n;
}

void analytics_stop(struct analytics *n)
{
	n->stopping = true;
	n->stop_by_ms = clock_mono_ms() + LAST_MS;
	n->not_before_ms = 0;
	if (!n->sending)
		timer_start(n->settings.loop, &n->timer, 0, look);
}

struct str analytics_version(const struct analytics *n)
{
	return n->settings.app_version;
}

bool analytics_busy(const struct analytics *n)
{
	return n->sending || n->first;
}

void analytics_free(struct analytics *n)
{
	if (!n)
		return;
	timer_stop(n->settings.loop, &n->timer);
	put_back(n);
	while (n->first)
		drop(unlink_at(n, &n->first), "abandoned");
	if (n->arena)
		arena_free(n->arena);
	free(n);
}
