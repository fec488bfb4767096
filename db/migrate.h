/*
 * migrate.h - brings a database to the schema this program was built with. The one blocking user of
 * libpq; runs before any loop.
 */
#ifndef MIGRATE_H
#define MIGRATE_H

#include <stdbool.h>

/*
 * Applies the migrations that are missing, each in a transaction, under an advisory lock: two at
 * once wait for each other. False, with `why` filled, when the database cannot be reached, is newer
 * than this program, or a migration fails.
 */
bool migrate(const char *url, char *why, unsigned long why_size);

/*
 * Whether migrations are missing. False also when the database cannot be reached within 5 s: then
 * nothing is known.
 */
bool migrate_missing(const char *url);

enum migrate_spread {
	SPREAD_DONE,
	SPREAD_NO_CITUS, /* the server is not of Citus: nothing was done */
	SPREAD_FAILED,	 /* as migrate(); nothing was done */
};

/*
 * Spreads the tables over the machines of Citus: see db/functions/distribute.sql. `tell` is given
 * each statement; with `only_tell` none is run, and any server will do.
 */
enum migrate_spread migrate_distribute(const char *url, bool only_tell,
				       void (*tell)(const char *statement), char *why,
				       unsigned long why_size);

/* Runs one SQL text that is known at build time: the demo restaurant of `maitred dev`. */
bool migrate_run(const char *url, const char *sql, char *why, unsigned long why_size);

#endif
