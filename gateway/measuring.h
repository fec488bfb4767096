/*
 * measuring.h - what each worker shows of itself, twice a second; and all metrics together, for
 * GET /metrics and for DogStatsD.
 */
#ifndef MEASURING_H
#define MEASURING_H

#include "exchange.h"
#include "loop.h"
#include "metrics_read.h"

struct worker;
struct measuring; /* of one worker */

/* On the worker's own thread. */
struct measuring *measuring_new(struct worker *w);
void measuring_stop(struct measuring *m);
void measuring_free(struct measuring *m); /* after the database; NULL is harmless */

/* Called once; `all` is gone when it returns. */
typedef void measured(void *ctx, struct metrics *all);

/*
 * All metrics of this process, and those of the database unless it is away or slow; at the latest
 * in 2 s.
 */
void measuring_gather(struct worker *w, measured *done, void *ctx);

void measuring_page(struct exchange *x); /* GET /metrics */

#endif
