/* crew.c - threads that take jobs from one list; the loop's posted tasks bring them back. */
#include "crew.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "crash_report.h"

struct crew {
	struct loop *loop;
	unsigned thread_num, waiting_max;
	unsigned busy; /* the loop's own count */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct job *first, **last; /* below `lock`: waiting, oldest first */
	bool stop;		   /* below `lock` */
	pthread_t threads[];
};

static void on_back(struct task *t)
{
	struct job *j = container_of(t, struct job, back);

	j->crew->busy--; /* before: done() may submit the next one, or free this */
	j->done(j);
}

/* NULL: the crew is being freed. */
static struct job *next_job(struct crew *c)
{
	struct job *j;

	pthread_mutex_lock(&c->lock);
	while (!c->first && !c->stop)
		pthread_cond_wait(&c->changed, &c->lock);
	j = c->first;
	if (j) {
		c->first = j->next;
		if (!c->first)
			c->last = &c->first;
	}
	pthread_mutex_unlock(&c->lock);
	return j;
}

static void *run(void *crew)
{
	struct crew *c = crew;
	struct job *j;

	crash_report_thread("crew");
	while ((j = next_job(c))) {
		j->work(j);
		loop_post(c->loop, &j->back); /* from here on it is the loop's */
	}
	crash_report_thread_end();
	return NULL;
}

static void start_threads(struct crew *c)
{
	struct crash_signals ours = crash_report_signals();
	sigset_t all, before;

	sigfillset(&all);
	for (size_t i = 0; i < ours.num; i++)
		sigdelset(&all, ours.at[i]);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* threads inherit it */
	for (unsigned i = 0; i < c->thread_num; i++) {
		int err = pthread_create(&c->threads[i], NULL, run, c);

		assert(err == 0);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

struct crew *crew_new(struct loop *l, unsigned threads, unsigned waiting_max)
{
	struct crew *c = calloc(1, sizeof(*c) + threads * sizeof(*c->threads));

	assert(c && threads);
	c->loop = l;
	c->thread_num = threads;
	c->waiting_max = waiting_max;
	c->last = &c->first;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->changed, NULL);
	start_threads(c);
	return c;
}

void crew_free(struct crew *c)
{
	if (!c)
		return;
	assert(c->busy == 0);
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
	for (unsigned i = 0; i < c->thread_num; i++)
		pthread_join(c->threads[i], NULL);
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

bool crew_full(const struct crew *c)
{
	return c->busy >= c->thread_num + c->waiting_max;
}

unsigned crew_busy(const struct crew *c)
{
	return c->busy;
}

void crew_submit(struct crew *c, struct job *j)
{
	assert(!crew_full(c));
	c->busy++;
	j->crew = c;
	j->next = NULL;
	j->back = (struct task){ .run = on_back };
	pthread_mutex_lock(&c->lock);
	*c->last = j;
	c->last = &j->next;
	pthread_cond_signal(&c->changed);
	pthread_mutex_unlock(&c->lock);
}
