/*
 * sending.h - one attempt at sending one message: the steps choose, open, send, settle. Private to
 * dispatch.c and sending.c.
 */
#ifndef SENDING_H
#define SENDING_H

#include "batch.h"
#include "delivery.h"
#include "dispatch.h"
#include "flow.h"
#include "id.h"

/* What every sending of a worker shares. */
struct sending_room {
	const struct dispatch_settings *settings;
	struct db_batch *open, *settle;
	void (*done)(struct sending_room *room, bool again_now); /* once per sending */
};

/* A claimed message, as queue_claim.sql returns it. */
struct claimed {
	struct str account_id, message_id, phone, body, number, numbers, attempts;
};

/* Starts the flow; strings are copied. It frees itself and calls room->done() when it ends. */
void sending_start(struct sending_room *room, const struct claimed *m);

/* The batches of a room, with the columns its statements want. */
void sending_room_open(struct sending_room *room, const struct dispatch_settings *s);

#endif
