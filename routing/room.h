/*
 * room.h - what all messages in flight of one worker share: carriers, connections, the batches that
 * their outcomes are committed in. Private to dispatch.c, sending.c and asking.c.
 */
#ifndef ROOM_H
#define ROOM_H

#include "batch.h"
#include "claimed.h"
#include "delivery.h"
#include "dispatch.h"

#define CONNECT_MS 3000
#define WRITE_WITHIN_MS 3000 /* of opening the attempt: past it not a byte is written */
#define ANSWER_MAX (256 * 1024)

struct room {
	const struct dispatch_settings *settings;
	struct db_batch *open, *settle, *reports;
	void (*done)(struct room *room, bool again_now); /* once per message */
};

void room_open(struct room *room, const struct dispatch_settings *s);
void room_close(struct room *room);

/* After settling: is there something to claim at once, it again or a younger text to that guest? */
bool room_more_due(const struct db_row *row, const struct settlement *s);

/* What is committed of an attempt, besides its settlement. */
struct settled_attempt {
	struct str attempt_id, carrier_id, code;
	int http_status; /* 0: none */
};

/* Commits it, with what follows for the message; see attempt_settle.sql. */
void room_settle(struct room *room, const struct claimed *m, const struct settled_attempt *t,
		 const struct settlement *s, db_row_done *done, void *ctx);

#endif
