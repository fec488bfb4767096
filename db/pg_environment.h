/*
 * pg_environment.h - tells PostgreSQL's own programs where the database is.
 */
#ifndef PG_ENVIRONMENT_H
#define PG_ENVIRONMENT_H

#include <stdbool.h>

/*
 * Puts what the URL (or connection string) says into PGHOST, PGPASSWORD and so on, for pg_dump and
 * pg_restore: on their command lines other users could read the password. They see the rows of all
 * accounts. False, with `why` filled, when the URL cannot be read. Only before threads start.
 */
bool pg_environment(const char *url, char *why, unsigned long why_size);

#endif
