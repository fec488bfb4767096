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

/* Runs one SQL text that is known at build time: the demo restaurant of `maitred dev`. */
bool migrate_run(const char *url, const char *sql, char *why, unsigned long why_size);

#endif
