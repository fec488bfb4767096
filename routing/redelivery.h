/*
 * redelivery.h - what an answer to a webhook means, and when it is tried again: the schedule of
 * Standard Webhooks. Pure.
 */
#ifndef REDELIVERY_H
#define REDELIVERY_H

#include "arena.h"
#include "http.h"

#define REDELIVERY_ANSWER_MAX 500 /* bytes that are kept of an answer */

struct redelivery {
	const char *state; /* delivered, failed, or waiting: again after delay_ms */
	int64_t delay_ms;
	bool gone;	   /* the receiver wants nothing more, ever */
	struct str answer; /* how it began, without what cannot be printed */
	struct str why;	   /* what came of it, one sentence */
};

/*
 * `tries` have failed before this one; `chance` is any number: it moves the delay by up to 10 %, so
 * that what failed together does not come again together. Strings are in the arena, or static.
 */
struct redelivery redelivery_judge(struct arena *a, int64_t tries, unsigned chance,
				   const struct http_response *r);

#endif
