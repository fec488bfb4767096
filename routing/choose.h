/*
 * choose.h - which carrier, and which of our numbers, the next attempt goes through. Pure.
 */
#ifndef CHOOSE_H
#define CHOOSE_H

#include "provider.h"

#define CANDIDATES_MAX 8
#define ATTEMPTS_MAX 256 /* a message of 4 hours, tried every minute */

/* A number we can send from, at a carrier that is configured. */
struct candidate {
	const struct provider *provider;
	struct str number;
};

/* How an earlier attempt of the message ended. */
struct past_attempt {
	const struct provider *provider;
	bool transient; /* the carrier was busy or out of reach: it may be asked again */
};

/*
 * The candidate for the next attempt, or NULL when every carrier has refused for good or
 * ATTEMPTS_MAX is reached. Carriers not asked yet come first, in the order of `candidates`; then
 * the one asked least often. `*asked_before` says how often it was asked.
 */
const struct candidate *choose(const struct candidate *candidates, size_t candidate_num,
			       const struct past_attempt *past, size_t past_num,
			       unsigned *asked_before);

#endif
