/* test_cors.c - which origins fit, and what a browser is told, on a real server. */
#include "turns.h"

#include "cors.h"
#include "wire.h"

#define ORIGINS "https://desk.example.com, http://localhost:3000"

static void fits(void **state)
{
	static const struct {
		const char *origin;
		bool fits;
	} rows[] = {
		{ "https://desk.example.com", true },
		{ "http://localhost:3000", true },
		{ "", false },
		{ "null", false },
		{ "*", false },
		{ "http://desk.example.com", false },
		{ "https://desk.example.com/", false },
		{ "https://desk.example.com:443", false },
		{ "https://desk.example.com:8443", false },
		{ "https://Desk.example.com", false },
		{ "HTTPS://desk.example.com", false },
		{ "https://desk.example.com.evil.example", false },
		{ "https://evil-desk.example.com", false },
		{ "https://a.desk.example.com", false },
		{ "https://example.com", false },
		{ "https://desk.example.co", false },
		{ "https://desk.example.com, http://localhost:3000", false },
		{ "https://desk.example.com https://evil.example", false },
		{ "http://localhost", false },
		{ "http://localhost:30000", false },
		{ "http://localhost:3001", false },
		{ "http://127.0.0.1:3000", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str origin = str_of(rows[i].origin);

		check(rows[i].origin, cors_fits(STR(ORIGINS), origin) == rows[i].fits);
		check(rows[i].origin, !cors_fits(STR(""), origin));
	}
	check("an empty one among them", !cors_fits(STR("https://a.example,,"), STR("")));
}

static const char *configured;

static void handle(struct exchange *x)
{
	if (cors_begin(x, str_of(configured)))
		cors_preflight(x, STR("GET, POST"));
	else
		exchange_reply(x, 200, STR("text/plain"), STR("here"));
}

static void answers(void **state)
{
	static const struct {
		const char *name, *origins, *method, *headers;
		int status;
		const char *allowed, *vary, *methods;
	} rows[] = {
		{ "off", "", "GET", "Origin: https://desk.example.com\r\n", 200, "", "", "" },
		{ "off, preflight", "", "OPTIONS",
		  "Origin: https://desk.example.com\r\nAccess-Control-Request-Method: GET\r\n", 200,
		  "", "", "" },
		{ "no origin", ORIGINS, "GET", "", 200, "", "Origin", "" },
		{ "another", ORIGINS, "GET", "Origin: https://evil.example\r\n", 200, "", "Origin",
		  "" },
		{ "named", ORIGINS, "GET", "Origin: https://desk.example.com\r\n", 200,
		  "https://desk.example.com", "Origin", "" },
		{ "preflight", ORIGINS, "OPTIONS",
		  "Origin: http://localhost:3000\r\nAccess-Control-Request-Method: PUT\r\n", 204,
		  "http://localhost:3000", "Origin", "GET, POST" },
		{ "preflight of another", ORIGINS, "OPTIONS",
		  "Origin: null\r\nAccess-Control-Request-Method: PUT\r\n", 200, "", "Origin", "" },
		{ "no preflight", ORIGINS, "OPTIONS", "Origin: http://localhost:3000\r\n", 200,
		  "http://localhost:3000", "Origin", "" },
	};
	struct house h = house_open(&(struct server_settings){ .handle = handle });

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		configured = rows[i].origins;
		struct answer r = wire_ask(&h, arena_printf(h.arena,
							    "%s / HTTP/1.1\r\nHost: x\r\n%s\r\n",
							    rows[i].method, rows[i].headers));
		struct arena *a = h.arena;

		check(rows[i].name, r.status == rows[i].status);
		check_str(rows[i].name, answer_header(a, &r, "access-control-allow-origin"),
			  str_of(rows[i].allowed));
		check_str(rows[i].name, answer_header(a, &r, "vary"), str_of(rows[i].vary));
		check_str(rows[i].name, answer_header(a, &r, "access-control-allow-methods"),
			  str_of(rows[i].methods));
		check_str(rows[i].name, answer_header(a, &r, "access-control-max-age"),
			  rows[i].methods[0] ? STR("600") : STR(""));
		check_str(rows[i].name, answer_header(a, &r, "access-control-allow-credentials"),
			  STR(""));
	}
	house_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(fits), cmocka_unit_test(answers) };

	return cmocka_run_group_tests_name("cors", tests, NULL, NULL);
}
