/*
 * dispatch.c - claims due messages in batches while there is room, and starts a flow for each: a
 * sending, or, when the outcome of its last attempt is unknown, an asking.
 * The queue is polled; being woken only makes it sooner.
 */
#include "dispatch.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "asking.h"
#include "crash.h"
#include "sending.h"

#define POLL_MS 1000
#define LEASE_MARGIN_MS 5000 /* beyond what an attempt may take */
#define SWEEP_MAX 500
#define NO_VALIDITY_MS 60000 /* no time is named after which it is dropped: by policy */
#define CLAIM_MIN 32	     /* claiming fewer at a time costs a commit each */

struct dispatch {
	struct room room; /* first: done() finds the dispatch by it */
	struct dispatch_settings settings;
	unsigned in_flight;
	uint64_t claims; /* made so far: a part of each one's name */
	char claim[96];	 /* the name of the one that is on its way */
	bool claiming;	 /* a claim is on its way */
	bool sweeping;	 /* so is a sweep */
	bool woken;	 /* something may be due that no claim has looked for */
	bool stopping;
	struct timer poll, sweep;
};

static void claim(struct dispatch *d);

static void on_poll(struct timer *t)
{
	struct dispatch *d = container_of(t, struct dispatch, poll);

	timer_start(d->settings.loop, &d->poll, POLL_MS, on_poll);
	claim(d);
}

static void on_claimed(void *ctx, const struct db_result *r)
{
	struct dispatch *d = ctx;
	int n = db_rows(r);

	d->claiming = false;
	if (n > 0)
		crash_point(claimed);
	for (int i = 0; i < n; i++) {
		struct arena *arena = arena_new();
		struct claimed *m = arena_alloc(arena, sizeof(*m));

		claimed_read(m, arena, d->settings.carriers, str_of(d->claim), r, i);
		d->in_flight++;
		(m->live.attempt_id.len ? asking_start : sending_start)(&d->room, m, arena);
	}
	if (n > 0 || d->woken) /* there may be more: also once there is room again */
		dispatch_wake(d);
}

static void claim(struct dispatch *d)
{
	unsigned room = d->settings.in_flight_max - d->in_flight;

	if (d->claiming || d->stopping || room < CLAIM_MIN)
		return;
	snprintf(d->claim, sizeof(d->claim), "%s/%" PRIu64, d->settings.who, ++d->claims);
	const struct db_param params[] = {
		db_text(str_of(d->claim)),
		db_int(room),
		db_int(WRITE_WITHIN_MS + d->settings.timeout_ms + LEASE_MARGIN_MS),
	};
	d->claiming = true;
	d->woken = false;
	db_query(d->settings.db, DB_WORK, SQL_QUEUE_CLAIM, DB_PARAMS(params), on_claimed, d);
}

/* ---- what was accepted and never reported on ---- */

static void on_swept(void *ctx, const struct db_result *r)
{
	struct dispatch *d = ctx;

	d->sweeping = false;
	if (db_rows(r) && db_get_int(r, 0, 0))
		dispatch_wake(d);
}

static void on_sweep(struct timer *t)
{
	struct dispatch *d = container_of(t, struct dispatch, sweep);
	const struct db_param params[] = {
		db_int(d->settings.receipt_ms),
		db_int(d->settings.receipt_end_ms),
		db_int(SWEEP_MAX),
	};

	timer_start(d->settings.loop, &d->sweep, d->settings.receipt_ms / 4 + 1, on_sweep);
	d->sweeping = true;
	db_query(d->settings.db, DB_WORK, SQL_ATTEMPT_UNHEARD, DB_PARAMS(params), on_swept, d);
}

/* ---- the whole ---- */

int64_t dispatch_dead_after_ms(const struct dispatch_settings *s, const struct outbound *way)
{
	return WRITE_WITHIN_MS + s->timeout_ms + s->grace_ms +
	       (way->can_expire ? s->validity_s * INT64_C(1000) : NO_VALIDITY_MS);
}

void dispatch_wake(struct dispatch *d)
{
	d->woken = true;
	claim(d);
}

static void on_done(struct room *room, bool again_now)
{
	struct dispatch *d = container_of(room, struct dispatch, room);

	d->in_flight--;
	if (again_now || d->woken)
		dispatch_wake(d);
}

struct dispatch *dispatch_new(const struct dispatch_settings *s)
{
	struct dispatch *d = calloc(1, sizeof(*d));

	assert(d && s->in_flight_max >= CLAIM_MIN);
	d->settings = *s;
	d->room.done = on_done;
	room_open(&d->room, &d->settings);
	timer_start(s->loop, &d->poll, 0, on_poll);
	timer_start(s->loop, &d->sweep, s->receipt_ms / 4 + 1, on_sweep);
	return d;
}

void dispatch_stop(struct dispatch *d)
{
	d->stopping = true;
	timer_stop(d->settings.loop, &d->poll);
	timer_stop(d->settings.loop, &d->sweep);
}

unsigned dispatch_in_flight(const struct dispatch *d)
{
	return d->in_flight + d->claiming + d->sweeping;
}

void dispatch_free(struct dispatch *d)
{
	timer_stop(d->settings.loop, &d->poll);
	timer_stop(d->settings.loop, &d->sweep);
	room_close(&d->room);
	free(d);
}
