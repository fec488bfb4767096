/*
 * runner.h - which histories are run, by how many processes, and what is told of them.
 */
#ifndef RUNNER_H
#define RUNNER_H

#include <stdbool.h>
#include <stdint.h>

struct range {
	uint64_t from, num; /* of seeds */
	uint64_t seconds;   /* not 0: as many as fit into that time, telling how it goes */
};

void runner_one(uint64_t seed);		      /* here; a broken promise ends the process */
bool runner_range(const struct range *range); /* on all processors; true: all was kept */
bool runner_suite(uint64_t num, bool guards); /* in TAP */
void runner_free(void);

/* Tells seed and moment of a broken promise, then its story, and ends with status 1. */
_Noreturn void runner_violation(const char *what);

#endif
