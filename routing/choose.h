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
	unsigned pace; /* of the number, in segments per 1000 s; 0: none */
};

/* How an earlier attempt of the message ended. */
struct past_attempt {
	const struct provider *provider;
	bool transient; /* the carrier was busy or out of reach: it may be asked again */
};

/* How its carrier is just now; all zero: well. */
struct standing {
	bool drained;	  /* an operator took it out */
	bool out;	  /* its breaker is open, and this is not the probe */
	bool busy;	  /* as much is on its way to it as it takes */
	int64_t retry_ms; /* out: when it is tried again */
	unsigned shift;	  /* percent of first tries that go elsewhere */
};

/*
 * The candidate for the next attempt, or NULL when every carrier has refused for good or
 * ATTEMPTS_MAX is reached. Carriers not asked yet come first, in the order of `candidates`; then
 * the one asked least often. `*asked_before` says how often it was asked. How the carriers are just
 * now is left aside: this tells whether anybody is left to ask at all.
 */
const struct candidate *choose(const struct candidate *candidates, size_t candidate_num,
			       const struct past_attempt *past, size_t past_num,
			       unsigned *asked_before);

struct choosing {
	const struct candidate *candidates;
	const struct standing *standings; /* one for each candidate */
	size_t candidate_num;
	const struct past_attempt *past;
	size_t past_num;
	unsigned draw; /* 0..99, at random: which share this message belongs to */
};

struct choice {
	const struct candidate *candidate; /* NULL: none just now, or none at all */
	unsigned wait_ms;		   /* NULL: look again then; 0: nobody is left to ask */
};

/*
 * As choose(), among those that are fit just now. When all carriers are out, the one that is tried
 * again first is taken nevertheless: a breaker spares a carrier, it never stops the house.
 */
struct choice choose_route(const struct choosing *in);

#endif
