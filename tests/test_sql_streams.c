/* test_sql_streams.c - who may no longer be on a stream, and who has something to read. */
#include "testing.h"

#include "pg.h"

static struct arena *arena;

/* A venue with a key and a host, who has a session. */
static int each(void **state)
{
	(void)state;
	arena = arena_new();
	pg_empty();
	pg_venue("acc_a", "+12125550100", "+12125550101");
	pg_venue("acc_b", "+12125550200", "+12125550201");
	pg_run("INSERT INTO organisations (organisation_id, name) VALUES ('org', 'Both');"
	       "UPDATE accounts SET organisation_id = 'org';"
	       "INSERT INTO users (organisation_id, user_id, login, name) "
	       "VALUES ('org', 'usr', 'host', 'Host');"
	       "INSERT INTO memberships (account_id, user_id, role) "
	       "VALUES ('acc_a', 'usr', 'host');"
	       "INSERT INTO sessions (organisation_id, session_id, user_id, last_seen_at) "
	       "VALUES ('org', 'ses', 'usr', now() - interval '23 hours')");
	return 0;
}

static int after_each(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* Of streams 1: the session at acc_a, 2: acc_a's key, 3: acc_b's, 4: a session that never was. */
static struct str checked(int column, const char *xid)
{
	const char *params[] = {
		"1 2 3 4",
		"session key key session",
		pg_text(arena, "ses " STR_FMT " " STR_FMT " ses_none",
			STR_ARG(pg_key_hash(arena, "acc_a")), STR_ARG(pg_key_hash(arena, "acc_b"))),
		"acc_a acc_a acc_b acc_a",
		pg_text(arena, "%s %s %s %s", xid, xid, xid, xid),
		"9 9 9 9",
	};

	return pg_statement(arena, SQL_STREAMS_CHECK, column, params, COUNT(params));
}

#define FUTURE "9223372036854775807"

static void who_may_stay(void **state)
{
	static const struct {
		const char *change, *numbers, *whys;
	} rows[] = {
		{ "SELECT 1", "4", "session_ended" },
		{ "UPDATE sessions SET ended_at = now(), ended_why = 'a new password'", "1,4",
		  "session_ended,session_ended" },
		{ "UPDATE sessions SET expires_at = now()", "1,4",
		  "session_expired,session_ended" },
		{ "UPDATE sessions SET last_seen_at = now() - interval '24 hours'", "1,4",
		  "session_expired,session_ended" },
		{ "UPDATE users SET disabled_at = now()", "1,4", "user_disabled,session_ended" },
		{ "UPDATE memberships SET account_id = 'acc_b'", "1,4",
		  "membership_removed,session_ended" },
		{ "UPDATE api_keys SET revoked_at = now() WHERE account_id = 'acc_b'", "3,4",
		  "key_revoked,session_ended" },
		{ "UPDATE api_keys SET scopes = '{write}' WHERE account_id = 'acc_a'", "2,4",
		  "key_revoked,session_ended" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		after_each(state);
		each(state);
		pg_run(rows[i].change);
		check_str(rows[i].change, checked(0, FUTURE), str_of(rows[i].numbers));
		check_str(rows[i].change, checked(1, FUTURE), str_of(rows[i].whys));
	}
}

static void who_has_to_read(void **state)
{
	(void)state;
	pg_run("INSERT INTO events (account_id, type, subject) VALUES ('acc_b', 'test', 'x')");
	check_str("of before", checked(0, FUTURE), STR("4"));
	check_str("new", checked(0, "1"), STR("3,4"));
	check_str("it ends not", checked(1, "1"), STR(",session_ended"));
}

/* What a stream reads is no request of the caller's: the session ends for want of those. */
static void keeps_nothing_alive(void **state)
{
	static const char before[] =
		"SELECT last_seen_at < now() - interval '22 hours' FROM sessions";
	const char *params[] = { "session", "ses", "acc_a", "read", NULL, NULL, NULL, NULL };

	(void)state;
	check_str("stream", pg_statement(arena, SQL_ENTER, 0, params, COUNT(params)), STR(""));
	check_str("not seen", pg_value(arena, before), STR("t"));
	params[5] = "req_1";
	check_str("request", pg_statement(arena, SQL_ENTER, 0, params, COUNT(params)), STR(""));
	check_str("seen", pg_value(arena, before), STR("f"));
}

enum column { LOST = 1, WAITS, SEQ = 4, TYPE };

static struct str read_column(enum column column, const char *xid, const char *seq)
{
	const char *params[] = { xid, seq, "3" };

	return pg_statement_as(arena, "acc_a", SQL_EVENTS_READ, (int)column, params, 3);
}

static void reading(void **state)
{
	PGconn *older = pg_connect(pg_url());

	(void)state;
	check_str("read", read_column(TYPE, NULL, "0"), STR(""));
	check_str("read", read_column(SEQ, NULL, "0"), STR("9223372036854775807"));
	const char *xid = pg_value(arena, "SELECT pg_current_xact_id()::text").p;

	PQclear(PQexec(older, "BEGIN; SELECT pg_current_xact_id()"));
	pg_run("INSERT INTO events (account_id, type, subject) SELECT 'acc_a', 't' || i, 'x' "
	       "FROM generate_series(1, 4) i");
	check_str("read", read_column(TYPE, xid, "0"),
		  STR("")); /* the older one may tell something */
	check_str("read", read_column(WAITS, xid, "0"), STR("1"));
	PQclear(PQexec(older, "COMMIT"));
	PQfinish(older);
	check_str("read", read_column(TYPE, xid, "0"), STR("t1,t2,t3"));
	check_str("read", read_column(WAITS, xid, "0"), STR("0,0,0"));
	check_str("read", read_column(LOST, xid, "0"), STR("0,0,0"));

	check_str("read", read_column(LOST, FUTURE, "0"), STR("1"));
	check_str("read", read_column(TYPE, FUTURE, "0"), STR(""));
	pg_run("UPDATE events_floor SET xid = (SELECT max(xid) FROM events)");
	check_str("read", read_column(LOST, xid, "0"), STR("1"));
	check_str("read", read_column(TYPE, xid, "0"), STR(""));
	pg_run("UPDATE events_floor SET xid = '0'");
}

/* What is over goes; where events were taken from is remembered. */
static void swept(void **state)
{
	const char *const most[] = { "10000" };

	(void)state;
	pg_run("UPDATE events_floor SET xid = '0';"
	       "INSERT INTO events (account_id, type, subject, at) VALUES "
	       "('acc_a', 'old', 'x', now() - interval '73 hours'), "
	       "('acc_a', 'young', 'x', now() - interval '71 hours');"
	       "INSERT INTO tries VALUES ('old', now() - interval '2 hours'), ('young', now());"
	       "INSERT INTO idempotency_keys (account_id, key, request_hash, message_id, "
	       "created_at) VALUES ('acc_a', 'old', '', 'm', now() - interval '8 days'), "
	       "('acc_a', 'one_old', '', 'm', now() - interval '61 minutes'), "
	       "('acc_b', 'two days', '', 'm', now() - interval '49 hours'), "
	       "('acc_a', 'young', '', 'm', now() - interval '49 hours');"
	       "UPDATE accounts SET retain_days = 2 WHERE account_id = 'acc_b'");
	check_str("one event", pg_statement(arena, SQL_SWEEP, 0, most, 1), STR("1"));
	check_str("the old one", pg_value(arena, "SELECT string_agg(type, ' ') FROM events"),
		  STR("young"));
	check("up to here", pg_number("SELECT (xid > '0')::int FROM events_floor") == 1);
	check_str("gates", pg_value(arena, "SELECT string_agg(gate, ' ') FROM tries"),
		  STR("young"));
	check_str("answers", pg_value(arena, "SELECT string_agg(key, ' ') FROM idempotency_keys"),
		  STR("young"));
	pg_run("UPDATE events_floor SET xid = '0'; DELETE FROM tries");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_may_stay, each, after_each),
		cmocka_unit_test_setup_teardown(who_has_to_read, each, after_each),
		cmocka_unit_test_setup_teardown(keeps_nothing_alive, each, after_each),
		cmocka_unit_test_setup_teardown(reading, each, after_each),
		cmocka_unit_test_setup_teardown(swept, each, after_each),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
