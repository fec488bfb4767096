/* floor.c - stands in for gateway/core's loop, clock, id, log and random bytes. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "id.h"
#include "log.h"
#include "loop.h"
#include "process.h"

/* ---- timers and tasks ---- */

struct loop {
	struct timer **timers; /* in no order; a timer's slot is its place, from 1 */
	size_t num, cap;
	struct task *first, **last, *running;
	int64_t now_ms;
};

struct loop *loop_new(void)
{
	struct loop *l = calloc(1, sizeof(*l));

	assert(l);
	l->last = &l->first;
	l->now_ms = clock_mono_ms();
	return l;
}

void loop_free(struct loop *l)
{
	assert(!l->num && !l->first);
	free(l->timers);
	free(l);
}

int64_t loop_now(const struct loop *l)
{
	return l->now_ms;
}

void timer_stop(struct loop *l, struct timer *t)
{
	struct timer *last;

	if (!t->slot)
		return;
	last = l->timers[--l->num];
	l->timers[t->slot - 1] = last;
	last->slot = t->slot;
	t->slot = 0;
}

void timer_start(struct loop *l, struct timer *t, int64_t after_ms, void (*fire)(struct timer *))
{
	timer_stop(l, t);
	if (l->num == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 16;
		l->timers = realloc(l->timers, l->cap * sizeof(struct timer *));
		assert(l->timers);
	}
	t->due_ms = clock_mono_ms() + (after_ms < 0 ? 0 : after_ms) + (after_ms > 0);
	t->fire = fire;
	l->timers[l->num++] = t;
	t->slot = l->num;
}

int64_t loop_next_due(const struct loop *l)
{
	int64_t due = SIM_NEVER;

	for (size_t i = 0; i < l->num; i++)
		if (l->timers[i]->due_ms < due)
			due = l->timers[i]->due_ms;
	return due;
}

static struct timer *first_due(const struct loop *l)
{
	struct timer *first = NULL;

	for (size_t i = 0; i < l->num; i++)
		if (l->timers[i]->due_ms <= l->now_ms &&
		    (!first || l->timers[i]->due_ms < first->due_ms))
			first = l->timers[i];
	return first;
}

void loop_fire(struct loop *l)
{
	struct timer *t;

	l->now_ms = clock_mono_ms();
	while ((t = first_due(l))) {
		timer_stop(l, t);
		t->fire(t);
	}
}

void loop_postpone(struct loop *l, int64_t until_ms, int64_t by_ms)
{
	for (size_t i = 0; i < l->num; i++)
		if (l->timers[i]->due_ms < until_ms)
			l->timers[i]->due_ms += by_ms;
}

void loop_defer(struct loop *l, struct task *t)
{
	if (t->queued)
		return;
	t->queued = true;
	t->next = NULL;
	*l->last = t;
	l->last = &t->next;
}

void loop_cancel(struct loop *l, struct task *t)
{
	struct task **at = &l->running;

	if (!t->queued)
		return;
	t->queued = false;
	while (*at && *at != t)
		at = &(*at)->next;
	if (!*at)
		for (at = &l->first; *at != t;)
			at = &(*at)->next;
	*at = t->next;
	if (l->last == &t->next)
		l->last = at;
}

void loop_run_tasks(struct loop *l)
{
	struct task *t;

	l->now_ms = clock_mono_ms();
	while (l->first) {
		l->running = l->first;
		l->first = NULL;
		l->last = &l->first;
		while ((t = l->running)) {
			l->running = t->next;
			t->queued = false;
			t->run(t);
		}
	}
}

/* ---- clocks: a process has its own, and the world outside the true one ---- */

int64_t clock_wall_ms(void)
{
	return SIM_EPOCH_MS + sim.now + (process_now ? process_now->wall_skew_ms : 0);
}

int64_t clock_mono_ms(void)
{
	return sim.now + (process_now ? process_now->mono_ms : 0);
}

int64_t clock_mono_us(void)
{
	return clock_mono_ms() * 1000;
}

/* ---- ids: time, then a count ---- */

static uint64_t id_count;

void ids_reset(void)
{
	id_count = 0;
}

struct id id_new(const char *prefix, int64_t wall_ms)
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	struct id id = { { 0 } };
	uint64_t upper = (uint64_t)wall_ms << 16 | 0x7000, lower = ++id_count;

	memcpy(id.text, prefix, ID_PREFIX_BYTES);
	id.text[ID_PREFIX_BYTES] = '_';
	for (int i = ID_BYTES - 1; i > ID_PREFIX_BYTES; i--) {
		id.text[i] = digits[lower & 31];
		lower = lower >> 5 | upper << 59;
		upper >>= 5;
	}
	return id;
}

bool id_valid(struct str s, const char *prefix)
{
	return s.len == ID_BYTES && str_starts(s, str_of(prefix)) && s.p[ID_PREFIX_BYTES] == '_';
}

/* ---- random bytes; by the linker's --wrap, as secret.c is linked too ---- */

void __wrap_secret_random(void *out, size_t len);

void __wrap_secret_random(void *out, size_t len)
{
	for (size_t at = 0; at < len; at += sizeof(uint64_t)) {
		uint64_t r = sim_random();

		memcpy((char *)out + at, &r, len - at < sizeof(r) ? len - at : sizeof(r));
	}
}

/* ---- the log is part of the story ---- */

void log_setup(bool json, enum log_level least)
{
	(void)json, (void)least;
}

void log_line(enum log_level level, const char *event, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	if (!sim.tracing)
		return;
	(void)level;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	story_line(process_now ? process_now->name : "-", "  log %s %s", event, text);
}
