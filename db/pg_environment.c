/* pg_environment.c - each of libpq's options knows its own variable. */
#include "pg_environment.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"

#define SCOPE " -c maitred.account=*"

static void set(const PQconninfoOption *o)
{
	char scoped[512];

	if (strcmp(o->keyword, "options") == 0) {
		snprintf(scoped, sizeof(scoped), "%s" SCOPE, o->val ? o->val : "");
		setenv(o->envvar, scoped, 1);
	} else if (o->val && o->envvar) {
		setenv(o->envvar, o->val, 1);
	}
}

bool pg_environment(const char *url, char *why, unsigned long why_size)
{
	PQconninfoOption *options = PQconninfoParse(url, NULL);

	if (!options) /* not in libpq's words: they quote what may be a password */
		snprintf(why, why_size,
			 "DATABASE_URL is no URL of PostgreSQL, and no connection string.");
	for (const PQconninfoOption *o = options; o && o->keyword; o++)
		set(o);
	if (options && session_sslmode(url))
		setenv("PGSSLMODE", session_sslmode(url), 1);
	PQconninfoFree(options);
	return options;
}
