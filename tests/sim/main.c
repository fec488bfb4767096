/*
 * main.c - sim: runs histories by their seeds.
 *
 *   sim --seed 7 [--trace]          one history; --trace tells its story
 *   sim --from 1 --num 1000         so many, on all processors
 *   sim --for 3600                  ever new ones, for so many seconds
 *   sim --suite 100000              a test suite, in TAP; --guards: and each guard left out
 *   ... --without fence             leaves one of the guards out
 *
 * The exit status is 1 when a promise was broken; seed, moment and story of that are told.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "front.h"
#include "runner.h"
#include "sim.h"

static struct {
	struct range range;
	uint64_t suite;
	bool one, guards;
} options = { .range = { .from = 1 } };

static bool number_of(const char *word, uint64_t *out)
{
	long long n;

	if (!word || !str_number(str_of(word), &n))
		return false;
	*out = (uint64_t)n;
	return true;
}

static bool guard_of(const char *word)
{
	for (int g = GUARD_NONE + 1; word && g < GUARD_NUM; g++) {
		if (strcmp(word, guard_kinds[g].word) != 0)
			continue;
		without = (enum guard)g;
		return true;
	}
	return false;
}

/* Options with a value; false for what is none of them, or has a wrong one. */
static bool read_pair(const char *name, const char *value)
{
	uint64_t n;

	if (strcmp(name, "--without") == 0)
		return guard_of(value);
	if (!number_of(value, &n))
		return false;
	if (strcmp(name, "--seed") == 0) {
		options.one = true;
		options.range.from = n;
	} else if (strcmp(name, "--from") == 0) {
		options.range.from = n;
	} else if (strcmp(name, "--num") == 0) {
		options.range.num = n;
	} else if (strcmp(name, "--for") == 0) {
		options.range.seconds = n;
	} else if (strcmp(name, "--suite") == 0) {
		options.suite = n;
	} else {
		return false;
	}
	return true;
}

static bool read_options(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--trace") == 0)
			sim.tracing = true;
		else if (strcmp(argv[i], "--guards") == 0)
			options.guards = true;
		else if (!read_pair(argv[i], argv[i + 1]))
			return false;
		else
			i++;
	}
	return options.one || options.suite || options.range.num || options.range.seconds;
}

static void on_fatal(int signal_num)
{
	signal(signal_num, SIG_DFL);
	runner_violation(signal_num == SIGABRT ? "an assertion failed" : "a bad access");
}

int main(int argc, char **argv)
{
	if (!read_options(argc, argv)) {
		fprintf(stderr, "usage: sim --seed N [--trace] | --from N --num N | --for SECONDS |"
				" --suite N [--guards]\n"
				"       [--without GUARD]; guards:\n");
		for (int g = GUARD_NONE + 1; g < GUARD_NUM; g++)
			fprintf(stderr, "  %-14s %s\n", guard_kinds[g].word,
				guard_kinds[g].promise);
		return 2;
	}
	signal(SIGABRT, on_fatal);
	signal(SIGBUS, on_fatal);
	front_set_up();
	if (options.one)
		runner_one(options.range.from);
	if (options.suite)
		return runner_suite(options.suite, options.guards) ? 0 : 1;
	if (!options.range.from || options.range.seconds)
		options.range.from = (uint64_t)time(NULL) * 1000000; /* never run before */
	if (!options.one && !runner_range(&options.range))
		return 1;
	runner_free();
	return 0;
}
