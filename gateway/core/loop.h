/*
 * loop.h - one thread's event loop: libh2o's, with what it lacks. Timers of any length, work at the
 * end of the turn, file descriptors to watch, and a way in from other threads.
 *
 * Everything here belongs to the loop's own thread, but for loop_post() and loop_stop().
 */
#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

struct loop *loop_new(void);
void loop_free(struct loop *l); /* nothing of it may be in use */
void *loop_h2o(struct loop *l); /* its h2o_loop_t, for the thin modules around libh2o */

void loop_run(struct loop *l);			 /* until loop_stop() */
void loop_stop(struct loop *l);			 /* any thread, and signal handlers */
void loop_turn(struct loop *l, int max_wait_ms); /* one round: events, timers, tasks */
int64_t loop_now(const struct loop *l);		 /* clock_mono_ms(), read once per turn */

/* A timer: embedded in its owner, all zero before use, fired once, on the loop, never early. */
struct timer {
	int64_t due_ms;
	size_t slot; /* place in the heap, counted from 1; 0 when not running */
	void (*fire)(struct timer *);
};

void timer_start(struct loop *l, struct timer *t, int64_t after_ms, void (*fire)(struct timer *));
void timer_stop(struct loop *l, struct timer *t); /* harmless when not running */

static inline bool timer_running(const struct timer *t)
{
	return t->slot != 0;
}

/* A task: embedded in its owner, all zero before use, run once. */
struct task {
	void (*run)(struct task *);
	struct task *next;
	bool queued;
};

/* Runs it at the end of this turn (or of the next, when called from a task). Queued twice: once. */
void loop_defer(struct loop *l, struct task *t);
/* It will not run. Harmless when not queued; never for a task that was posted. */
void loop_cancel(struct loop *l, struct task *t);
/* As loop_defer(), from any thread; the task must stay alive until it has run. */
void loop_post(struct loop *l, struct task *t);

/* A file descriptor being watched. The watch uses a duplicate: the caller closes its own. */
struct watch;
typedef void watch_ready(void *ctx);

struct watch *watch_new(struct loop *l, int fd, void *ctx);	  /* NULL: out of descriptors */
void watch_free(struct watch *w);				  /* NULL is harmless; any time */
void watch_read(struct watch *w, watch_ready *on_readable);	  /* level-triggered; NULL stops */
void watch_write_once(struct watch *w, watch_ready *on_writable); /* fires once */

/* The struct that holds `member` at `ptr`. */
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

#endif
