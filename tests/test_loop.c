/* test_loop.c - the event loop: timers, tasks and other threads. */
#include "turns.h"

#include <pthread.h>
#include <stdlib.h>

/* ---- timers ---- */

struct alarm {
	struct timer timer;
	struct loop *loop;
	int64_t asked_ms, started_us; /* by the real clock, not the loop's */
	unsigned fired;
	unsigned again; /* so many times more, from inside */
};

static unsigned fired_num;
static int64_t last_due_ms;

static void on_alarm(struct timer *t)
{
	struct alarm *a = container_of(t, struct alarm, timer);

	check("never early", clock_mono_us() >= a->started_us + a->asked_ms * 1000);
	check("not running any more", !timer_running(t));
	check("in the order of their times", t->due_ms >= last_due_ms);
	last_due_ms = t->due_ms;
	a->fired++;
	fired_num++;
	if (a->again && a->again--) {
		a->started_us = clock_mono_us();
		timer_start(a->loop, t, a->asked_ms, on_alarm);
	}
}

static void start(struct loop *l, struct alarm *a, int64_t after_ms)
{
	a->loop = l;
	a->asked_ms = after_ms;
	a->started_us = clock_mono_us();
	timer_start(l, &a->timer, after_ms, on_alarm);
}

static struct loop *fresh_loop(void)
{
	fired_num = 0;
	last_due_ms = 0;
	return loop_new();
}

static void one_timer(void **state)
{
	static const int64_t waits[] = { 0, 1, 2, 10, 50, -5 };
	struct loop *l = fresh_loop();

	(void)state;
	for (size_t i = 0; i < COUNT(waits); i++) {
		struct alarm a = { 0 };
		int64_t begin = clock_mono_ms();

		last_due_ms = 0;
		start(l, &a, waits[i]);
		check("running", timer_running(&a.timer) && !a.fired);
		turn_until(l, 2000, a.fired);
		check("not long after", clock_mono_ms() - begin < waits[i] + 200);
		turn_for(l, 20);
		check("once", a.fired == 1);
	}
	loop_free(l);
}

/* The loop's clock is read once per turn: a timer started late in a turn must not profit. */
static void late_in_a_turn(void **state)
{
	struct loop *l = fresh_loop();
	struct alarm a = { 0 };

	(void)state;
	loop_turn(l, 0);
	for (int64_t by = clock_mono_ms() + 30; clock_mono_ms() < by;)
		;
	loop_turn(l, 0);
	start(l, &a, 5);
	turn_until(l, 2000, a.fired);
	loop_free(l);
}

static void stopped(void **state)
{
	struct loop *l = fresh_loop();
	struct alarm a = { 0 }, b = { 0 }, c = { 0 };

	(void)state;
	timer_stop(l, &a.timer); /* never started: harmless */
	start(l, &a, 10);
	start(l, &b, 20);
	start(l, &c, 30);
	timer_stop(l, &b.timer);
	timer_stop(l, &b.timer);
	check("not running", !timer_running(&b.timer));
	start(l, &a, 40); /* started again: the new time counts */
	turn_until(l, 2000, a.fired);
	turn_for(l, 30);
	check("once each, but for the stopped one", a.fired == 1 && !b.fired && c.fired == 1);
	loop_free(l);
}

static void again_from_inside(void **state)
{
	struct loop *l = fresh_loop();
	struct alarm a = { .again = 20 };

	(void)state;
	start(l, &a, 2);
	turn_until(l, 2000, a.fired == 21);
	turn_for(l, 20);
	check("no more", a.fired == 21);
	loop_free(l);
}

/* A timer that starts itself again with 0 ms must not keep the loop from everything else. */
static void zero_from_inside(void **state)
{
	struct loop *l = fresh_loop();
	struct alarm a = { .again = 1000000 };

	(void)state;
	start(l, &a, 0);
	loop_turn(l, 0);
	check("a turn ends", a.fired >= 1 && a.again > 0);
	turn_for(l, 5);
	check("and goes on in the next", a.fired > 1);
	timer_stop(l, &a.timer);
	loop_free(l);
}

/* Thousands, started, stopped and started again in random order. */
static void thousands(void **state)
{
	enum { ALARMS = 5000 };
	struct loop *l = fresh_loop();
	struct alarm *a = calloc(ALARMS, sizeof(*a));
	unsigned running = 0;

	(void)state;
	srand(7);
	for (int i = 0; i < 4 * ALARMS; i++) {
		struct alarm *one = &a[rand() % ALARMS];

		if (rand() % 3)
			start(l, one, rand() % 300);
		else
			timer_stop(l, &one->timer);
	}
	for (int i = 0; i < ALARMS; i++)
		running += timer_running(&a[i].timer);
	check("some run", running > ALARMS / 2);
	turn_until(l, 5000, fired_num == running);
	for (int i = 0; i < ALARMS; i++)
		check("at most once", a[i].fired <= 1 && !timer_running(&a[i].timer));
	loop_free(l);
	free(a);
}

/* ---- tasks ---- */

struct work {
	struct task task;
	struct loop *loop;
	unsigned runs;
	struct work *defers, *cancels;
};

static void on_work(struct task *t)
{
	struct work *w = container_of(t, struct work, task);

	w->runs++;
	if (w->defers)
		loop_defer(w->loop, &w->defers->task);
	if (w->cancels)
		loop_cancel(w->loop, &w->cancels->task);
}

static struct work work(struct loop *l)
{
	return (struct work){ .task = { .run = on_work }, .loop = l };
}

static void deferred(void **state)
{
	struct loop *l = fresh_loop();
	struct work a = work(l), b = work(l);

	(void)state;
	a.defers = &b;
	loop_defer(l, &a.task);
	loop_defer(l, &a.task);
	check("not now", a.runs == 0);
	loop_turn(l, 1000);
	check("once, at the end of the turn", a.runs == 1);
	check("what a task defers is for the next", b.runs == 0);
	int64_t begin = clock_mono_ms();
	loop_turn(l, 1000);
	check("which does not wait", b.runs == 1 && clock_mono_ms() - begin < 500);
	loop_turn(l, 0);
	check("no more", a.runs == 1 && b.runs == 1);
	loop_free(l);
}

static void cancelled(void **state)
{
	struct loop *l = fresh_loop();
	struct work w[5];

	(void)state;
	for (size_t i = 0; i < COUNT(w); i++)
		w[i] = work(l);
	loop_cancel(l, &w[0].task); /* not queued: harmless */
	for (size_t i = 0; i < COUNT(w); i++)
		loop_defer(l, &w[i].task);
	loop_cancel(l, &w[0].task); /* the first */
	loop_cancel(l, &w[4].task); /* the last */
	loop_defer(l, &w[0].task);  /* behind all others now */
	w[1].cancels = &w[2];	    /* while they are being run */
	w[3].defers = &w[4];
	loop_turn(l, 0);
	check("the others ran", w[1].runs == 1 && w[3].runs == 1 && w[0].runs == 1);
	check("these did not", !w[2].runs && !w[4].runs);
	loop_cancel(l, &w[4].task);
	loop_turn(l, 0);
	check("nor later", !w[2].runs && !w[4].runs);
	loop_free(l);
}

/* ---- other threads ---- */

struct poster {
	struct loop *loop;
	struct work works[200];
	pthread_t thread;
};

static void *post_all(void *arg)
{
	struct poster *p = arg;

	for (size_t i = 0; i < COUNT(p->works); i++)
		loop_post(p->loop, &p->works[i].task);
	return NULL;
}

static void posted(void **state)
{
	enum { THREADS = 4 };
	struct loop *l = fresh_loop();
	struct poster *p = calloc(THREADS, sizeof(*p));
	unsigned runs = 0;

	(void)state;
	for (int t = 0; t < THREADS; t++) {
		p[t].loop = l;
		for (size_t i = 0; i < COUNT(p->works); i++)
			p[t].works[i] = work(l);
		check("thread", pthread_create(&p[t].thread, NULL, post_all, &p[t]) == 0);
	}
	for (int64_t by = clock_mono_ms() + 5000; runs < 800 && clock_mono_ms() < by;) {
		loop_turn(l, 1000);
		runs = 0;
		for (int t = 0; t < THREADS; t++)
			for (size_t i = 0; i < COUNT(p->works); i++)
				runs += p[t].works[i].runs;
	}
	check("each once", runs == 800);
	for (int t = 0; t < THREADS; t++)
		pthread_join(p[t].thread, NULL);
	loop_free(l);
	free(p);
}

static void *stop_soon(void *arg)
{
	usleep(30000);
	loop_stop(arg);
	return NULL;
}

/* It wakes a loop that waits, and a loop that is stopped before it runs does not start. */
static void stopping(void **state)
{
	struct loop *l = fresh_loop();
	int64_t begin = clock_mono_ms();
	pthread_t thread;

	(void)state;
	check("thread", pthread_create(&thread, NULL, stop_soon, l) == 0);
	loop_run(l);
	pthread_join(thread, NULL);
	check("soon", clock_mono_ms() - begin >= 30 && clock_mono_ms() - begin < 700);
	loop_stop(l);
	loop_run(l);
	loop_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_timer),	    cmocka_unit_test(late_in_a_turn),
		cmocka_unit_test(stopped),	    cmocka_unit_test(again_from_inside),
		cmocka_unit_test(zero_from_inside), cmocka_unit_test(thousands),
		cmocka_unit_test(deferred),	    cmocka_unit_test(cancelled),
		cmocka_unit_test(posted),	    cmocka_unit_test(stopping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
