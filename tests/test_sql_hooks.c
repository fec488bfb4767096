/* test_sql_hooks.c - events become deliveries, which are claimed, settled, swept away. */
#include "testing.h"

#include "id.h"
#include "pg.h"

#define LEASE "30000"

static struct arena *arena;

static int each(void **state)
{
	(void)state;
	arena = arena_new();
	pg_empty();
	pg_venue("acc_a", "+12125550100", "+12125550101");
	pg_venue("acc_b", "+12125550102", "+12125550103");
	return 0;
}

static int after_each(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void endpoint(const char *account, const char *id, const char *types)
{
	pg_run(pg_text(arena,
		       "INSERT INTO endpoints (account_id, endpoint_id, url, types) VALUES "
		       "('%s', '%s', 'https://%s.example', %s)",
		       account, id, id, types));
}

static void event(const char *account, const char *type, const char *subject)
{
	pg_run(pg_text(arena,
		       "INSERT INTO events (account_id, type, subject) VALUES ('%s', '%s', '%s')",
		       account, type, subject));
}

/* "end_a:m1 end_b:m1": what is to be delivered, in this state. */
static struct str told(const char *state)
{
	return pg_value(arena, pg_text(arena,
				       "SELECT string_agg(endpoint_id || ':' || subject, ' ' "
				       "ORDER BY endpoint_id, subject) FROM deliveries "
				       "WHERE state = '%s'",
				       state));
}

static void matching(void **state)
{
	static const struct {
		const char *name, *account, *type, *told;
	} rows[] = {
		{ "all types, and one of two", "acc_a", "message.delivered",
		  "end_all:s end_two:s" },
		{ "all types, also those to come", "acc_a", "new.thing", "end_all:s" },
		{ "whole words", "acc_a", "message", "end_all:s" },
		{ "another account", "acc_b", "message.delivered", "end_other:s" },
		{ "an account that wants none of it", "acc_b", "booking.created", "" },
		{ "an account without endpoints", "acc_c", "message.delivered", "" },
	};

	(void)state;
	endpoint("acc_a", "end_all", "NULL");
	endpoint("acc_a", "end_two", "'{message.delivered,message.received}'");
	endpoint("acc_a", "end_off", "NULL");
	endpoint("acc_b", "end_other", "'{message.delivered}'");
	pg_run("UPDATE endpoints SET disabled_at = now() WHERE endpoint_id = 'end_off'");
	for (size_t i = 0; i < COUNT(rows); i++) {
		pg_run("DELETE FROM deliveries");
		event(rows[i].account, rows[i].type, "s");
		check_str(rows[i].name, told("waiting"), str_of(rows[i].told));
	}
	pg_run("DELETE FROM deliveries");
	pg_run("INSERT INTO events (account_id, type, subject) SELECT 'acc_a', 'x', 's' || i "
	       "FROM generate_series(1, 3) i");
	check_str("many at once", told("waiting"), STR("end_all:s1 end_all:s2 end_all:s3"));
}

static void ids(void **state)
{
	(void)state;
	endpoint("acc_a", "end_1", "NULL");
	endpoint("acc_a", "end_2", "NULL");
	event("acc_a", "x", "s");
	struct str one = pg_value(arena, "SELECT min(delivery_id) FROM deliveries");
	struct str all = pg_value(arena, "SELECT max(event_id(d)) FROM deliveries d");

	check("like ours", id_valid(one, "dlv") && id_valid(all, "evt"));
	check("one event, two deliveries",
	      pg_number("SELECT count(DISTINCT event_id(d)) * 10 + count(DISTINCT delivery_id) "
			"FROM deliveries d") == 12);
	struct id made = id_new("msg", INT64_C(1770000000000));

	check_str("the time is where id.c has it",
		  pg_value(arena, "SELECT left(id_of('msg', from_ms(1770000000000), 0), 14)"),
		  arena_printf(arena, "%.14s", made.text));
	pg_run("CREATE TEMPORARY VIEW made AS SELECT id_of('a', from_ms(i * 1000), -1) AS one, "
	       "id_of('a', from_ms(i * 1000 + 1), 0) AS next "
	       "FROM generate_series(1700000000::bigint, 1700000100) i");
	check("later ones are greater",
	      pg_number("SELECT count(*) FROM made WHERE one COLLATE \"C\" < next") == 101);
	pg_run("DROP VIEW made");
	check("never the same", pg_number("SELECT count(DISTINCT random_id('dlv')) FROM "
					  "generate_series(1, 1000)") == 1000);
}

/* Endpoints of what was claimed, sorted. */
static struct str claim(const char *name, const char *many, const char *each_one)
{
	const char *const params[] = { name, many, LEASE, each_one };

	pg_statement(arena, SQL_HOOK_CLAIM, 0, params, COUNT(params));
	return pg_value(arena, pg_text(arena,
				       "SELECT string_agg(endpoint_id || ':' || n, ' ' ORDER BY "
				       "endpoint_id) FROM (SELECT endpoint_id, count(*) AS n FROM "
				       "deliveries WHERE claimed_by = '%s' GROUP BY endpoint_id) c",
				       name));
}

static void claiming(void **state)
{
	(void)state;
	check_str("nothing", claim("p/0", "10", "4"), STR(""));
	endpoint("acc_a", "end_many", "'{many}'");
	endpoint("acc_a", "end_one", "'{one}'");
	endpoint("acc_b", "end_one", "'{one}'");
	endpoint("acc_b", "end_off", "'{one}'");
	pg_run("INSERT INTO events (account_id, type, subject) SELECT 'acc_a', 'many', 's' FROM "
	       "generate_series(1, 2000)");
	pg_run("UPDATE deliveries SET due_at = now() - interval '1 hour'");
	event("acc_a", "one", "s");
	event("acc_b", "one", "s");
	pg_run("UPDATE endpoints SET disabled_at = now() WHERE endpoint_id = 'end_off'");
	check_str("no more than there is room", claim("p/1", "2", "4"), STR("end_many:2"));
	check_str("a backlog does not stand before the others", claim("p/2", "10", "4"),
		  STR("end_many:2 end_one:2"));
	check_str("a few at once of each", claim("p/3", "10", "4"), STR(""));
	pg_run("UPDATE deliveries SET due_at = now() WHERE claimed_by = 'p/1'");
	check_str("a lease is over", claim("p/4", "10", "4"), STR("end_many:2"));
	check("leased", pg_number("SELECT count(*) FROM deliveries WHERE claimed_by IS NOT NULL AND"
				  " due_at > now() + interval '29 s'") == 6);
	pg_run("UPDATE deliveries SET claimed_by = NULL, due_at = now() + interval '5 min'");
	check_str("not due", claim("p/5", "10", "4"), STR(""));
}

static void bodies(void **state)
{
	const char *const params[] = { "p/1", "10", LEASE, "4" };
	const char *columns = "acc_a,dlv_1,end_1,https://end_1.example,7,0,3";

	(void)state;
	endpoint("acc_a", "end_1", "NULL");
	event("acc_a", "message.delivered", "msg_1");
	pg_run("UPDATE endpoints SET secret_version = 7");
	pg_run("UPDATE deliveries SET delivery_id = 'dlv_1', tries = 3, occurred_at = "
	       "from_ms(1770000000123)");
	for (int i = 0; *columns; i++) {
		struct str rest = str_of(columns), want = str_cut(&rest, ',');

		pg_run("UPDATE deliveries SET due_at = now(), claimed_by = NULL");
		check_str("column", pg_statement(arena, SQL_HOOK_CLAIM, i, params, 4), want);
		columns = rest.len ? rest.p : "";
	}
	pg_run("UPDATE deliveries SET due_at = now(), claimed_by = NULL; "
	       "UPDATE endpoints SET previous_until = now() + interval '1 min'");
	check_str("the one before signs", pg_statement(arena, SQL_HOOK_CLAIM, 5, params, 4),
		  STR("1"));
	for (int pruned = 0; pruned < 2; pruned++) {
		const char *why;

		pg_run("UPDATE deliveries SET due_at = now(), claimed_by = NULL");
		struct str body = pg_statement(arena, SQL_HOOK_CLAIM, 7, params, 4);
		const struct json *j = json_parse(arena, body, &why);

		check("JSON", j && id_valid(json_str(j, "id"), "evt"));
		check_str("type", json_str(j, "type"), STR("message.delivered"));
		check_str("time", json_str(j, "timestamp"), STR("2026-02-02T02:40:00.123Z"));
		check_str("data", json_str(json_get(j, "data"), "id"), STR("msg_1"));
		pg_run("DELETE FROM events"); /* they may be kept for a shorter time */
	}
}

/* ---- settling ---- */

/* What is settled, and the endpoint before: seconds since it began to fail, and since it failed. */
struct settled {
	const char *name, *state, *status, *gone, *since, *failed;
	const char *delivery, *endpoint; /* afterwards */
};

/* clang-format off */
static const struct settled settlings[] = {
	{ "taken", "delivered", "200", "0", NULL, NULL,
	  "delivered 3 200 ended", "well" },
	{ "taken after failures", "delivered", "200", "0", "600000", "300",
	  "delivered 3 200 ended", "well" },
	{ "failed at first", "waiting", "500", "0", NULL, NULL,
	  "waiting 3 500 in 300", "failing 0" },
	{ "no answer", "waiting", NULL, "0", NULL, NULL,
	  "waiting 3 - in 300", "failing 0" },
	{ "failed again", "waiting", "500", "0", "7200", "300",
	  "waiting 3 500 in 300", "failing 7200" },
	{ "failed at last", "failed", "500", "0", "7200", "300",
	  "failed 3 500 ended", "failing 7200" },
	{ "four days", "waiting", "500", "0", "345600", "300",
	  "waiting 3 500 in 300", "failing 345600" },
	{ "five days", "waiting", "500", "0", "432001", "86400",
	  "waiting 3 500 in 300", "off It has taken nothing for five days." },
	{ "five days, but nothing was tried", "waiting", "500", "0", "432001", "172800",
	  "waiting 3 500 in 300", "failing 0" },
	{ "gone", "failed", "410", "1", NULL, NULL,
	  "failed 3 410 ended", "off It answered 410: gone for good." },
};
/* clang-format on */

static struct str settle(const struct settled *s, const char *claimed)
{
	const char *const params[] = {
		"bat",
		"0",
		"{acc_a}",
		"{dlv_1}",
		claimed,
		pg_text(arena, "{%s}", s->state),
		pg_text(arena, "{%s}", s->status ? s->status : "NULL"),
		"{oops}",
		"{\"It went so.\"}",
		"{300000}",
		pg_text(arena, "{%s}", s->gone),
	};

	return pg_statement(arena, SQL_HOOK_SETTLE, 1, params, COUNT(params));
}

static struct str delivery_now(void)
{
	return pg_value(arena,
			"SELECT concat_ws(' ', state, tries, coalesce(last_status::text, '-'), "
			"CASE WHEN ended_at IS NULL THEN 'in ' || round(extract(epoch FROM due_at -"
			" now())) ELSE 'ended' END, claimed_by) FROM deliveries");
}

static struct str endpoint_now(void)
{
	return pg_value(arena, "SELECT CASE WHEN disabled_at IS NOT NULL THEN 'off ' || "
			       "disabled_why WHEN failing_since IS NULL THEN 'well' ELSE "
			       "'failing ' || round(extract(epoch FROM now() - failing_since)) END "
			       "FROM endpoints");
}

static void settling(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(settlings); i++) {
		const struct settled *s = &settlings[i];
		bool off = strncmp(s->endpoint, "off", 3) == 0;

		pg_run("DELETE FROM endpoints; DELETE FROM deliveries");
		endpoint("acc_a", "end_1", "NULL");
		event("acc_a", "x", "s");
		pg_run("UPDATE deliveries SET delivery_id = 'dlv_1', tries = 2, claimed_by = "
		       "'p/1', due_at = now() + interval '30 s'");
		if (s->since)
			pg_run(pg_text(arena,
				       "UPDATE endpoints SET failing_since = now() - interval "
				       "'%s s', failed_at = now() - interval '%s s'",
				       s->since, s->failed));
		check_str(s->name, settle(s, "{p/2}"), STR("")); /* another's */
		check_str(s->name, settle(s, "{p/1}"), off ? STR("1") : STR("0"));
		check_str(s->name, delivery_now(), str_of(s->delivery));
		check_str(s->name, endpoint_now(), str_of(s->endpoint));
		check_str(s->name, settle(s, "{p/1}"), STR("")); /* twice */
		check_str(s->name, delivery_now(), str_of(s->delivery));
	}
	check_str("what is shown of it",
		  pg_value(arena, "SELECT last_answer || '; ' || last_why FROM deliveries"),
		  STR("oops; It went so."));
}

static struct str sweep(const char *many)
{
	const char *const params[] = { many, "2592000000" };

	return pg_statement(arena, SQL_HOOK_SWEEP, 0, params, COUNT(params));
}

static void sweeping(void **state)
{
	(void)state;
	endpoint("acc_a", "end_on", "NULL");
	endpoint("acc_a", "end_off", "NULL");
	endpoint("acc_a", "end_gone", "NULL");
	event("acc_a", "x", "s1");
	event("acc_a", "x", "s2");
	pg_run("UPDATE endpoints SET disabled_at = now() WHERE endpoint_id = 'end_off'; "
	       "DELETE FROM endpoints WHERE endpoint_id = 'end_gone'; "
	       "UPDATE deliveries SET claimed_by = 'p/1', due_at = now() + interval '10 s' "
	       "WHERE endpoint_id = 'end_gone' AND subject = 's2'");
	check_str("three", sweep("500"), STR("3"));
	check_str("ended", told("failed"), STR("end_gone:s1 end_off:s1 end_off:s2"));
	check_str("under way, or well", told("waiting"), STR("end_gone:s2 end_on:s1 end_on:s2"));
	struct str why = pg_value(arena, "SELECT string_agg(DISTINCT last_why, ' ' ORDER BY "
					 "last_why) FROM deliveries WHERE state = 'failed'");

	check_str("why", why, STR("The endpoint is switched off. The endpoint was deleted."));
	check_str("no more", sweep("500"), STR("0"));
	pg_run("UPDATE deliveries SET ended_at = now() - interval '31 days' "
	       "WHERE subject = 's1' AND state = 'failed'");
	check_str("a small batch", sweep("1"), STR("1"));
	check_str("the rest", sweep("1"), STR("1"));
	check_str("forgotten", told("failed"), STR("end_off:s2"));
	check_str("never what waits", told("waiting"), STR("end_gone:s2 end_on:s1 end_on:s2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(matching, each, after_each),
		cmocka_unit_test_setup_teardown(ids, each, after_each),
		cmocka_unit_test_setup_teardown(claiming, each, after_each),
		cmocka_unit_test_setup_teardown(bodies, each, after_each),
		cmocka_unit_test_setup_teardown(settling, each, after_each),
		cmocka_unit_test_setup_teardown(sweeping, each, after_each),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
