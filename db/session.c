/* session.c - the scope of statements, in its two forms; the question about the server. */
#include "session.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "statements.h"

/*
 * No bitmaps: a claim would read and sort the whole queue, which it takes for short when new. No
 * compiler: it takes 15 to 30 ms for a statement that then runs for one. No parallel workers: once
 * an account has 100,000 threads, starting them takes 13 ms of the 14 for a page of 50.
 */
#define OPTIONS                                                                                    \
	"-c client_min_messages=warning -c jit=off "                                               \
	"-c enable_bitmapscan=off -c max_parallel_workers_per_gather=0 "

/* A carrier waits 2 s for the 200 of its callback. A 503 brings it back; silence may not. */
#define PATIENT "10s"
#define IN_A_HURRY "1800ms"

/*
 * The engine works for all accounts. Its plans are made for each run: one for any number of rows
 * takes arrays for short, and loops over them.
 */
#define FOR_ALL OPTIONS "-c maitred.account=* "
#define ENGINE FOR_ALL "-c plan_cache_mode=force_custom_plan -c statement_timeout=" PATIENT
/* Its one statement writes to tables and looks by their keys, which a plan for any number does too:
 * to plan it for 64 callbacks took longer than to run it. */
#define JOURNAL FOR_ALL "-c plan_cache_mode=force_generic_plan -c statement_timeout=" IN_A_HURRY
/* One row, or a page: planned once. Before enter() has said whose, staff see no rows at all. */
#define ONE_ROW OPTIONS "-c plan_cache_mode=force_generic_plan -c statement_timeout=" PATIENT " "
#define STAFF ONE_ROW "-c maitred.account="
#define DOOR ONE_ROW "-c maitred.account=*"

static const char *const options[DB_LANES] = {
	[DB_JOURNAL] = JOURNAL, [DB_ACCEPT] = ENGINE, [DB_WORK] = ENGINE,
	[DB_DOOR] = DOOR,	[DB_API] = STAFF,
};

static bool is_engine(enum db_lane lane)
{
	return lane != DB_DOOR && lane != DB_API;
}

/* From here on no schema can be changed, nor what is append-only: see migration 0004. */
static const char take_role[] =
	"DO $$ BEGIN IF pg_has_role('maitred_app', 'member') THEN SET ROLE maitred_app; "
	"ELSE RAISE WARNING 'may not take the role maitred_app'; END IF; "
	"EXCEPTION WHEN undefined_object THEN "
	"RAISE WARNING 'there is no role maitred_app: only row-level security binds'; END $$";

/*
 * What phone_hash() works with: the inner and the outer pad of HMAC, RFC 2104, with the key in
 * them, in hexadecimal; of each key, with commas between. Every lane of the gateway and of its
 * commands is told: any may meet a guest who was erased. `maitred migrate` and whoever comes with
 * psql are not; there phone_hash() raises. No row comes back, as session_forgets() takes any for
 * its own.
 */
static const char tell_keys[] = "SELECT WHERE set_config('maitred.hash_inner', $1, false) || "
				"set_config('maitred.hash_outer', $2, false) IS NULL";

enum { INNER = 0x36, OUTER = 0x5c };

/* The pad of each key, with commas between. */
static void write_pads(const struct db_privacy *p, unsigned pad, char out[SESSION_PADS])
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t k = 0; k < p->num; k++) {
		assert(p->keys[k].len <= DB_PRIVACY_KEY_MAX);
		if (k)
			out[at++] = ',';
		for (size_t i = 0; i < DB_PRIVACY_KEY_MAX; i++, at += 2) {
			unsigned byte = i < p->keys[k].len ? (unsigned char)p->keys[k].p[i] : 0;

			snprintf(out + at, 3, "%02x", byte ^ pad);
		}
	}
}

void session_plan(struct session *s, const struct db_settings *settings, enum db_lane lane)
{
	*s = (struct session){ .settings = settings, .lane = lane };
	s->pooled = settings->direct_url && lane != DB_WORK;
	write_pads(&settings->privacy, INNER, s->inner);
	write_pads(&settings->privacy, OUTER, s->outer);
}

static bool send_keys(const struct session *s, PGconn *pg)
{
	const char *const pads[] = { s->inner, s->outer };

	return !*s->inner || PQsendQueryParams(pg, tell_keys, 2, NULL, pads, NULL, NULL, 0);
}

static bool send_settings(PGconn *pg, const struct db_settings *s)
{
	static const char tell[] = "SELECT WHERE set_config('maitred.public_url', $1, false) || "
				   "set_config('maitred.billing', $2, false) IS NULL";
	const char *const bytes[] = { s->public_url.len ? s->public_url.p : "",
				      s->billing ? "on" : "off" };
	const int lens[] = { (int)s->public_url.len, 0 }, binary[] = { 1, 0 };

	return PQsendQueryParams(pg, tell, 2, NULL, bytes, lens, binary, 0);
}

/* A 2xx means that a row is committed: a server that may forget it is none for us. */
static const char memory_question[] =
	"SELECT name FROM pg_settings WHERE setting = 'off' "
	"AND name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name";

static bool is_here(struct str host)
{
	return !host.len || host.p[0] == '/' || host.p[0] == '@' || str_is(host, "localhost") ||
	       str_starts(host, STR("127.")) || str_is(host, "::1");
}

static bool all_here(const char *hosts)
{
	struct str rest = str_of(hosts);
	bool here = true;

	while (rest.len)
		here &= is_here(str_trim(str_cut(&rest, ',')));
	return here;
}

static const char *given(const PQconninfoOption *all, const char *keyword, const char *variable)
{
	for (const PQconninfoOption *o = all; o->keyword; o++)
		if (strcmp(o->keyword, keyword) == 0 && o->val && *o->val)
			return o->val;
	return getenv(variable);
}

const char *session_sslmode(const char *url)
{
	char *why = NULL;
	PQconninfoOption *all = PQconninfoParse(url, &why);
	bool require = all && !given(all, "sslmode", "PGSSLMODE") &&
		       !given(all, "service", "PGSERVICE") &&
		       !(all_here(given(all, "host", "PGHOST")) &&
			 all_here(given(all, "hostaddr", "PGHOSTADDR")));

	PQconninfoFree(all);
	PQfreemem(why); /* connecting says it */
	return require ? "require" : NULL;
}

/* A pooler passes no options on, and some refuse them: there begin_pooled() stands in for them. */
PGconn *session_connect(const struct session *s)
{
	const char *url = s->pooled || !s->settings->direct_url ? s->settings->url :
								  s->settings->direct_url;
	const char *const keys[] = { "dbname",		"application_name",
				     "client_encoding", "tcp_user_timeout",
				     "keepalives_idle", "sslmode",
				     "options",		NULL };
	const char *const values[] = { url,
				       "maitred",
				       "UTF8",
				       "10000", /* a server that froze: ms, s */
				       "10",
				       session_sslmode(url),
				       s->pooled ? NULL : options[s->lane],
				       NULL };

	return PQconnectStartParams(keys, values, 1);
}

static bool listen_on(PGconn *pg, const char *channel)
{
	char sql[80] = "LISTEN ";

	strncat(sql, channel, sizeof(sql) - sizeof("LISTEN "));
	return PQsendQueryParams(pg, sql, 0, NULL, NULL, NULL, NULL, 0);
}

static bool send_question(PGconn *pg)
{
	return PQsendQueryParams(pg, memory_question, 0, NULL, NULL, NULL, NULL, 0);
}

bool session_begin(const struct session *s, PGconn *pg)
{
	const char *const *channels = s->lane == DB_WORK ? s->settings->channels : NULL;

	if (PQsetnonblocking(pg, 1) || !PQenterPipelineMode(pg))
		return false;
	if (s->pooled)
		return send_question(pg) && PQpipelineSync(pg);
	if (!PQsendQueryParams(pg, take_role, 0, NULL, NULL, NULL, NULL, 0) || !send_question(pg) ||
	    !send_keys(s, pg) || !send_settings(pg, s->settings))
		return false;
	for (int i = 0; i < SQL_NUM; i++)
		if (!PQsendPrepare(pg, statements[i].name, statements[i].text, 0, NULL))
			return false;
	for (; channels && *channels; channels++)
		if (!listen_on(pg, *channels))
			return false;
	return PQpipelineSync(pg);
}

/* What a session is told by its options, and at its begin, for this transaction only. */
static bool send_scope(const struct session *s, PGconn *pg)
{
	const struct db_settings *d = s->settings;
	bool each = is_engine(s->lane) && s->lane != DB_JOURNAL;
	const char *const values[] = { s->lane == DB_API ? "" : "*",
				       each ? "force_custom_plan" : "force_generic_plan",
				       s->inner,
				       s->outer,
				       d->public_url.len ? d->public_url.p : "",
				       d->billing ? "on" : "off",
				       s->lane == DB_JOURNAL ? IN_A_HURRY : PATIENT };
	const int lens[] = { 0, 0, 0, 0, (int)d->public_url.len, 0, 0 };
	const int binary[] = { 0, 0, 0, 0, 1, 0, 0 };

	return PQsendQueryParams(pg, statements[SQL_BEGIN_POOLED].text, 7, NULL, values, lens,
				 binary, 0);
}

/* Prepared, or as it is: a statement that was prepared in one session is not known in another. */
static bool send_statement(const struct session *s, PGconn *pg, enum statement statement,
			   struct query *q, int from, int num)
{
	static const int binary[QUERY_PARAMS_MAX] = { [0 ... QUERY_PARAMS_MAX - 1] = 1 };
	const char *const *values = q->values + from;
	const int *lens = q->lens + from;

	return s->pooled ? PQsendQueryParams(pg, statements[statement].text, num, NULL, values,
					     lens, binary, 0) :
			   PQsendQueryPrepared(pg, statements[statement].name, num, values, lens,
					       binary, 0);
}

bool session_send(const struct session *s, PGconn *pg, struct query *q)
{
	int n = q->enter_num;

	q->tries++;
	q->heralds = s->pooled + (n > 0);
	return (!s->pooled || send_scope(s, pg)) &&
	       (!n || send_statement(s, pg, SQL_ENTER, q, 0, n)) &&
	       send_statement(s, pg, q->statement, q, n, q->param_num - n) && PQpipelineSync(pg);
}

const char *session_forgets(const PGresult *r)
{
	return PQntuples(r) ? PQgetvalue(r, 0, 0) : NULL;
}
