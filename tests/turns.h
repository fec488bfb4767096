/*
 * turns.h - turning a loop until something has happened, and what was logged meanwhile.
 */
#ifndef TURNS_H
#define TURNS_H

#include <unistd.h>

#include "clock.h"
#include "loop.h"
#include "testing.h"

/* Turns the loop until the condition holds; the test fails when it does not within `ms`. */
#define turn_until(loop, ms, condition)                                                            \
	do {                                                                                       \
		int64_t by_ms = clock_mono_ms() + (ms);                                            \
		while (!(condition) && clock_mono_ms() < by_ms)                                    \
			loop_turn(loop, 5);                                                        \
		if (!(condition))                                                                  \
			fail_msg("line %d: not within %d ms: %s", __LINE__, (int)(ms),             \
				 #condition);                                                      \
	} while (0)

static inline void turn_for(struct loop *l, int ms)
{
	for (int64_t by_ms = clock_mono_ms() + ms; clock_mono_ms() < by_ms;)
		loop_turn(l, 5);
}

/* Standard error, where the log goes, into a file for a while. */
struct capture {
	FILE *file;
	int old;
};

static inline void capture_begin(struct capture *c)
{
	fflush(stderr);
	c->file = tmpfile();
	c->old = dup(STDERR_FILENO);
	if (!c->file || c->old < 0 || dup2(fileno(c->file), STDERR_FILENO) < 0)
		fail_msg("standard error cannot be captured");
}

static inline struct str capture_end(struct capture *c, struct arena *a)
{
	char *p;
	long size;

	dup2(c->old, STDERR_FILENO);
	close(c->old);
	fseek(c->file, 0, SEEK_END);
	size = ftell(c->file);
	rewind(c->file);
	p = arena_zero(a, (size_t)size + 1);
	if (fread(p, 1, (size_t)size, c->file) != (size_t)size)
		fail_msg("what was captured cannot be read");
	fclose(c->file);
	return (struct str){ p, (size_t)size };
}

#endif
