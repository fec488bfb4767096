/* test_sql_endpoints.c - what an account does with its endpoints for webhooks. */
#include "testing.h"

#include "pg.h"

static struct arena *arena;

static const char *account; /* whose key asks */

static void as(const char *whose)
{
	account = whose;
}

static int each(void **state)
{
	(void)state;
	arena = arena_new();
	pg_empty();
	pg_venue("acc_a", "+12125550100", "+12125550101");
	pg_venue("acc_b", "+12125550102", "+12125550103");
	as("acc_a");
	return 0;
}

static int after_each(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* Runs it, expects the status, and returns the body. */
static const struct json *ask(enum statement s, const char *status, const char *const *params,
			      int num)
{
	const char *why;
	struct str got = pg_statement_as(arena, account, s, 0, params, num);

	check_str(statements[s].name, got, str_of(status));
	/* asked for twice, it changes nothing more */
	struct str body = pg_statement_as(arena, account, s, 1, params, num);
	const struct json *j = json_parse(arena, body, &why);

	check(statements[s].name, j != NULL);
	return j;
}

#define ASK(s, status, ...)                                                                        \
	ask(s, status, (const char *const[]){ __VA_ARGS__ },                                       \
	    COUNT(((const char *const[]){ __VA_ARGS__ })))

static int64_t number(const struct json *j, const char *name)
{
	int64_t n = -1;

	json_int(json_get(j, name), &n);
	return n;
}

static void creating(void **state)
{
	(void)state;
	const struct json *j = ASK(SQL_ENDPOINT_CREATE, "201", "https://a.example/", "a.b c.d",
				   "the till", "end_1");

	check_str("id", json_str(j, "id"), STR("end_1"));
	check_str("url", json_str(j, "url"), STR("https://a.example/"));
	check_str("types", json_at(json_get(j, "types"), 1)->text, STR("c.d"));
	check("version", number(j, "secret_version") == 1);
	check("on", json_get(j, "enabled")->boolean);
	j = ASK(SQL_ENDPOINT_CREATE, "201", "https://a.example/", NULL, NULL, "end_2");
	check("all types", json_get(j, "types")->type == JSON_NULL);
	check_str("no description", json_str(j, "description"), STR(""));
	check("asked for twice, made once", pg_number("SELECT count(*) FROM endpoints") == 2);
	pg_run("INSERT INTO endpoints (account_id, endpoint_id, url) SELECT 'acc_a', 'end_m' || i, "
	       "'https://x' FROM generate_series(1, 8) i");
	j = ASK(SQL_ENDPOINT_CREATE, "409", "https://a.example/", NULL, NULL, "end_3");
	check_str("too many", json_str(j, "code"), STR("conflict"));
	ASK(SQL_ENDPOINT_CREATE, "201", "https://a.example/", NULL, NULL, "end_2");
	as("acc_b");
	ASK(SQL_ENDPOINT_CREATE, "201", "https://b.example/", "*", NULL, "end_3");
	check("another account's do not count",
	      pg_number("SELECT count(*) FROM endpoints WHERE account_id = 'acc_b'") == 1);
}

static PGconn *begin_as(const char *whose)
{
	PGconn *c = pg_connect(pg_url());

	PQclear(PQexec(c, pg_text(arena,
				  "BEGIN; SELECT set_config('maitred.account', '%s', true), "
				  "set_config('maitred.actor', 'key', true)",
				  whose)));
	return c;
}

static void send_create(PGconn *c, const char *id)
{
	const char *const params[] = { "https://a.example/", NULL, NULL, id };

	check(id, PQsendQueryParams(c, statements[SQL_ENDPOINT_CREATE].text, COUNT(params), NULL,
				    params, NULL, NULL, 0));
}

static struct str status_of(PGconn *c)
{
	PGresult *r = PQgetResult(c);
	const char *status = PQntuples(r) ? PQgetvalue(r, 0, 0) : PQerrorMessage(c);
	struct str copy = arena_copy(arena, str_of(status));

	PQclear(r);
	PQclear(PQgetResult(c));
	return copy;
}

static void creating_at_once(void **state)
{
	PGconn *tenth = begin_as("acc_a"), *eleventh = begin_as("acc_a");

	(void)state;
	pg_run("INSERT INTO endpoints (account_id, endpoint_id, url) SELECT 'acc_a', 'end_m' || i, "
	       "'https://x' FROM generate_series(1, 9) i");
	send_create(tenth, "end_a");
	struct str first = status_of(tenth);

	send_create(eleventh, "end_b");
	PQflush(eleventh);
	while (!pg_number("SELECT count(*) FROM pg_locks WHERE NOT granted"))
		; /* it waits for the tenth */
	PQclear(PQexec(tenth, "COMMIT"));
	struct str second = status_of(eleventh);

	PQclear(PQexec(eleventh, "COMMIT"));
	PQfinish(tenth);
	PQfinish(eleventh);
	check_str("the tenth", first, STR("201"));
	check_str("the eleventh", second, STR("409"));
	check("ten", pg_number("SELECT count(*) FROM endpoints") == 10);
}

static void reading(void **state)
{
	(void)state;
	ASK(SQL_ENDPOINT_CREATE, "201", "https://1.example/", NULL, NULL, "end_1");
	ASK(SQL_ENDPOINT_CREATE, "201", "https://2.example/", NULL, NULL, "end_2");
	const struct json *j = ask(SQL_ENDPOINT_LIST, "200", NULL, 0);

	check("two", json_get(j, "data")->num == 2);
	check_str("newest first", json_str(json_at(json_get(j, "data"), 0), "id"), STR("end_2"));
	j = ASK(SQL_ENDPOINT_GET, "200", "end_1");
	check_str("one", json_str(j, "url"), STR("https://1.example/"));
	j = ASK(SQL_ENDPOINT_GET, "404", "end_3");
	check_str("none", json_str(j, "code"), STR("not_found"));
	as("acc_b");
	ASK(SQL_ENDPOINT_GET, "404", "end_1");
	check("none", json_get(ask(SQL_ENDPOINT_LIST, "200", NULL, 0), "data")->num == 0);
}

static void changing(void **state)
{
	(void)state;
	ASK(SQL_ENDPOINT_CREATE, "201", "https://1.example/", "a", "old", "end_1");
	const struct json *j = ASK(SQL_ENDPOINT_UPDATE, "200", "end_1", NULL, NULL, "new", NULL);

	check_str("description", json_str(j, "description"), STR("new"));
	check_str("the URL stays", json_str(j, "url"), STR("https://1.example/"));
	check("so do the types", json_get(j, "types")->num == 1);
	j = ASK(SQL_ENDPOINT_UPDATE, "200", "end_1", "https://2.example/", "*", NULL, "false");
	check_str("URL", json_str(j, "url"), STR("https://2.example/"));
	check("all types", json_get(j, "types")->type == JSON_NULL);
	check("off", !json_get(j, "enabled")->boolean);
	check_str("why", json_str(j, "disabled_why"), STR("Somebody switched it off."));
	pg_run("UPDATE endpoints SET failing_since = now(), failed_at = now()");
	j = ASK(SQL_ENDPOINT_UPDATE, "200", "end_1", NULL, NULL, NULL, "true");
	check("on", json_get(j, "enabled")->boolean);
	check("afresh", json_get(j, "failing_since")->type == JSON_NULL);
	ASK(SQL_ENDPOINT_UPDATE, "404", "end_2", NULL, NULL, "x", NULL);
	as("acc_b");
	ASK(SQL_ENDPOINT_UPDATE, "404", "end_1", NULL, NULL, "x", NULL);
	const char *const id[] = { "end_1" };
	check_str("nor deleted", pg_statement_as(arena, account, SQL_ENDPOINT_DELETE, 0, id, 1),
		  STR("404"));
	as("acc_a");
	check_str("deleted", pg_statement_as(arena, account, SQL_ENDPOINT_DELETE, 0, id, 1),
		  STR("200"));
	check_str("once", pg_statement_as(arena, account, SQL_ENDPOINT_DELETE, 0, id, 1),
		  STR("404"));
}

static void rotating(void **state)
{
	(void)state;
	ASK(SQL_ENDPOINT_CREATE, "201", "https://1.example/", NULL, NULL, "end_1");
	const struct json *j = ASK(SQL_ENDPOINT_ROTATE, "200", "end_1", "rot_1");

	check("once, although asked for twice", number(j, "secret_version") == 2);
	check("for a day", pg_number("SELECT count(*) FROM endpoints WHERE previous_until BETWEEN "
				     "now() + interval '23 h' AND now() + interval '24 h'") == 1);
	check("shown", json_get(j, "previous_secret_until")->type == JSON_STRING);
	j = ASK(SQL_ENDPOINT_ROTATE, "200", "end_1", "rot_2");
	check("again", number(j, "secret_version") == 3);
	ASK(SQL_ENDPOINT_ROTATE, "404", "end_2", "rot_3");
	as("acc_b");
	ASK(SQL_ENDPOINT_ROTATE, "404", "end_1", "rot_4");
}

static void testing(void **state)
{
	(void)state;
	ASK(SQL_ENDPOINT_CREATE, "201", "https://1.example/", "other", NULL, "end_1");
	const struct json *j = ASK(SQL_ENDPOINT_TEST, "202", "end_1", "dlv_1");

	check_str("type", json_str(j, "type"), STR("test"));
	check_str("state", json_str(j, "state"), STR("waiting"));
	check_str("event", json_str(j, "event_id"), STR("evt_1"));
	check("once", pg_number("SELECT count(*) FROM deliveries") == 1);
	pg_run("UPDATE endpoints SET disabled_at = now()");
	ASK(SQL_ENDPOINT_TEST, "409", "end_1", "dlv_2");
	ASK(SQL_ENDPOINT_TEST, "404", "end_2", "dlv_3");
	as("acc_b");
	ASK(SQL_ENDPOINT_TEST, "404", "end_1", "dlv_4");
	check("nothing more", pg_number("SELECT count(*) FROM deliveries") == 1);
}

static void replaying(void **state)
{
	(void)state;
	ASK(SQL_ENDPOINT_CREATE, "201", "https://1.example/", NULL, NULL, "end_1");
	ASK(SQL_ENDPOINT_TEST, "202", "end_1", "dlv_1");
	pg_run("UPDATE deliveries SET state = 'failed', tries = 10, ended_at = now(), "
	       "due_at = now() - interval '1 day'");
	const struct json *j = ASK(SQL_DELIVERY_REPLAY, "202", "end_1", "dlv_1");

	check_str("waits", json_str(j, "state"), STR("waiting"));
	check("with all its tries", number(j, "tries") == 0);
	check("it has not ended", json_get(j, "ended_at")->type == JSON_NULL);
	check("due", pg_number("SELECT count(*) FROM deliveries WHERE due_at > now() - interval "
			       "'10 s' AND due_at <= now()") == 1);
	pg_run("UPDATE deliveries SET claimed_by = 'p/1', tries = 3, due_at = now() + interval "
	       "'30 s'");
	j = ASK(SQL_DELIVERY_REPLAY, "202", "end_1", "dlv_1");
	check("under way: it stays so",
	      pg_number("SELECT count(*) FROM deliveries WHERE claimed_by = 'p/1' AND tries = 3 AND"
			" due_at > now() + interval '20 s'") == 1);
	ASK(SQL_DELIVERY_REPLAY, "404", "end_1", "dlv_2");
	ASK(SQL_DELIVERY_REPLAY, "404", "end_2", "dlv_1");
	as("acc_b");
	ASK(SQL_DELIVERY_REPLAY, "404", "end_1", "dlv_1");
	as("acc_a");
	pg_run("UPDATE endpoints SET disabled_at = now()");
	ASK(SQL_DELIVERY_REPLAY, "409", "end_1", "dlv_1");
}

static void listing(void **state)
{
	(void)state;
	ASK(SQL_ENDPOINT_CREATE, "201", "https://1.example/", NULL, NULL, "end_1");
	const struct json *j = ASK(SQL_DELIVERY_LIST, "200", "end_1", NULL, "10");

	check("none", json_get(j, "data")->num == 0 && json_get(j, "data")->type == JSON_ARRAY);
	for (int i = 1; i <= 5; i++)
		ASK(SQL_ENDPOINT_TEST, "202", "end_1", pg_text(arena, "dlv_%d", i));
	j = ASK(SQL_DELIVERY_LIST, "200", "end_1", NULL, "2");
	check("a page", json_get(j, "data")->num == 2);
	check_str("newest first", json_str(json_at(json_get(j, "data"), 0), "id"), STR("dlv_5"));
	check_str("more", json_str(j, "next_cursor"), STR("dlv_4"));
	j = ASK(SQL_DELIVERY_LIST, "200", "end_1", "dlv_4", "3");
	check_str("the next", json_str(json_at(json_get(j, "data"), 0), "id"), STR("dlv_3"));
	check("the last", json_get(j, "next_cursor")->type == JSON_NULL);
	ASK(SQL_DELIVERY_LIST, "404", "end_2", NULL, "2");
	as("acc_b");
	ASK(SQL_DELIVERY_LIST, "404", "end_1", NULL, "2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(creating, each, after_each),
		cmocka_unit_test_setup_teardown(creating_at_once, each, after_each),
		cmocka_unit_test_setup_teardown(reading, each, after_each),
		cmocka_unit_test_setup_teardown(changing, each, after_each),
		cmocka_unit_test_setup_teardown(rotating, each, after_each),
		cmocka_unit_test_setup_teardown(testing, each, after_each),
		cmocka_unit_test_setup_teardown(replaying, each, after_each),
		cmocka_unit_test_setup_teardown(listing, each, after_each),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
