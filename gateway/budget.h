/*
 * budget.h - how many connections to the database each worker may have, of those that it allows us.
 */
#ifndef BUDGET_H
#define BUDGET_H

#include "config.h"

/* DATABASE_CONNECTIONS by PROCESSES and WORKERS; a problem when they cannot be split. */
unsigned budget_share(const struct config *c, struct buf *problems);

/* Of a worker's share, those that the server itself sees: one, when a pooler shares the others. */
unsigned budget_direct(const struct config *c, unsigned share);

#endif
