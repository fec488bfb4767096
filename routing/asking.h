/*
 * asking.h - the flow of a message whose attempt has an unknown outcome: the carrier is asked
 * whether it has the text, until it says so or can send it no more. Private to dispatch.c.
 */
#ifndef ASKING_H
#define ASKING_H

#include "room.h"

/* Starts the flow for m->live, taking `m` and its arena over; ends with room->done(). */
void asking_start(struct room *room, struct claimed *m, struct arena *arena);

#endif
