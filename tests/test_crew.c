/* test_crew.c - jobs run on threads and come back to their loop, each exactly once. */
#include "testing.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "crew.h"

enum { THREADS = 3, WAITING = 5, PLACES = THREADS + WAITING, ROUNDS = 200 };

struct errand {
	struct job job;
	unsigned worked, finished;
	unsigned rounds; /* how often done() submits it again */
	bool elsewhere, at_home, undisturbed;
};

static pthread_t home;
static struct crew *crew;
static atomic_uint at_once, most_at_once;
static sem_t gate;

static void note_most(void)
{
	unsigned now = atomic_fetch_add(&at_once, 1) + 1, most = atomic_load(&most_at_once);

	while (now > most && !atomic_compare_exchange_weak(&most_at_once, &most, now))
		;
}

static void work(struct job *j)
{
	struct errand *e = container_of(j, struct errand, job);
	sigset_t blocked;

	note_most();
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	e->undisturbed = sigismember(&blocked, SIGTERM) && sigismember(&blocked, SIGINT);
	e->elsewhere = !pthread_equal(pthread_self(), home);
	e->worked++;
	atomic_fetch_sub(&at_once, 1);
}

static void work_at_gate(struct job *j)
{
	note_most();
	sem_wait(&gate);
	container_of(j, struct errand, job)->worked++;
	atomic_fetch_sub(&at_once, 1);
}

static void done(struct job *j)
{
	struct errand *e = container_of(j, struct errand, job);

	e->at_home = pthread_equal(pthread_self(), home);
	e->finished++;
	if (e->rounds && e->rounds--)
		crew_submit(crew, j);
}

static struct loop *start(void)
{
	struct loop *l = loop_new();

	home = pthread_self();
	atomic_store(&most_at_once, 0);
	crew = crew_new(l, THREADS, WAITING);
	check("new", !crew_busy(crew) && !crew_full(crew));
	return l;
}

static void finish(struct loop *l)
{
	for (int i = 0; crew_busy(crew) && i < 10000; i++)
		loop_turn(l, 10);
	check("comes to rest", crew_busy(crew) == 0);
	crew_free(crew);
	loop_free(l);
}

static void once(void **state)
{
	struct loop *l = start();
	struct errand errands[PLACES] = { 0 };
	sigset_t blocked;

	(void)state;
	for (size_t i = 0; i < COUNT(errands); i++) {
		errands[i] = (struct errand){ .job = { .work = work, .done = done },
					      .rounds = ROUNDS };
		crew_submit(crew, &errands[i].job);
	}
	finish(l);
	for (size_t i = 0; i < COUNT(errands); i++) {
		check("worked", errands[i].worked == ROUNDS + 1);
		check("done", errands[i].finished == ROUNDS + 1);
		check("on a thread", errands[i].elsewhere && errands[i].undisturbed);
		check("on the loop", errands[i].at_home);
	}
	check("not more than its threads", atomic_load(&most_at_once) <= THREADS);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	check("our own signals are as before", !sigismember(&blocked, SIGTERM));
}

static void bounded(void **state)
{
	struct loop *l = start();
	struct errand errands[PLACES] = { 0 };

	(void)state;
	sem_init(&gate, 0, 0);
	for (size_t i = 0; i < COUNT(errands); i++) {
		check("not full", !crew_full(crew) && crew_busy(crew) == i);
		errands[i] = (struct errand){ .job = { .work = work_at_gate, .done = done } };
		crew_submit(crew, &errands[i].job);
	}
	check("full", crew_full(crew) && crew_busy(crew) == PLACES);
	for (int i = 0; atomic_load(&at_once) < THREADS && i < 10000; i++)
		loop_turn(l, 1);
	check("all threads are at it", atomic_load(&at_once) == THREADS);
	loop_turn(l, 5);
	check("none came back by itself", crew_full(crew));
	sem_post(&gate);
	for (int i = 0; crew_full(crew) && i < 10000; i++)
		loop_turn(l, 1);
	check("a place is free", crew_busy(crew) == PLACES - 1);
	for (size_t i = 1; i < COUNT(errands); i++)
		sem_post(&gate);
	finish(l);
	for (size_t i = 0; i < COUNT(errands); i++)
		check("once", errands[i].worked == 1 && errands[i].finished == 1);
	sem_destroy(&gate);
}

static void idle(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		finish(start());
	crew_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(once),
		cmocka_unit_test(bounded),
		cmocka_unit_test(idle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
