/*
 * loop.c - the event loop: libh2o's evloop, driven by its max_wait so that a heap of timers of any
 * length fits in (libh2o 2.2.5 itself only has lists of fixed durations, on the wall clock).
 */
#include "loop.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <h2o.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clock.h"

#define MAX_WAIT_MS 1000

struct loop {
	h2o_loop_t *h2o;
	int64_t now_ms;
	struct timer **heap; /* heap[1..timer_num], earliest first; heap[0] is unused */
	size_t timer_num, timer_cap;
	struct task *first, **last; /* for the end of this turn */
	struct task *running;	    /* what is left of those that are being run */
	atomic_bool stop;
	int wake_fd;
	struct watch *wake;
	pthread_mutex_t posted_lock;
	struct task *posted; /* by other threads, newest first */
};

/* ---- timers: a binary heap, each timer knowing its slot ---- */

static void heap_set(struct loop *l, size_t slot, struct timer *t)
{
	l->heap[slot] = t;
	t->slot = slot;
}

static void heap_up(struct loop *l, struct timer *t)
{
	size_t slot = t->slot;

	while (slot > 1 && l->heap[slot / 2]->due_ms > t->due_ms) {
		heap_set(l, slot, l->heap[slot / 2]);
		slot /= 2;
	}
	heap_set(l, slot, t);
}

static void heap_down(struct loop *l, struct timer *t)
{
	size_t slot = t->slot;

	for (size_t child = slot * 2; child <= l->timer_num; child = slot * 2) {
		if (child < l->timer_num && l->heap[child + 1]->due_ms < l->heap[child]->due_ms)
			child++;
		if (l->heap[child]->due_ms >= t->due_ms)
			break;
		heap_set(l, slot, l->heap[child]);
		slot = child;
	}
	heap_set(l, slot, t);
}

void timer_stop(struct loop *l, struct timer *t)
{
	size_t slot = t->slot;

	if (!slot)
		return;
	t->slot = 0;
	struct timer *moved = l->heap[l->timer_num--];
	if (moved == t)
		return;
	heap_set(l, slot, moved);
	heap_up(l, moved);
	heap_down(l, moved);
}

void timer_start(struct loop *l, struct timer *t, int64_t after_ms, void (*fire)(struct timer *))
{
	timer_stop(l, t);
	if (l->timer_num + 2 > l->timer_cap) {
		l->timer_cap = l->timer_cap ? l->timer_cap * 2 : 64;
		l->heap = realloc(l->heap, l->timer_cap * sizeof(*l->heap));
		assert(l->heap);
	}
	/* the turn's cached clock would be behind; one more, as this one is cut to whole ms */
	t->due_ms = clock_mono_ms() + (after_ms < 0 ? 0 : after_ms) + (after_ms > 0);
	t->fire = fire;
	heap_set(l, ++l->timer_num, t);
	heap_up(l, t);
}

static void fire_due(struct loop *l)
{
	while (l->timer_num && l->heap[1]->due_ms <= l->now_ms) {
		struct timer *t = l->heap[1];

		timer_stop(l, t);
		t->fire(t);
	}
}

/* ---- tasks ---- */

void loop_defer(struct loop *l, struct task *t)
{
	if (t->queued)
		return;
	t->queued = true;
	t->next = NULL;
	*l->last = t;
	l->last = &t->next;
}

static void run_tasks(struct loop *l)
{
	struct task *t;

	l->running = l->first;
	l->first = NULL;
	l->last = &l->first;
	while ((t = l->running)) {
		l->running = t->next;
		t->queued = false;
		t->run(t);
	}
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

static void wake_up(struct loop *l)
{
	uint64_t one = 1;
	ssize_t written = write(l->wake_fd, &one, sizeof(one));

	assert(written == sizeof(one) || errno == EAGAIN); /* EAGAIN: it is awake already */
}

void loop_post(struct loop *l, struct task *t)
{
	pthread_mutex_lock(&l->posted_lock);
	t->next = l->posted;
	l->posted = t;
	pthread_mutex_unlock(&l->posted_lock);
	wake_up(l);
}

static void on_wake(void *ctx)
{
	struct loop *l = ctx;
	uint64_t count;
	ssize_t got = read(l->wake_fd, &count, sizeof(count));

	assert(got == sizeof(count) || errno == EAGAIN);
	pthread_mutex_lock(&l->posted_lock);
	struct task *t = l->posted;
	l->posted = NULL;
	pthread_mutex_unlock(&l->posted_lock);
	while (t) {
		struct task *next = t->next;

		loop_defer(l, t);
		t = next;
	}
}

/* ---- turns ---- */

static int wait_ms(const struct loop *l, int max_wait_ms)
{
	if (l->first)
		return 0;
	if (!l->timer_num)
		return max_wait_ms;
	int64_t left = l->heap[1]->due_ms - clock_mono_ms();
	return left <= 0 ? 0 : left < max_wait_ms ? (int)left : max_wait_ms;
}

void loop_turn(struct loop *l, int max_wait_ms)
{
	h2o_evloop_run(l->h2o, wait_ms(l, max_wait_ms)); /* -1 on EINTR: just another turn */
	l->now_ms = clock_mono_ms();
	fire_due(l);
	run_tasks(l);
}

void loop_run(struct loop *l)
{
	while (!atomic_load(&l->stop))
		loop_turn(l, MAX_WAIT_MS);
	atomic_store(&l->stop, false);
}

void loop_stop(struct loop *l)
{
	atomic_store(&l->stop, true);
	wake_up(l);
}

int64_t loop_now(const struct loop *l)
{
	return l->now_ms;
}

void *loop_h2o(struct loop *l)
{
	return l->h2o;
}

struct loop *loop_new(void)
{
	struct loop *l = calloc(1, sizeof(*l));

	assert(l);
	l->h2o = h2o_evloop_create();
	l->now_ms = clock_mono_ms();
	l->last = &l->first;
	pthread_mutex_init(&l->posted_lock, NULL);
	l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	assert(l->wake_fd >= 0);
	l->wake = watch_new(l, l->wake_fd, l);
	assert(l->wake);
	watch_read(l->wake, on_wake);
	return l;
}

void loop_free(struct loop *l)
{
	watch_free(l->wake);
	close(l->wake_fd);
	h2o_evloop_run(l->h2o, 0); /* libh2o disposes of closed sockets in a turn */
	pthread_mutex_destroy(&l->posted_lock);
	free(l->heap);
	free(l); /* 2.2.5 has no call that frees an evloop */
}

/* ---- watches ---- */

struct watch {
	h2o_socket_t *socket;
	void *ctx;
	watch_ready *on_readable, *on_writable; /* on_writable: NULL unless armed */
};

static void socket_readable(h2o_socket_t *s, const char *err)
{
	struct watch *w = s->data;

	(void)err; /* the descriptor's owner reads, and sees the error itself */
	if (w->on_readable)
		w->on_readable(w->ctx);
}

static void socket_writable(h2o_socket_t *s, const char *err)
{
	struct watch *w = s->data;
	watch_ready *ready = w->on_writable;

	(void)err;
	w->on_writable = NULL;
	if (ready)
		ready(w->ctx);
}

struct watch *watch_new(struct loop *l, int fd, void *ctx)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3); /* the evloop closes what it is given */

	if (copy < 0)
		return NULL;
	struct watch *w = calloc(1, sizeof(*w));
	assert(w);
	w->socket = h2o_evloop_socket_create(l->h2o, copy, H2O_SOCKET_FLAG_DONT_READ);
	w->socket->data = w;
	w->ctx = ctx;
	return w;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	h2o_socket_read_stop(w->socket);
	h2o_socket_close(w->socket);
	free(w);
}

void watch_read(struct watch *w, watch_ready *on_readable)
{
	w->on_readable = on_readable;
	if (on_readable)
		h2o_socket_read_start(w->socket, socket_readable);
	else
		h2o_socket_read_stop(w->socket);
}

void watch_write_once(struct watch *w, watch_ready *on_writable)
{
	bool armed = h2o_socket_is_writing(w->socket);

	w->on_writable = on_writable;
	if (!armed)
		h2o_socket_notify_write(w->socket, socket_writable);
}
