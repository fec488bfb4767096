/* budget.c - splits the connections that a database plan allows. */
#include "budget.h"

#include "db.h"

/* For `maitred migrate`, a backup, and whoever has to look with psql when all else is taken. */
#define OPERATORS 2

static long workers_of(const struct config *c)
{
	return c->processes * c->workers;
}

static void complain(struct buf *problems, long workers, long each)
{
	buf_printf(problems,
		   "DATABASE_CONNECTIONS is too low: %ld workers (PROCESSES times WORKERS) "
		   "need %ld each, and %d are for operators: %ld in all.\n",
		   workers, each, OPERATORS, workers * each + OPERATORS);
}

unsigned budget_share(const struct config *c, struct buf *problems)
{
	long workers = workers_of(c), least = budget_direct(c, DB_FOR_STAFF);
	long share = workers ? (c->database_connections - OPERATORS) / workers : 0;

	if (c->database_connections && workers && share < least)
		complain(problems, workers, least);
	if (c->database_direct_url.len || !c->database_connections || share > DB_CONNECTIONS_MAX)
		return DB_CONNECTIONS_MAX;
	return (unsigned)share;
}

unsigned budget_direct(const struct config *c, unsigned share)
{
	return c->database_direct_url.len ? DB_ONE : share;
}
