/* inspect.c - blocking libpq, with a time-out for all that it waits for. */
#include "inspect.h"

#include <arpa/inet.h>
#include <assert.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>

#include "buf.h"
#include "clock.h"
#include "migrations.h"
#include "session.h"

#define PATIENCE_MS 3000
#define NAMES_MAX 2000

/* Settings of the session are those that the gateway's own have: see session.c. */
#define OPTIONS                                                                                    \
	"-c statement_timeout=3s -c client_min_messages=warning -c jit=off -c maitred.account=*"

struct inspection {
	struct arena *arena;
	PGconn *pg;
	PGresult *result; /* the last one */
};

static struct str first_line(struct arena *a, const char *text)
{
	struct str rest = str_of(text), line = str_cut(&rest, '\n');

	return arena_copy(a, str_trim(line));
}

/* What cannot be read as a connection string may have a password anywhere. */
static bool readable(const char *url)
{
	PQconninfoOption *all = PQconninfoParse(url, NULL);

	PQconninfoFree(all);
	return all;
}

static struct inspection *open_with(struct arena *a, const char *url, const char *options,
				    struct str *why)
{
	const char *const keys[] = { "dbname",
				     "application_name",
				     "client_encoding",
				     "connect_timeout",
				     "options",
				     "sslmode",
				     NULL };
	const char *const values[] = { url,	"maitred doctor",     "UTF8", "3",
				       options, session_sslmode(url), NULL };
	struct inspection *i;

	if (!readable(url)) {
		*why = STR("DATABASE_URL is no URL of PostgreSQL, and no connection string.");
		return NULL;
	}
	i = arena_zero(a, sizeof(*i));
	i->arena = a;
	i->pg = PQconnectdbParams(keys, values, 1);
	if (PQstatus(i->pg) == CONNECTION_OK)
		return i;
	*why = first_line(a, PQerrorMessage(i->pg));
	inspect_close(i);
	return NULL;
}

struct inspection *inspect_open(struct arena *a, const char *url, struct str *why)
{
	return open_with(a, url, OPTIONS, why);
}

struct inspection *inspect_open_pooled(struct arena *a, const char *url, struct str *why)
{
	return open_with(a, url, NULL, why);
}

void inspect_close(struct inspection *i)
{
	if (!i)
		return;
	PQclear(i->result);
	PQfinish(i->pg);
}

/* Until the result is there, or its time is over. */
static bool wait_for_result(PGconn *pg, int64_t until_ms)
{
	while (PQisBusy(pg)) {
		struct pollfd fd = { .fd = PQsocket(pg), .events = POLLIN };
		int64_t left_ms = until_ms - clock_mono_ms();

		if (left_ms <= 0 || poll(&fd, 1, (int)left_ms) < 0 || !PQconsumeInput(pg))
			return false;
	}
	return true;
}

static bool run(struct inspection *i, const char *sql, struct texts params, struct str *why)
{
	PGresult *more;

	PQclear(i->result);
	i->result = NULL;
	if (!PQsendQueryParams(i->pg, sql, params.num, NULL, params.at, NULL, NULL, 0)) {
		*why = first_line(i->arena, PQerrorMessage(i->pg));
		return false;
	}
	if (!wait_for_result(i->pg, clock_mono_ms() + PATIENCE_MS)) {
		*why = STR("It takes connections, and does not answer.");
		return false;
	}
	i->result = PQgetResult(i->pg);
	while ((more = PQgetResult(i->pg)))
		PQclear(more);
	if (PQresultStatus(i->result) == PGRES_TUPLES_OK)
		return true;
	*why = first_line(i->arena, PQresultErrorMessage(i->result));
	return false;
}

bool inspect_tell(struct inspection *i, enum statement statement, struct texts params,
		  struct db_result *out, struct str *why)
{
	if (!run(i, statements[statement].text, params, why))
		return false;
	*out = (struct db_result){ .status = DB_OK, .rows = i->result };
	return true;
}

bool inspect_ask(struct inspection *i, enum statement statement, struct db_result *out,
		 struct str *why)
{
	return inspect_tell(i, statement, (struct texts){ 0 }, out, why);
}

bool inspect_process(struct inspection *i, int64_t *pid, bool *pooled, struct str *why)
{
	struct db_result r;

	if (!inspect_ask(i, SQL_DOCTOR_PROCESS, &r, why))
		return false;
	*pid = db_get_int(&r, 0, 0);
	*pooled = *pid != PQbackendPID(i->pg); /* a pooler makes up its own, to cancel by */
	return true;
}

/* ---- what libpq knows ---- */

bool inspect_tls(const struct inspection *i)
{
	return PQsslInUse(i->pg);
}

bool inspect_local(const struct inspection *i)
{
	const char *address = PQhostaddr(i->pg);
	struct in_addr four;

	if (!*address) /* a Unix socket has none */
		return PQhost(i->pg)[0] == '/' || PQhost(i->pg)[0] == '@';
	return strcmp(address, "::1") == 0 ||
	       (inet_pton(AF_INET, address, &four) == 1 && ntohl(four.s_addr) >> 24 == 127);
}

int inspect_version(const struct inspection *i)
{
	return PQserverVersion(i->pg);
}

/* ---- the schema ---- */

static bool applied(const struct inspection *i, const char *name)
{
	for (int row = 0; row < PQntuples(i->result); row++)
		if (strcmp(PQgetvalue(i->result, row, 0), name) == 0)
			return true;
	return false;
}

static bool known(const char *name)
{
	for (size_t m = 0; m < migration_num; m++)
		if (strcmp(migrations[m].name, name) == 0)
			return true;
	return false;
}

static void add_name(struct buf *b, const char *name)
{
	buf_printf(b, "%s%s", b->len ? ", " : "", name);
}

bool inspect_schema(struct inspection *i, struct schema_gap *out, struct str *why)
{
	struct buf missing = buf_new(i->arena, NAMES_MAX), unknown = buf_new(i->arena, NAMES_MAX);
	struct db_result r;

	if (!inspect_ask(i, SQL_DOCTOR_SCHEMA, &r, why)) {
		const char *state = i->result ? PQresultErrorField(i->result, PG_DIAG_SQLSTATE) :
						NULL;

		if (!state || strcmp(state, "42P01") != 0) /* undefined_table */
			return false;
	}
	for (size_t m = 0; m < migration_num; m++)
		if (!applied(i, migrations[m].name))
			add_name(&missing, migrations[m].name);
	for (int row = 0; row < PQntuples(i->result); row++)
		if (!known(PQgetvalue(i->result, row, 0)))
			add_name(&unknown, PQgetvalue(i->result, row, 0));
	*out = (struct schema_gap){ buf_str(&missing), buf_str(&unknown) };
	return true;
}
