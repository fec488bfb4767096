/*
 * chores.h - what has to be done from time to time, each a statement that does a bounded piece of
 * it: reminders that are due, what is over. Several processes at once do each piece once.
 */
#ifndef CHORES_H
#define CHORES_H

#include "db.h"

struct chores; /* of one worker */

struct chores *chores_new(struct loop *l, struct db *d);
void chores_stop(struct chores *c);
void chores_free(struct chores *c); /* after the database */

#endif
