/*
 * suite.c - TAP: the histories of a fixed range of seeds; that a seed always is the same history;
 * and that each guard is missed when it is left out: a simulation that cannot fail shows nothing.
 */
#include "suite.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "history.h"
#include "runner.h"

#define FIRST_SEED 1
#define GUARD_SEEDS 20000
#define SAME_SEEDS 8

void totals_tell(const struct totals *t)
{
	printf("# %" PRIu64 " histories: %" PRIu64 " virtual hours, %" PRIu64 " moments, %" PRIu64
	       " statements\n",
	       t->histories, t->virtual_ms / 3600000, t->events, t->statements);
	printf("# %" PRIu64 " messages, %" PRIu64 " attempts, %" PRIu64 " texts, %" PRIu64
	       " callbacks, %" PRIu64 " guests' texts; %" PRIu64 " crashes, %" PRIu64
	       " stops, %" PRIu64 " late proofs\n",
	       t->messages, t->attempts, t->texts, t->callbacks, t->replies, t->crashes, t->pauses,
	       t->late);
	printf("# messages by rank:");
	for (size_t i = 0; i < sizeof(t->ended) / sizeof(*t->ended); i++)
		printf(" %" PRIu64, t->ended[i]);
	printf("\n");
	for (int f = 0; f < FAULT_KINDS; f++)
		printf("# %9" PRIu64 "  %s\n", t->strikes[f], fault_kinds[f].words);
}

/* Runs it in a process of its own. */
static pid_t apart(void (*run)(const void *), const void *arg)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	assert(pid >= 0);
	if (!pid) {
		run(arg);
		fflush(stdout);
		_exit(0);
	}
	return pid;
}

static int exit_status(pid_t pid)
{
	int status;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* ---- the same seed is the same history ---- */

struct telling {
	const char *file;
	bool after_others; /* histories before it leave nothing behind */
};

static void tell(const void *arg)
{
	const struct telling *t = arg;

	for (uint64_t seed = 1000; t->after_others && seed < 1020; seed++)
		history_run(seed);
	if (!freopen(t->file, "w", stdout))
		abort();
	sim.tracing = true;
	for (uint64_t seed = FIRST_SEED; seed < FIRST_SEED + SAME_SEEDS; seed++)
		history_run(seed);
}

static bool same_files(const char *a, const char *b)
{
	FILE *x = fopen(a, "r"), *y = fopen(b, "r");
	long num = 0;
	int c = 0, d = 0;

	assert(x && y);
	while (c == d && c != EOF) {
		c = getc(x);
		d = getc(y);
		num++;
	}
	fclose(x);
	fclose(y);
	return c == d && num > 10000;
}

static bool always_the_same(void)
{
	char first[200], second[200];
	const char *folder = getenv("TMPDIR");
	struct telling a = { first, false }, b = { second, true };

	snprintf(first, sizeof(first), "%s/sim-%d-a", folder ? folder : "/tmp", (int)getpid());
	snprintf(second, sizeof(second), "%s/sim-%d-b", folder ? folder : "/tmp", (int)getpid());
	int bad = exit_status(apart(tell, &a)) + exit_status(apart(tell, &b));
	bool same = !bad && same_files(first, second);
	unlink(first);
	unlink(second);
	return same;
}

/* ---- guards ---- */

static void miss(const void *arg)
{
	without = *(const enum guard *)arg;
	runner_hush();
	for (uint64_t seed = FIRST_SEED; seed < FIRST_SEED + GUARD_SEEDS; seed++)
		history_run(seed);
}

/* ---- all ---- */

static bool result(unsigned *n, bool good, const char *what, const char *more)
{
	printf("%sok %u - %s%s\n", good ? "" : "not ", ++*n, what, more);
	fflush(stdout);
	return good;
}

bool runner_suite(uint64_t num, bool guards)
{
	const struct range range = { .from = FIRST_SEED, .num = num };
	pid_t missing[GUARD_NUM] = { 0 };
	unsigned n = 0;
	bool good;

	printf("1..%d\n", 2 + (guards ? GUARD_NUM - 1 : 0));
	good = result(&n, runner_range(&range), "every promise is kept", "");
	good &= result(&n, always_the_same(), "a seed is always the same history", "");
	for (enum guard g = GUARD_NONE + 1; guards && g < GUARD_NUM; g++)
		missing[g] = apart(miss, &g);
	for (enum guard g = GUARD_NONE + 1; guards && g < GUARD_NUM; g++)
		good &= result(&n, exit_status(missing[g]) == 1,
			       "it is noticed when it is not so: ", guard_kinds[g].promise);
	return good;
}
