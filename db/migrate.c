/*
 * migrate.c - forward-only migrations, applied in the order of their names; then the functions, as
 * they are now.
 */
#include "migrate.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "functions.h"
#include "log.h"
#include "migrations.h"
#include "session.h"

/* Any number, the same in every process: "maitred" has 7 letters. */
#define LOCK_SQL "SELECT pg_advisory_lock(7)"
#define TABLE_SQL                                                                                  \
	"CREATE TABLE IF NOT EXISTS schema_migrations ("                                           \
	"name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
/* Migrations see the rows of all accounts. */
#define SCOPE_SQL "SET maitred.account = '*'"
/* Roles are the server's, not the database's: one that was restored elsewhere comes without. */
#define ROLE_SQL                                                                                   \
	"DO $$ BEGIN"                                                                              \
	" IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'maitred_app') THEN"                 \
	" CREATE ROLE maitred_app NOLOGIN; GRANT maitred_app TO CURRENT_USER; END IF;"             \
	" EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN"      \
	" RAISE WARNING 'the role maitred_app cannot be created or granted: %', SQLERRM; END $$"
#define PARTITIONS_SQL "SELECT make_callback_partitions(), grant_app()"

/* A change of a table that waits makes all wait who come to it later: so it does not for long. */
#define PATIENCE_SQL "SET lock_timeout = '1500ms'"
#define TRIES 40

static bool run(PGconn *pg, const char *sql, char *why, size_t size)
{
	PGresult *r = PQexec(pg, sql);
	ExecStatusType s = PQresultStatus(r);
	bool ok = s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK || s == PGRES_EMPTY_QUERY;

	if (!ok)
		snprintf(why, size, "%.*s", (int)strcspn(PQerrorMessage(pg), "\n"),
			 PQerrorMessage(pg));
	PQclear(r);
	return ok;
}

static bool applied(PGconn *pg, const char *name)
{
	PGresult *r = PQexecParams(pg, "SELECT 1 FROM schema_migrations WHERE name = $1", 1, NULL,
				   &name, NULL, NULL, 0);
	bool found = PQntuples(r) == 1;

	PQclear(r);
	return found;
}

static bool apply(PGconn *pg, const struct migration *m, char *why, size_t size)
{
	char record[256], detail[512];

	if (applied(pg, m->name))
		return true;
	log_info("migrating", "migration=%s", m->name);
	snprintf(record, sizeof(record), "INSERT INTO schema_migrations (name) VALUES ('%s')",
		 m->name);
	if (run(pg, "BEGIN", detail, sizeof(detail)) && run(pg, m->text, detail, sizeof(detail)) &&
	    run(pg, record, detail, sizeof(detail)) && run(pg, "COMMIT", detail, sizeof(detail)))
		return true;
	snprintf(why, size, "Migration %s failed: %s", m->name, detail);
	return false;
}

/* As they are now, whatever they were: all of them, or none. */
static bool replace_functions(PGconn *pg, char *why, size_t size)
{
	char detail[512];

	if (!run(pg, "BEGIN", why, size))
		return false;
	for (size_t i = 0; i < function_num; i++)
		if (!run(pg, functions[i].text, detail, sizeof(detail))) {
			snprintf(why, size, "db/functions/%s.sql failed: %s", functions[i].name,
				 detail);
			return false;
		}
	return run(pg, "COMMIT", why, size);
}

/* A name in the table that this program does not have: the database is ahead of the program. */
static bool known(PGconn *pg, char *why, size_t size)
{
	PGresult *r = PQexec(pg, "SELECT name FROM schema_migrations ORDER BY name DESC LIMIT 1");
	const char *newest = PQntuples(r) == 1 ? PQgetvalue(r, 0, 0) : "";
	bool ahead = strcmp(newest, migrations[migration_num - 1].name) > 0;

	if (ahead)
		snprintf(why, size,
			 "The database has migration %s, which is newer than this program.",
			 newest);
	PQclear(r);
	return !ahead;
}

static bool apply_all(PGconn *pg, char *why, size_t size)
{
	if (!run(pg, "SET client_min_messages = warning", why, size) ||
	    !run(pg, SCOPE_SQL, why, size) || !run(pg, LOCK_SQL, why, size) ||
	    !run(pg, PATIENCE_SQL, why, size) || !run(pg, TABLE_SQL, why, size) ||
	    !known(pg, why, size))
		return false;
	for (size_t i = 0; i < migration_num; i++)
		if (!apply(pg, &migrations[i], why, size))
			return false;
	return replace_functions(pg, why, size) && run(pg, ROLE_SQL, why, size) &&
	       run(pg, PARTITIONS_SQL, why, size);
}

/* Somebody was in the way: a reader of a table, or another process that does the same. */
static bool passes(const char *why)
{
	return strstr(why, "lock timeout") || strstr(why, "deadlock detected") ||
	       strstr(why, "concurrently updated");
}

/* What was done is not done again. */
static bool apply_patiently(PGconn *pg, char *why, size_t size)
{
	for (int tries = 1; !apply_all(pg, why, size); tries++) {
		PQclear(PQexec(pg, "ROLLBACK"));
		if (tries == TRIES || !passes(why))
			return false;
		log_info("migration_waits", "tries=%d", tries);
		sleep(1);
	}
	return true;
}

static PGconn *connect_now(const char *url, const char *within_s, char *why, size_t size)
{
	const char *const keys[] = { "dbname", "application_name", "sslmode", "connect_timeout",
				     NULL };
	const char *const values[] = { url, "maitred migrate", session_sslmode(url), within_s,
				       NULL };
	PGconn *pg = PQconnectdbParams(keys, values, 1);

	if (PQstatus(pg) == CONNECTION_OK)
		return pg;
	snprintf(why, size, "The database cannot be reached: %.*s",
		 (int)strcspn(PQerrorMessage(pg), "\n"), PQerrorMessage(pg));
	PQfinish(pg);
	return NULL;
}

bool migrate(const char *url, char *why, unsigned long why_size)
{
	PGconn *pg = connect_now(url, NULL, why, why_size);
	bool ok = pg && apply_patiently(pg, why, why_size);

	PQfinish(pg); /* also gives the lock back */
	return ok;
}

bool migrate_missing(const char *url)
{
	char why[600];
	PGconn *pg = connect_now(url, "5", why, sizeof(why));
	bool missing = pg && !applied(pg, migrations[migration_num - 1].name);

	PQfinish(pg);
	return missing;
}

bool migrate_run(const char *url, const char *sql, char *why, unsigned long why_size)
{
	PGconn *pg = connect_now(url, NULL, why, why_size);
	bool ok = pg && run(pg, SCOPE_SQL, why, why_size) && run(pg, sql, why, why_size);

	PQfinish(pg);
	return ok;
}

/* ---- Citus ---- */

#define HAS_CITUS_SQL "SELECT 1 FROM pg_proc WHERE proname = 'create_distributed_table'"

static bool has_citus(PGconn *pg)
{
	PGresult *r = PQexec(pg, HAS_CITUS_SQL);
	bool has = PQntuples(r) > 0;

	PQclear(r);
	return has;
}

/* All of it, or nothing. */
static bool spread(PGconn *pg, bool only_tell, void (*tell)(const char *statement), char *why,
		   size_t size)
{
	PGresult *r = PQexec(pg, "SELECT distribution()");
	bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;

	if (!ok)
		snprintf(why, size,
			 "The database lacks this version's schema: `maitred migrate` "
			 "first.");
	ok = ok && (only_tell || run(pg, "BEGIN", why, size));
	for (int row = 0; ok && row < PQntuples(r); row++) {
		tell(PQgetvalue(r, row, 0));
		ok = only_tell || run(pg, PQgetvalue(r, row, 0), why, size);
	}
	PQclear(r);
	return ok && (only_tell || run(pg, "COMMIT", why, size));
}

enum migrate_spread migrate_distribute(const char *url, bool only_tell,
				       void (*tell)(const char *statement), char *why,
				       unsigned long why_size)
{
	PGconn *pg = connect_now(url, NULL, why, why_size);
	enum migrate_spread end = SPREAD_FAILED;

	if (pg && !only_tell && !has_citus(pg))
		end = SPREAD_NO_CITUS;
	else if (pg && run(pg, SCOPE_SQL, why, why_size) && run(pg, LOCK_SQL, why, why_size) &&
		 spread(pg, only_tell, tell, why, why_size))
		end = SPREAD_DONE;
	PQfinish(pg);
	return end;
}
