/*
 * metrics_read.h - what all threads have counted, added up, and the forms in which it is told.
 */
#ifndef METRICS_READ_H
#define METRICS_READ_H

#include "metrics.h"

struct sample {
	struct sample *next;
	struct labels labels;
	double value;			      /* of a histogram: the sum, in seconds */
	uint64_t count;			      /* of a histogram: how many */
	uint64_t buckets[METRIC_BUCKETS + 1]; /* not cumulated */
};

struct metrics {
	struct arena *arena;
	struct sample *first[METRICS], **last[METRICS];
};

/* All pages added up, from any thread; in the arena. */
struct metrics *metrics_read(struct arena *a);
/* One more value, or more of it; text is borrowed. */
void metrics_put(struct metrics *all, enum metric m, struct labels l, double value);
/* Counters and histograms alone, for what they grow by; in the arena. */
struct metrics *metrics_copy(const struct metrics *all, struct arena *a);
const struct sample *metrics_find(const struct metrics *all, enum metric m, struct labels l);
/* The text exposition format, version 0.0.4. */
void metrics_text(const struct metrics *all, struct buf *out);
void metrics_process(struct metrics *all); /* adds what the system says of this process */

#endif
