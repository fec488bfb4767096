/*
 * once.h - one statement for a command: connects, asks, tells, and is gone.
 */
#ifndef ONCE_H
#define ONCE_H

#include "db.h"
#include "gateway.h"

/*
 * Reads the configuration, runs the statement for all accounts and gives its rows to `tell`, which
 * returns the exit status. When the configuration or the database is not right, says so.
 */
int once(enum statement statement, struct db_params params,
	 int (*tell)(void *ctx, const struct db_result *r), void *ctx);

#endif
