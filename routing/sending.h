/*
 * sending.h - the flow of one attempt at sending one message: choose, open, send, settle. Private
 * to dispatch.c.
 */
#ifndef SENDING_H
#define SENDING_H

#include "room.h"

/* Starts the flow, taking `m` and its arena over; ends with room->done(). */
void sending_start(struct room *room, struct claimed *m, struct arena *arena);

#endif
