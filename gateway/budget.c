/* budget.c - splits the connections that a database plan allows. */
#include "budget.h"

#include "db.h"

/* For `maitred migrate`, a backup, and whoever has to look with psql when all else is taken. */
#define OPERATORS 2

unsigned budget_share(const struct config *c, struct buf *problems)
{
	long workers = c->processes * c->workers;
	long share = workers ? (c->database_connections - OPERATORS) / workers : 0;

	if (!c->database_connections || share > DB_CONNECTIONS_MAX)
		return DB_CONNECTIONS_MAX;
	if (workers && share < DB_FOR_STAFF)
		buf_printf(problems,
			   "DATABASE_CONNECTIONS is too low: %ld workers (PROCESSES times WORKERS) "
			   "need %d each, and %d are for operators: %ld in all.\n",
			   workers, DB_FOR_STAFF, OPERATORS, workers * DB_FOR_STAFF + OPERATORS);
	return (unsigned)share;
}
