/* test_sql_heard.c - until when we know what guests wrote, and what we lack of a carrier's list. */
#include "testing.h"

#include "pg.h"

#define MINUTE "60000"
#define QUARTER "900000"
#define SIX_HOURS "21600000"
#define NINE_DAYS "777600000"

static struct arena *arena;

static int each(void **state)
{
	(void)state;
	arena = arena_new();
	pg_empty();
	pg_venue("acc_a", "+12125550100", "+12125550101");
	return 0;
}

static int after_each(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* "900 0 0": seconds ago that it begins and ends, and whether it is behind; empty: not due. */
static struct str claim(const char *away)
{
	const char *const params[] = { "twilio", away, MINUTE, QUARTER, SIX_HOURS, NINE_DAYS };
	struct str since = pg_statement(arena, SQL_HEARD_CLAIM, 0, params, COUNT(params));

	if (!since.len)
		return since;
	/* claimed again to see the other columns: the lease is taken back first */
	pg_run("UPDATE heard SET leased_until = NULL");
	struct str until = pg_statement(arena, SQL_HEARD_CLAIM, 1, params, COUNT(params));
	pg_run("UPDATE heard SET leased_until = NULL");
	struct str behind = pg_statement(arena, SQL_HEARD_CLAIM, 2, params, COUNT(params));

	return pg_value(arena,
			pg_text(arena,
				"SELECT format('%%s %%s %%s', round(extract(epoch FROM now())"
				" - " STR_FMT
				" / 1000.0), round(extract(epoch FROM now()) - " STR_FMT
				" / 1000.0), '" STR_FMT "')",
				STR_ARG(since), STR_ARG(until), STR_ARG(behind)));
}

static void claiming(void **state)
{
	static const struct {
		const char *name, *until, *due, *away, *claimed;
	} rows[] = {
		{ "not due", "10 min", "-1 min", "0", "" },
		{ "due", "5 min", "0 min", "0", "1200 0 0" },
		{ "we were away", "5 min", "-1 min", "1", "1200 0 0" },
		{ "for a moment only", "30 s", "-1 min", "1", "" },
		{ "for half a day", "12 h", "-1 min", "1", "44100 21600 1" },
		{ "for a month", "30 days", "0 min", "0", "777600 756000 1" },
	};

	(void)state;
	check_str("a new carrier: nothing was missed", claim("1"), STR(""));
	check("it is known from now on", pg_number("SELECT count(*) FROM heard") == 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		pg_run(pg_text(arena,
			       "UPDATE heard SET until = now() - interval '%s', due_at = now() - "
			       "interval '%s', leased_until = NULL",
			       rows[i].until, rows[i].due));
		check_str(rows[i].name, claim(rows[i].away), str_of(rows[i].claimed));
	}
	check_str("another is at it", claim("1"), STR(""));
	pg_run("UPDATE heard SET leased_until = now() - interval '1 s'");
	check("its lease is over", claim("1").len > 0);
	pg_run("UPDATE heard SET until = now() - interval '5 min', due_at = now() + interval "
	       "'1 min', leased_until = NULL");
	check("we were away", claim("1").len > 0);
	pg_run("UPDATE heard SET leased_until = NULL");
	check("it was not done: it is still due", claim("0").len > 0);
}

static void done(const char *until, const char *next_ms)
{
	const char *const params[] = { "twilio", until, next_ms };

	check_str("done", pg_statement(arena, SQL_HEARD_DONE, 0, params, COUNT(params)),
		  STR("twilio"));
}

static void comparing(void **state)
{
	(void)state;
	pg_run("INSERT INTO heard VALUES ('twilio', now() - interval '1 day', now(), now() + "
	       "interval '1 minute')");
	const char *now = pg_value(arena, "SELECT (extract(epoch FROM now()) * 1000)::bigint").p;

	done(now, "300000");
	check("until now, due in 5 minutes, nobody is at it",
	      pg_number("SELECT count(*) FROM heard WHERE until > now() - interval '10 s' AND "
			"due_at > now() + interval '4 min' AND leased_until IS NULL") == 1);
	done("1770000000000", "0");
	check("never backwards",
	      pg_number("SELECT count(*) FROM heard WHERE until > now() - interval '10 s'") == 1);
}

static void missing(void **state)
{
	static const struct {
		const char *name, *texts, *missing;
	} rows[] = {
		{ "nothing", "", "" },
		{ "one", "SM1 +12125550100", "SM1" },
		{ "one twice", "SM1 +12125550100,SM1 +12125550100", "SM1" },
		{ "what we have", "SM9 +12125550100,SM2 +12125550100", "SM2" },
		{ "not our number", "SM1 +12125550199", "" },
		{ "our number at the other carrier", "SM1 +12125550101", "" },
	};

	(void)state;
	pg_run("INSERT INTO messages (account_id, message_id, conversation_id, direction, kind, "
	       "phone, body, encoding, segments, state, rank, provider, carrier_id) VALUES "
	       "('acc_a', 'm1', 'cnv', 'in', 'reply', '+1', '', 'GSM-7', 1, 'received', 5, "
	       "'twilio', 'SM9')");
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *const params[] = { "twilio", rows[i].texts };

		check_str(rows[i].name, pg_statement(arena, SQL_HEARD_MISSING, 0, params, 2),
			  str_of(rows[i].missing));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(claiming, each, after_each),
		cmocka_unit_test_setup_teardown(comparing, each, after_each),
		cmocka_unit_test_setup_teardown(missing, each, after_each),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
