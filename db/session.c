/* session.c - the settings of a connection, its question about the server, its statements. */
#include "session.h"

#include <string.h>

#include "statements.h"

/*
 * Custom plans: a plan for any number of rows takes arrays for short, and loops over them. No
 * bitmaps: a claim would read and sort the whole queue, which it takes for short before an analyse.
 */
static const char options[] = "-c statement_timeout=10s -c plan_cache_mode=force_custom_plan "
			      "-c enable_bitmapscan=off -c client_min_messages=warning";

/* A 2xx means that a row is committed: a server that may forget it is none for us. */
static const char memory_question[] =
	"SELECT name FROM pg_settings WHERE setting = 'off' "
	"AND name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name";

PGconn *session_connect(const char *url)
{
	const char *const keys[] = { "dbname",	"application_name", "client_encoding",
				     "options", "tcp_user_timeout", "keepalives_idle",
				     NULL };
	const char *const values[] = {
		url, "maitred", "UTF8", options, "10000", "10", NULL
	}; /* a server that froze: ms, s */

	return PQconnectStartParams(keys, values, 1);
}

static bool listen_on(PGconn *pg, const char *channel)
{
	char sql[80] = "LISTEN ";

	strncat(sql, channel, sizeof(sql) - sizeof("LISTEN "));
	return PQsendQueryParams(pg, sql, 0, NULL, NULL, NULL, NULL, 0);
}

bool session_begin(PGconn *pg, const char *const *channels)
{
	if (PQsetnonblocking(pg, 1) || !PQenterPipelineMode(pg) ||
	    !PQsendQueryParams(pg, memory_question, 0, NULL, NULL, NULL, NULL, 0))
		return false;
	for (int i = 0; i < SQL_NUM; i++)
		if (!PQsendPrepare(pg, statements[i].name, statements[i].text, 0, NULL))
			return false;
	for (; channels && *channels; channels++)
		if (!listen_on(pg, *channels))
			return false;
	return PQpipelineSync(pg);
}

const char *session_forgets(const PGresult *r)
{
	return PQntuples(r) ? PQgetvalue(r, 0, 0) : NULL;
}
