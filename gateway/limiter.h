/*
 * limiter.h - how often a caller may ask: a token bucket each, in this worker's memory, in a table
 * of fixed size; see limiter.c for who is forgotten.
 */
#ifndef LIMITER_H
#define LIMITER_H

#include "exchange.h"

#define LIMITER_CALLERS 4096
#define LIMITER_WINDOW_S 10 /* a caller who was silent for so long may ask that much at once */

struct limiter;

/* `rate`: requests per second of each caller. */
struct limiter *limiter_new(long rate);
void limiter_free(struct limiter *l); /* NULL is harmless */

struct limiter_verdict {
	bool admitted;
	unsigned left;	 /* requests that may follow at once */
	unsigned full_s; /* seconds until the bucket is full again */
};

/*
 * Takes one request from the bucket of who sent `authorization`, or of the address when it is
 * empty. An authorization that was not seen lately costs its address one as well: who makes up a
 * new one for each request is held to the pace of one caller. Without an address it costs none.
 */
struct limiter_verdict limiter_take(struct limiter *l, struct str authorization, struct str address,
				    int64_t now_ms);

/* The same for `x`, sent by `who`, with its headers. False when it asked too often. */
bool limiter_admit(struct limiter *l, struct exchange *x, struct str who, int64_t now_ms);

#endif
