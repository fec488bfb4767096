/*
 * stream.h - live events for staff: GET /v1/events, an answer that goes on (server-sent events).
 *
 * Each stream has its place in the order of events, and at most one read or one chunk under way: it
 * reads on when the client has taken what it was sent. Nothing waits for a client in memory; who
 * does not read is dropped, and comes back to where it was with Last-Event-ID.
 */
#ifndef STREAM_H
#define STREAM_H

#include "db.h"
#include "exchange.h"
#include "loop.h"

#define STREAMS_PER_ACCOUNT 50 /* of one worker */

struct streams; /* those of one worker */

/* At most `max` at once, so that others find a connection free. */
struct streams *streams_new(struct loop *l, struct db *d, unsigned max);
void streams_wake(struct streams *s, struct str account); /* something happened there */
/* Ends them: in this turn, but for those whose client is slow; none begins any more. */
void streams_stop(struct streams *s);
unsigned streams_num(const struct streams *s);
void streams_free(struct streams *s); /* only when there are none, and the database is closed */

/* Answers GET /v1/events. */
void stream_open(struct exchange *x);

#endif
