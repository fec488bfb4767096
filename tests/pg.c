/* pg.c - starts, kills and asks the PostgreSQL of a test program, through db/postgres.sh. */
#include "pg.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "migrate.h"
#include "secret.h"
#include "testing.h"

/* Nothing here survives a power failure, and nobody asks it to. */
#define SETTINGS "fsync=off"

static struct {
	char folder[200], home[220], url[400], super_url[400];
	PGconn *connection;
} pg;

const char *pg_url(void)
{
	return pg.url;
}

const char *pg_super_url(void)
{
	return pg.super_url;
}

static void command_line(char *out, size_t size, const char *command)
{
	snprintf(out, size, "exec db/postgres.sh %s '%s' %s", command, pg.home,
		 command[0] == 's' || command[0] == 'r' ? SETTINGS : "");
}

void pg_do(const char *command)
{
	char line[400];

	command_line(line, sizeof(line), command);
	if (system(line))
		fail_msg("failed: %s", line);
}

int pg_begin(const char *command)
{
	char line[400];
	pid_t process;

	command_line(line, sizeof(line), command);
	process = fork();
	if (process == 0) {
		execl("/bin/sh", "sh", "-c", line, (char *)NULL);
		_exit(127);
	}
	return process;
}

void pg_end(int process)
{
	int status = -1;

	if (waitpid(process, &status, 0) != process || status)
		fail_msg("db/postgres.sh ended with %d", status);
}

static void read_url(const char *user, char *out, size_t size)
{
	char line[400];
	FILE *f;

	snprintf(line, sizeof(line), "db/postgres.sh url '%s' %s", pg.home, user);
	f = popen(line, "r");
	if (!f || !fgets(out, (int)size, f))
		fail_msg("failed: %s", line);
	out[strcspn(out, "\n")] = '\0';
	pclose(f);
}

int pg_setup(void **state)
{
	const char *parent = getenv("TMPDIR");
	char why[600];

	(void)state;
	snprintf(pg.folder, sizeof(pg.folder), "%s/pg-XXXXXX", parent && *parent ? parent : "/tmp");
	if (!mkdtemp(pg.folder) || chmod(pg.folder, 0711))
		return -1;
	snprintf(pg.home, sizeof(pg.home), "%s/db", pg.folder);
	pg_do("start");
	read_url("", pg.url, sizeof(pg.url));
	read_url("postgres", pg.super_url, sizeof(pg.super_url));
	if (migrate(pg.url, why, sizeof(why)))
		return 0;
	print_error("%s\n", why);
	return -1;
}

int pg_teardown(void **state)
{
	(void)state;
	PQfinish(pg.connection);
	pg.connection = NULL;
	pg_do("drop");
	return rmdir(pg.folder);
}

/* ---- asking it ---- */

static void quiet(void *ctx, const char *text)
{
	(void)ctx, (void)text;
}

PGconn *pg_connect(const char *url)
{
	PGconn *c = PQconnectdb(url);

	if (PQstatus(c) != CONNECTION_OK)
		fail_msg("no connection: %s", PQerrorMessage(c));
	PQsetNoticeProcessor(c, quiet, NULL);
	return c;
}

/* The program's own connection, again after a crash. */
static PGconn *own(void)
{
	PGresult *r = pg.connection ? PQexec(pg.connection, "SELECT 1") : NULL;

	if (PQresultStatus(r) != PGRES_TUPLES_OK) {
		PQfinish(pg.connection);
		pg.connection = pg_connect(pg.url);
		PQclear(PQexec(pg.connection, "SET lock_timeout = '10s'"));
	}
	PQclear(r);
	return pg.connection;
}

static PGresult *run(const char *sql)
{
	PGresult *r = PQexec(own(), sql);
	ExecStatusType s = PQresultStatus(r);

	if (s != PGRES_TUPLES_OK && s != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQresultErrorMessage(r));
	return r;
}

void pg_run(const char *sql)
{
	PQclear(run(sql));
}

struct str pg_value(struct arena *a, const char *sql)
{
	PGresult *r = run(sql);
	struct str v = { 0 };

	if (PQntuples(r))
		v = arena_copy(a, str_of(PQgetvalue(r, 0, 0)));
	PQclear(r);
	return v;
}

long pg_number(const char *sql)
{
	PGresult *r = run(sql);
	long n = PQntuples(r) ? strtol(PQgetvalue(r, 0, 0), NULL, 10) : -1;

	PQclear(r);
	return n;
}

struct str pg_row(struct arena *a, const char *sql, const char *const *params, int param_num)
{
	PGresult *r = PQexecParams(own(), sql, param_num, NULL, params, NULL, NULL, 0);
	struct buf b = buf_new(a, 20000);

	if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) < 1)
		fail_msg("%s: %s", sql, PQresultErrorMessage(r));
	for (int i = 0; i < PQnfields(r); i++)
		buf_printf(&b, "%s%s", i ? "|" : "", PQgetvalue(r, 0, i));
	PQclear(r);
	return buf_str(&b);
}

struct str pg_statement(struct arena *a, enum statement s, int column, const char *const *params,
			int param_num)
{
	struct buf b = buf_new(a, 10000);
	PGresult *r = PQexecParams(own(), statements[s].text, param_num, NULL, params, NULL, NULL,
				   0);

	if (PQresultStatus(r) != PGRES_TUPLES_OK && PQresultStatus(r) != PGRES_COMMAND_OK)
		buf_printf(&b, "!%s", PQresultErrorField(r, PG_DIAG_SQLSTATE));
	for (int i = 0; i < PQntuples(r); i++)
		buf_printf(&b, "%s%s", i ? "," : "", PQgetvalue(r, i, column));
	PQclear(r);
	return buf_str(&b);
}

struct str pg_statement_as(struct arena *a, const char *account, enum statement s, int column,
			   const char *const *params, int param_num)
{
	pg_run(pg_text(a,
		       "SELECT set_config('maitred.account', '%s', false), "
		       "set_config('maitred.actor', 'key', false)",
		       account));
	struct str result = pg_statement(a, s, column, params, param_num);

	pg_run("SELECT set_config('maitred.account', '*', false)");
	return result;
}

/* ---- what is in it ---- */

struct str pg_key_hash(struct arena *a, const char *account)
{
	uint8_t hash[SHA256_BYTES];

	secret_sha256(arena_printf(a, "key-%s", account), hash);
	return secret_hex(a, (struct str){ (const char *)hash, sizeof(hash) });
}

void pg_venue(const char *account, const char *twilio, const char *telnyx)
{
	struct arena *a = arena_new();
	struct str hash = pg_key_hash(a, account);

	pg_run(arena_printf(a, "INSERT INTO accounts (account_id, name) VALUES ('%s', 'A venue')",
			    account)
		       .p);
	pg_run(arena_printf(a,
			    "INSERT INTO api_keys (account_id, key_id, name, hash) "
			    "VALUES ('%s', 'key', 'a key', '" STR_FMT "')",
			    account, STR_ARG(hash))
		       .p);
	pg_run(arena_printf(
		       a,
		       "INSERT INTO numbers (account_id, number_id, provider, phone) "
		       "VALUES ('%s', 'num_1', 'twilio', '%s'), ('%s', 'num_2', 'telnyx', '%s')",
		       account, twilio, account, telnyx)
		       .p);
	arena_free(a);
}

void pg_set_key(struct str key)
{
	struct arena *a = arena_new();
	char pads[2][129] = { "", "" };

	for (int pad = 0; pad < 2; pad++)
		for (size_t i = 0; i < 64; i++)
			snprintf(pads[pad] + 2 * i, 3, "%02x",
				 (i < key.len ? (unsigned char)key.p[i] : 0U) ^
					 (pad ? 0x5cU : 0x36U));
	pg_run(pg_text(a,
		       "SELECT set_config('maitred.hash_inner', '%s', false), "
		       "set_config('maitred.hash_outer', '%s', false)",
		       key.len ? pads[0] : "", key.len ? pads[1] : ""));
	arena_free(a);
}

void pg_empty(void)
{
	pg_run("TRUNCATE accounts, api_keys, numbers, conversations, messages, queue, attempts, "
	       "receipts, callbacks, pending, consent_log, idempotency_keys, kind_settings, turns, "
	       "paces, breakers, carriers, carrier_events, heard, memberships, links, events, "
	       "sessions, users, organisations, endpoints, deliveries, parties, bookings, "
	       "visit_log, lines_due, wait_gaps, wait_refreshes, templates, quick_replies, "
	       "opt_outs, erasures, erased_texts, message_totals, retained, "
	       "calls, calls_due, hang_ups, billing, usage_posts");
}

const char *pg_text(struct arena *a, const char *fmt, ...)
{
	char text[1000];
	va_list args;

	va_start(args, fmt);
	int len = vsnprintf(text, sizeof(text), fmt, args);

	va_end(args);
	assert_in_range(len, 0, sizeof(text) - 1);
	return arena_cstr(a, str_of(text));
}
