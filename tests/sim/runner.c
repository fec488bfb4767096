/* runner.c - runs ranges of seeds in parallel, and shows a broken promise. */
#include "runner.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "history.h"
#include "sim.h"
#include "suite.h"

#define WORKERS_MAX 64
#define PROGRESS_S 10

static struct totals *shared; /* of each worker */
static bool silent;

void runner_one(uint64_t seed)
{
	history_run(seed);
	if (sim.tracing)
		printf("seed %" PRIu64 ": every promise was kept\n", seed);
}

void runner_free(void)
{
	sim_free();
}

void runner_hush(void)
{
	silent = true;
}

/* The story comes from the same history once more: the same seed is the same history. */
void runner_violation(const char *what)
{
	char seed[24];
	const char *args[] = { "sim", "--seed", seed, "--trace", NULL, NULL, NULL };

	if (silent)
		_exit(1);
	printf("\nBROKEN: seed %" PRIu64 ", moment %" PRIu64 ", %.3f s: %s\n", sim.seed,
	       sim.event_num, (double)sim.now / 1000, what);
	if (sim.tracing) {
		fflush(stdout);
		_exit(1);
	}
	snprintf(seed, sizeof(seed), "%" PRIu64, sim.seed);
	if (without) {
		args[4] = "--without";
		args[5] = guard_kinds[without].word;
	}
	printf("Its story (sim --seed %s --trace):\n", seed);
	fflush(stdout);
	execv("/proc/self/exe", (char *const *)args);
	_exit(1);
}

/* AddressSanitizer calls it before it ends the process. */
void __asan_on_error(void);

void __asan_on_error(void)
{
	printf("\nBROKEN: seed %" PRIu64 ", moment %" PRIu64 ": a sanitizer's finding\n", sim.seed,
	       sim.event_num);
	fflush(stdout);
}

/* ---- workers ---- */

static void work(const struct range *range, unsigned worker, unsigned workers)
{
	time_t end = time(NULL) + (time_t)range->seconds;

	for (uint64_t i = worker; !range->num || i < range->num; i += workers) {
		if (range->seconds && time(NULL) >= end)
			break;
		history_run(range->from + i);
		shared[worker] = sim.totals;
	}
	runner_free();
	exit(0); /* not _exit: leaks are looked for at the end */
}

static struct totals sum(unsigned workers)
{
	struct totals all = { 0 };

	for (unsigned w = 0; w < workers; w++)
		for (size_t i = 0; i < sizeof(all) / sizeof(uint64_t); i++)
			((uint64_t *)&all)[i] += ((const uint64_t *)&shared[w])[i];
	return all;
}

static void progress(unsigned workers, time_t begun)
{
	struct totals t = sum(workers);
	long s = (long)(time(NULL) - begun);

	printf("%6ld s  %10" PRIu64 " histories (%" PRIu64 "/s), %" PRIu64
	       " virtual hours, %" PRIu64 " messages, %" PRIu64 " crashes\n",
	       s, t.histories, t.histories / (uint64_t)(s ? s : 1), t.virtual_ms / 3600000,
	       t.messages, t.crashes);
	fflush(stdout);
}

/* Waits for all; the first that fails ends the others. */
static bool wait_for(const pid_t *pids, unsigned workers, bool tell)
{
	time_t begun = time(NULL), told = begun;
	unsigned left = workers;
	bool good = true;

	while (left) {
		int status;
		pid_t pid = waitpid(-1, &status, tell ? WNOHANG : 0);

		if (pid > 0) {
			left--;
			if (status && good)
				for (unsigned i = 0; i < workers; i++)
					if (pids[i] != pid)
						kill(pids[i], SIGKILL);
			good = good && !status;
			continue;
		}
		usleep(100000);
		if (time(NULL) - told >= PROGRESS_S) {
			progress(workers, begun);
			told = time(NULL);
		}
	}
	return good;
}

bool runner_range(const struct range *range)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned workers = processors < 1	    ? 1 :
			   processors > WORKERS_MAX ? WORKERS_MAX :
						      (unsigned)processors;
	pid_t pids[WORKERS_MAX];
	bool good;

	shared = mmap(NULL, sizeof(*shared) * workers, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert(shared != MAP_FAILED);
	fflush(stdout);
	for (unsigned w = 0; w < workers; w++) {
		pids[w] = fork();
		assert(pids[w] >= 0);
		if (!pids[w])
			work(range, w, workers);
	}
	good = wait_for(pids, workers, range->seconds);
	sim.totals = sum(workers);
	munmap(shared, sizeof(*shared) * workers);
	totals_tell(&sim.totals);
	return good;
}
