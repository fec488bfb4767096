/*
 * pipeline.h - runs other programs, each reading what the one before it writes. Blocks: for
 * commands only, which have no event loop.
 */
#ifndef PIPELINE_H
#define PIPELINE_H

#include <stddef.h>

struct stage {
	const char *argv[12]; /* NULL ends it; found by PATH */
	const char *package;  /* Debian's, for who does not have it */
};

/*
 * The first reads `in`, the last writes `out` (file descriptors; they stay open). Waits for all.
 * Returns an exit status (sysexits.h); what went wrong is said on standard error, by the program
 * itself or, when it could not be started, by us.
 */
int pipeline_run(const struct stage *stages, size_t num, int in, int out);

#endif
