/*
 * http_lane.h - the requests to one host: so many at once, the others behind each other. libcurl
 * has such a limit too, but there new ones pass those that wait, until it is too late for them.
 * Private to http_client.c.
 */
#ifndef HTTP_LANE_H
#define HTTP_LANE_H

#include "http_transfer.h"

struct lane {
	struct lane *next;	    /* another host's */
	struct call *first, **last; /* that wait */
	unsigned running;
	struct str host; /* "https://api.example.com", in this same block */
};

struct lanes {
	struct lane *first;
	unsigned max_per_host;
};

/* Into its host's lane, made when it is the first there: it waits. */
void lanes_enter(struct lanes *all, struct call *c, struct str url);

/* One that need not wait any longer, and counts as running from now on; NULL: none. */
struct call *lanes_next(struct lanes *all);

/* Those that have waited past begin_by_ms, by `behind`; they have left. */
struct call *lanes_overdue(struct lanes *all, int64_t now_ms);

bool lanes_wait(const struct lanes *all); /* does any request wait? */

/* A running one has ended. */
void lane_leave(struct lanes *all, struct call *c);

#endif
