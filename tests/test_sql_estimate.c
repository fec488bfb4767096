/* test_sql_estimate.c - how long a party waits, from how others of its size were served. */
#include "testing.h"

#include "buf.h"
#include "pg.h"

/* A Tuesday in New York, 18:30: EDT, as the weeks before it. */
#define NOW "2026-07-14 18:30-04"

static struct arena *arena;

static int each(void **state)
{
	(void)state;
	arena = arena_new();
	pg_empty();
	pg_venue("acc_a", "+12125550100", "+12125550101");
	pg_venue("acc_b", "+12125550102", "+12125550103");
	pg_run("CREATE SEQUENCE IF NOT EXISTS party_ids");
	return 0;
}

static int after_each(void **state)
{
	(void)state;
	pg_run("DROP SEQUENCE party_ids");
	arena_free(arena);
	return 0;
}

/* So many of this size are served from then on, one every `gap`. */
static void served(const char *from, int num, int size, const char *gap)
{
	pg_run(pg_text(
		arena,
		"INSERT INTO parties (account_id, party_id, name, size, language, source, state, "
		"place, created_at, joined_at, ended_at, ended_by) "
		"SELECT 'acc_a', 'p' || nextval('party_ids'), 'Ana', %d, 'en', 'host', 'seated', i,"
		" t - interval '20 min', t - interval '20 min', t, 'staff' "
		"FROM generate_series(0, %d) i, "
		"LATERAL (SELECT timestamptz '%s' + i * interval '%s' AS t) v",
		size, num - 1, from, gap));
}

/* So many of this size are there, in this state. */
static void in_line(int num, int size, const char *state)
{
	pg_run(pg_text(arena,
		       "INSERT INTO parties (account_id, party_id, name, size, language, source, "
		       "state, place) SELECT 'acc_a', 'p' || nextval('party_ids'), 'Ana', %d, "
		       "'en', 'host', '%s', i FROM generate_series(1, %d) i",
		       size, state, num));
}

/* "30 history" */
static struct str told(int size, const char *at)
{
	return pg_value(arena, pg_text(arena,
				       "SELECT minutes || ' ' || basis FROM "
				       "wait_estimate('acc_a', %d, '%s')",
				       size, at));
}

static struct str refreshed(int size, const char *at)
{
	pg_run(pg_text(arena, "SELECT estimate_refresh('acc_a', '%s')", at));
	return told(size, at);
}

/* The example of the rule: a gap of 5 minutes and five twos in line: about 30 minutes. */
static void example(void **state)
{
	(void)state;
	check_str("nothing is known", told(2, NOW), STR("20 default"));
	check_str("nobody was served", refreshed(2, NOW), STR("20 default"));
	served("2026-07-07 18:00-04", 60, 2, "5 min");
	in_line(5, 2, "waiting");
	check_str("not before the night", told(2, NOW), STR("20 default"));
	check_str("five twos", refreshed(2, NOW), STR("30 history"));
	in_line(3, 4, "waiting");
	check_str("others do not count", told(2, NOW), STR("30 history"));
	in_line(1, 2, "pending");
	check_str("nor who is not in line yet", told(2, NOW), STR("30 history"));
	in_line(1, 2, "notified");
	check_str("who has no table yet does", told(2, NOW), STR("35 history"));
	pg_run("UPDATE accounts SET estimates = false, default_wait_minutes = 17");
	check_str("the venue wants none", told(2, NOW), STR("17 default"));
}

static void enough(void **state)
{
	static const struct {
		const char *name, *from;
		int num;
		const char *told;
	} rows[] = {
		{ "49 in 8 weeks", "2026-07-07 17:00-04", 49, "20 default" },
		{ "50", "2026-07-07 17:00-04", 50, "5 history" },
		{ "50, of which one is too old", "2026-05-19 18:30-04", 50, "20 default" },
		{ "51, of which one is too old", "2026-05-19 18:30-04", 51, "5 history" },
		{ "50 long ago", "2026-05-01 17:00-04", 50, "20 default" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		pg_run("DELETE FROM parties");
		served(rows[i].from, rows[i].num, 2, "5 min");
		check_str(rows[i].name, refreshed(2, NOW), str_of(rows[i].told));
	}
	pg_run("DELETE FROM parties");
	served("2026-07-07 17:00-04", 50, 2, "5 min");
	pg_run("UPDATE parties SET state = 'no_show' WHERE party_id = (SELECT max(party_id) FROM "
	       "parties)");
	check_str("a no-show was not served", refreshed(2, NOW), STR("20 default"));
}

/*
 * Twos on Tuesdays at 18: every 5 minutes; on Mondays at 18: 10; at 20: 15; 9 gaps each, and one
 * two is in line. Threes at any time: 8 gaps of 30 minutes. Nine and more: 8 of 40.
 */
static void closest(void **state)
{
	static const struct {
		const char *name;
		int size;
		const char *at, *told;
	} rows[] = {
		{ "this hour of this weekday", 2, "2026-07-14 18:00-04", "10 history" },
		{ "until its end", 2, "2026-07-14 18:59:59-04", "10 history" },
		{ "of another weekday", 2, "2026-07-13 18:30-04", "20 history" },
		{ "this hour of any: 7.5 minutes", 2, "2026-07-15 18:30-04", "15 history" },
		{ "another hour", 2, "2026-07-13 20:30-04", "30 history" },
		{ "another hour of any weekday", 2, "2026-07-14 20:30-04", "30 history" },
		{ "any time: 10 minutes", 2, "2026-07-14 17:59-04", "20 history" },
		{ "after a pause of over 3 hours", 2, "2026-07-13 22:30-04", "20 history" },
		{ "threes: an hour has too few", 3, "2026-07-09 12:30-04", "30 history" },
		{ "nine", 9, "2026-07-14 18:30-04", "40 history" },
		{ "and more", 40, "2026-07-14 18:30-04", "40 history" },
		{ "no eights: any, 19.3", 8, "2026-07-14 18:30-04", "20 history" },
	};

	(void)state;
	served("2026-07-07 18:00-04", 10, 2, "5 min");
	served("2026-07-06 18:00-04", 5, 2, "10 min");
	served("2026-06-29 18:00-04", 6, 2, "10 min");
	served("2026-07-06 22:00-04", 1, 2, "10 min");
	served("2026-06-08 20:00-04", 4, 2, "15 min");
	served("2026-06-15 20:00-04", 4, 2, "15 min");
	served("2026-06-22 20:00-04", 4, 2, "15 min");
	served("2026-07-02 12:00-04", 9, 3, "30 min");
	served("2026-07-03 12:00-04", 3, 9, "40 min");
	served("2026-07-04 12:00-04", 7, 12, "40 min");
	in_line(1, 2, "waiting");
	pg_run("SELECT estimate_refresh('acc_a', '" NOW "')");
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str(rows[i].name, told(rows[i].size, rows[i].at), str_of(rows[i].told));
	pg_run("DELETE FROM parties");
	check_str("what is no more", refreshed(2, NOW), STR("20 default"));
	check("is not kept", pg_number("SELECT count(*) FROM wait_gaps") == 0);
}

/* 50 were served, on as many evenings, or in a way that gives no gap often enough. */
static void too_few_gaps(void **state)
{
	(void)state;
	served("2026-05-20 18:00-04", 50, 2, "1 day");
	check_str("no gaps", refreshed(2, NOW), STR("20 default"));
	served("2026-07-13 18:10-04", 8, 2, "10 min");
	check_str("7 gaps", refreshed(2, NOW), STR("20 default"));
	served("2026-07-13 19:30-04", 1, 2, "10 min");
	check_str("8 gaps", refreshed(2, NOW), STR("10 history"));
	check_str("the same for others: any size", told(7, NOW), STR("10 history"));
}

/* New York leaves daylight saving time on 2026-11-01; 18 o'clock stays 18 o'clock. */
static void zones(void **state)
{
	static const struct {
		const char *name, *zone, *at, *told;
	} rows[] = {
		{ "the same hour, a week and an hour later", "America/New_York",
		  "2026-11-03 18:30-05", "5 history" },
		{ "the hour behind it", "America/New_York", "2026-11-03 19:30-05", "10 history" },
		{ "where clocks stay as they are", "Asia/Tokyo", "2026-11-03 18:30-05",
		  "10 history" },
		{ "also there, an hour before", "Asia/Tokyo", "2026-11-03 17:30-05", "5 history" },
	};

	(void)state;
	served("2026-10-27 18:00-04", 10, 2, "5 min");
	served("2026-10-06 19:00-04", 5, 2, "10 min");
	served("2026-10-13 19:00-04", 5, 2, "10 min");
	served("2026-10-20 19:00-04", 5, 2, "10 min");
	served("2026-10-20 12:00-04", 25, 5, "10 min");
	for (size_t i = 0; i < COUNT(rows); i++) {
		pg_run(pg_text(arena, "UPDATE accounts SET zone = '%s'", rows[i].zone));
		check_str(rows[i].name, refreshed(2, rows[i].at), str_of(rows[i].told));
	}
	pg_run("DELETE FROM parties; UPDATE accounts SET zone = 'America/New_York'");
	served("2026-11-01 00:30-04", 50, 2, "5 min");
	check_str("the hour that comes twice: no gap is longer for it",
		  refreshed(2, "2026-11-08 01:30-05"), STR("5 history"));
	check("they are all the same",
	      pg_number("SELECT count(*) FROM wait_gaps WHERE average_s <> 300") == 0);
}

/* ---- at night ---- */

/* "acc_a acc_b": whose night it is. */
static struct str night(const char *at)
{
	struct buf all = buf_new(arena, 100);

	for (int i = 0; i < 10; i++) {
		struct str one = pg_value(arena, pg_text(arena, "SELECT estimate_next('%s')", at));

		if (!one.len)
			break;
		buf_printf(&all, "%s" STR_FMT, all.len ? " " : "", STR_ARG(one));
	}
	return buf_str(&all);
}

static void nights(void **state)
{
	static const struct {
		const char *name, *at, *refreshed;
	} rows[] = {
		{ "new ones", "2026-07-14 03:59-04", "acc_a acc_b" },
		{ "once", "2026-07-14 03:59-04", "" },
		{ "at 4 in New York", "2026-07-14 04:00-04", "acc_a" },
		{ "once", "2026-07-14 23:00-04", "acc_b" },
		{ "before 4 in Tokyo", "2026-07-16 03:59+09", "acc_a" },
		{ "at 4 in Tokyo", "2026-07-16 04:00+09", "acc_b" },
		{ "a night that was slept through", "2026-07-20 12:00-04", "acc_a acc_b" },
		{ "a clock that went back", "2026-07-19 12:00-04", "" },
		{ "the long night, at 3 for the second time", "2026-11-01 03:59-05",
		  "acc_a acc_b" },
		{ "at 4", "2026-11-01 04:00-05", "acc_a" },
	};

	(void)state;
	pg_run("UPDATE accounts SET zone = 'Asia/Tokyo' WHERE account_id = 'acc_b'");
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str(rows[i].name, night(rows[i].at), str_of(rows[i].refreshed));
}

static struct str next_on(PGconn *c)
{
	PGresult *r = PQexec(c, "SELECT estimate_next('" NOW "')");
	struct str account = arena_copy(arena, str_of(PQgetvalue(r, 0, 0)));

	PQclear(r);
	return account;
}

/* What one process has at hand another leaves to it, and does not wait for. */
static void several(void **state)
{
	PGconn *one = pg_connect(pg_url()), *two = pg_connect(pg_url());

	(void)state;
	for (int i = 0; i < 2; i++)
		PQclear(PQexec(i ? two : one,
			       "SET maitred.account = '*'; SET lock_timeout = '2s'"));
	served("2026-07-07 18:00-04", 60, 2, "5 min");
	PQclear(PQexec(one, "BEGIN"));
	check_str("the first", next_on(one), STR("acc_a"));
	check_str("the second", next_on(two), STR("acc_b"));
	check_str("there is no third", next_on(two), STR(""));
	PQclear(PQexec(one, "COMMIT"));
	check_str("all are done", next_on(two), STR(""));
	pg_run("SELECT estimate_refresh('acc_a', '" NOW "'), estimate_refresh('acc_a', '" NOW "'), "
	       "estimate_refresh('acc_c', '" NOW "')");
	check_str("twice is once", told(2, NOW), STR("5 history"));
	check("one row each", pg_number("SELECT count(*) FROM wait_refreshes") == 2);
	PQfinish(one);
	PQfinish(two);
}

/* ---- as statements ---- */

static struct str asked(const char *account, const char *size)
{
	const char *const params[] = { size };

	return pg_statement_as(arena, account, SQL_WAIT_GET, 1, params, COUNT(params));
}

static void statements_of_it(void **state)
{
	(void)state;
	pg_run("INSERT INTO parties (account_id, party_id, name, size, language, source, state, "
	       "place, created_at, joined_at, ended_at, ended_by) "
	       "SELECT 'acc_a', 'q' || i, 'Ana', 2, 'en', 'host', 'seated', i, t, t, t, 'staff' "
	       "FROM generate_series(1, 60) i, "
	       "LATERAL (SELECT now() - interval '6 hours' + i * interval '4 min' AS t) v");
	in_line(2, 2, "waiting");
	const char *const most[] = { "1" };

	for (int left = 2; left >= 0; left--)
		check_str("one at a time", pg_statement(arena, SQL_ESTIMATE_NEXT, 0, most, 1),
			  left ? STR("1") : STR("0"));
	check_str("two ahead", asked("acc_a", "2"),
		  STR("{\"size\" : 2, \"minutes\" : 15, \"basis\" : \"history\", "
		      "\"parties_ahead\" : 2}"));
	check_str("another account", asked("acc_b", "12"),
		  STR("{\"size\" : 12, \"minutes\" : 20, \"basis\" : \"default\", "
		      "\"parties_ahead\" : 0}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(example, each, after_each),
		cmocka_unit_test_setup_teardown(enough, each, after_each),
		cmocka_unit_test_setup_teardown(closest, each, after_each),
		cmocka_unit_test_setup_teardown(too_few_gaps, each, after_each),
		cmocka_unit_test_setup_teardown(zones, each, after_each),
		cmocka_unit_test_setup_teardown(nights, each, after_each),
		cmocka_unit_test_setup_teardown(several, each, after_each),
		cmocka_unit_test_setup_teardown(statements_of_it, each, after_each),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
