/*
 * dogstatsd.h - the metrics of this process to Datadog's agent, every 10 s, by UDP. What is lost on
 * the way is lost: counters go as what they grew by.
 */
#ifndef DOGSTATSD_H
#define DOGSTATSD_H

#include "buf.h"
#include "config.h"
#include "metrics_read.h"

#define DATAGRAM_MAX 1432 /* what one packet holds on any common network */

struct worker;
struct dogstatsd;

struct in_addr;

/* What DD_AGENT_HOST may be: an IPv4 address, or localhost. Looking up a name would block. */
bool dogstatsd_address(struct str host, struct in_addr *out);

/* Of one worker of the process. */
struct dogstatsd *dogstatsd_new(struct worker *w);
void dogstatsd_stop(struct dogstatsd *d); /* NULL is harmless */
void dogstatsd_free(struct dogstatsd *d); /* after the database; so is it here */

/* "env:production,service:maitred", as far as they are set. */
struct str dogstatsd_tags(struct arena *a, const struct config *c);

/*
 * Lines "name:value|type|#tags", each ended by a line feed. Counters, and the numbers and sums of
 * histograms, as what they have grown by since `before` (NULL: since the start); gauges as they
 * are.
 */
void dogstatsd_lines(const struct metrics *all, const struct metrics *before, struct str tags,
		     struct buf *out);

/* Takes from `*lines` as many whole ones as one datagram holds. */
struct str dogstatsd_datagram(struct str *lines);

#endif
