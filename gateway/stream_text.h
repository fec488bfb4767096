/*
 * stream_text.h - what stands in a stream of events: pure functions between values and bytes.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
#ifndef STREAM_TEXT_H
#define STREAM_TEXT_H

#include <stdint.h>

#include "buf.h"

/* A place in the order of events: the last one that a reader has. */
struct place {
	uint64_t xid;
	int64_t seq;
};

/* "<xid>-<seq>", the id of an event; false when it is none. */
bool place_read(struct str id, struct place *out);

/* One event: id, type, and JSON, whose line ends become spaces. */
void stream_put_event(struct buf *b, struct place at, struct str type, struct str data);
/* "hello" or "reset": where the reader stands now. */
void stream_put_place(struct buf *b, struct place at, const char *type);
/* The last one: why the stream ends for good. */
void stream_put_end(struct buf *b, struct str why);

#endif
