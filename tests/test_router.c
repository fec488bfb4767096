/* test_router.c - finding the endpoint of a request, and the form of the API's answers. */
#include "turns.h"

#include "reply.h"
#include "router.h"
#include "wire.h"

#define HOST "Host: x\r\n"

static void list(struct exchange *x)
{
	exchange_reply(x, 200, STR("text/plain"), STR("list"));
}

static void create(struct exchange *x)
{
	exchange_reply(x, 201, STR("text/plain"), STR("created"));
}

/* The row that was chosen, and what the names of its path stand for. */
static void show(struct exchange *x)
{
	exchange_reply(x, 200, STR("text/plain"),
		       arena_printf(x->arena, "%s (" STR_FMT ") (" STR_FMT ")", x->route->path,
				    STR_ARG(x->params[0]), STR_ARG(x->params[1])));
}

static void busy(struct exchange *x)
{
	reply_problem(x, ERR_UNAVAILABLE, NULL, NULL);
}

static void unfit(struct exchange *x)
{
	reply_problem(x, ERR_INVALID_FIELD, "to", "It says \"no\".");
}

static void locked(struct exchange *x)
{
	reply_problem(x, ERR_UNAUTHORIZED, NULL, NULL);
}

static const struct route routes[] = {
	{ "GET", "/things", ANYONE, list, .summary = "" },
	{ "POST", "/things", ANYONE, create, .summary = "" },
	{ "GET", "/things/new", ANYONE, list, .summary = "" },
	{ "GET", "/things/{id}", ANYONE, show, .summary = "" },
	{ "DELETE", "/things/{id}", ANYONE, show, .summary = "" },
	{ "GET", "/things/{id}/parts/{part}", ANYONE, show, .summary = "" },
	{ "GET", "/busy", ANYONE, busy, .summary = "" },
	{ "GET", "/unfit", ANYONE, unfit, .summary = "" },
	{ "GET", "/locked", ANYONE, locked, .summary = "" },
};

static void handle(struct exchange *x)
{
	router_handle(routes, COUNT(routes), x);
}

static struct house open_house(void)
{
	return house_open(&(struct server_settings){ .handle = handle });
}

static struct answer ask(struct house *h, const char *method, const char *path)
{
	return wire_ask(h, arena_printf(h->arena, "%s %s HTTP/1.1\r\n" HOST "\r\n", method, path));
}

static void routing(void **state)
{
	static const struct {
		const char *method, *path;
		int status;
		const char *body; /* NULL: a problem */
		const char *allow;
	} rows[] = {
		{ "GET", "/things", 200, "list", "" },
		{ "GET", "/things?limit=3", 200, "list", "" },
		{ "GET", "/things/", 200, "list", "" },
		{ "POST", "/things", 201, "created", "" },
		{ "GET", "/things/new", 200, "list", "" },
		{ "GET", "/things/7", 200, "/things/{id} (7) ()", "" },
		{ "DELETE", "/things/7", 200, "/things/{id} (7) ()", "" },
		{ "GET", "/things/7/parts/b", 200, "/things/{id}/parts/{part} (7) (b)", "" },

		{ "GET", "/things/a%20b", 200, "/things/{id} (a b) ()", "" },
		{ "GET", "/things/a%2Fb", 200, "/things/{id} (a/b) ()", "" },
		{ "GET", "/things/a%2fb/parts/%C3%BC", 200,
		  "/things/{id}/parts/{part} (a/b) (\xc3\xbc)", "" },
		{ "GET", "/things/a+b", 200, "/things/{id} (a+b) ()", "" },
		{ "GET", "/things/a=b&c=d", 200, "/things/{id} (a=b&c=d) ()", "" },
		{ "GET", "/things/%2525", 200, "/things/{id} (%25) ()", "" },
		{ "GET", "/things/a%3Fb?c", 200, "/things/{id} (a?b) ()", "" },
		{ "GET", "/things/%zz", 200, "/things/{id} (%zz) ()", "" },
		{ "GET", "/things/%", 200, "/things/{id} (%) ()", "" },

		{ "PUT", "/things", 405, NULL, "GET, POST" },
		{ "POST", "/things/7", 405, NULL, "GET, DELETE" },
		{ "get", "/things", 405, NULL, "GET, POST" },
		{ "GET", "/", 404, NULL, "" },
		{ "GET", "/thing", 404, NULL, "" },
		{ "GET", "/Things", 404, NULL, "" },
		{ "GET", "/things/7/parts", 404, NULL, "" },
		{ "GET", "/things//parts/b", 404, NULL, "" },
		{ "GET", "/things/7/parts/b/c", 404, NULL, "" },
		{ "GET", "//things", 404, NULL, "" },
		{ "GET", "/things/../things", 404, NULL, "" },
		{ "POST", "/nothing", 404, NULL, "" },
	};
	struct house h = open_house();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct answer r = ask(&h, rows[i].method, rows[i].path);

		if (r.status != rows[i].status)
			fail_msg("%s %s: %d", rows[i].method, rows[i].path, r.status);
		check_str(rows[i].path, answer_header(h.arena, &r, "allow"), str_of(rows[i].allow));
		if (rows[i].body)
			check_str(rows[i].path, r.body, str_of(rows[i].body));
	}
	house_close(&h);
}

static void head(void **state)
{
	struct house h = open_house();
	struct wire *w = wire_open(&h);

	(void)state;
	wire_send(w, STR("HEAD /things HTTP/1.1\r\n" HOST "\r\n"));
	struct answer r = wire_answer(w, true);
	check("as GET", r.status == 200);
	check_str("length", answer_header(h.arena, &r, "content-length"), STR("4"));
	wire_send(w, STR("HEAD /nothing HTTP/1.1\r\n" HOST "\r\n"));
	check("a problem", wire_answer(w, true).status == 404);
	turn_for(h.loop, 20);
	wire_read(w);
	check("no body", w->len == 0);
	wire_close(w);
	house_close(&h);
}

static void problems(void **state)
{
	static const struct {
		const char *path;
		int status;
		const char *title, *code, *detail, *param, *retry, *challenge;
	} rows[] = {
		{ "/nothing", 404, "There is nothing here", "not_found",
		  "No endpoint has this path.", NULL, NULL, NULL },
		{ "/unfit", 422, "A field is not acceptable", "invalid_field", "It says \"no\".",
		  "to", NULL, NULL },
		{ "/busy", 503, "Busy or restarting; try again shortly", "unavailable",
		  "Busy or restarting; try again shortly", NULL, "2", NULL },
		{ "/locked", 401, "A valid API key or session is needed", "unauthorized",
		  "A valid API key or session is needed", NULL, NULL, "Bearer" },
	};
	struct house h = open_house();
	const char *why;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *path = rows[i].path;
		struct answer r = ask(&h, "GET", path);
		const struct json *problem = json_parse(h.arena, r.body, &why);
		int64_t status = 0;

		check(path, problem && r.status == rows[i].status);
		check(path, json_int(json_get(problem, "status"), &status) && status == r.status);
		check_str(path, json_str(problem, "type"), STR("about:blank"));
		check_str(path, json_str(problem, "title"), str_of(rows[i].title));
		check_str(path, json_str(problem, "code"), str_of(rows[i].code));
		check_str(path, json_str(problem, "detail"), str_of(rows[i].detail));
		check_str(path, json_str(problem, "param"), str_of(rows[i].param));
		check_str(path, json_str(problem, "request_id"),
			  answer_header(h.arena, &r, "x-request-id"));
		check_str(path, answer_header(h.arena, &r, "content-type"),
			  STR("application/problem+json"));
		check_str(path, answer_header(h.arena, &r, "retry-after"), str_of(rows[i].retry));
		check_str(path, answer_header(h.arena, &r, "www-authenticate"),
			  str_of(rows[i].challenge));
		check_str(path, answer_header(h.arena, &r, "x-content-type-options"),
			  STR("nosniff"));
	}
	house_close(&h);
}

/* The caller's X-Request-ID is kept when it is short and harmless in a log line. */
#define TWENTY "12345678901234567890"
#define TWO_HUNDRED TWENTY TWENTY TWENTY TWENTY TWENTY TWENTY TWENTY TWENTY TWENTY TWENTY

static void request_ids(void **state)
{
	static const struct {
		const char *given;
		bool kept;
	} rows[] = {
		{ "abc-123_x.Y", true }, { TWO_HUNDRED, true }, { TWO_HUNDRED "1", false },
		{ "", false },		 { "a b", false },	{ "a\tb", false },
		{ "a=b", false },	 { "\"", false },	{ "\xc3\xbc", false },
	};
	struct house h = open_house();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct answer r = wire_ask(&h, arena_printf(h.arena,
							    "GET /things HTTP/1.1\r\n" HOST
							    "X-Request-ID: %s\r\n\r\n",
							    rows[i].given));
		struct str id = answer_header(h.arena, &r, "x-request-id");

		check(rows[i].given, r.status == 200 && id.len);
		check(rows[i].given, str_is(id, rows[i].given) == rows[i].kept);
		check(rows[i].given, rows[i].kept || str_starts(id, STR("req_")));
	}
	house_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routing),
		cmocka_unit_test(head),
		cmocka_unit_test(problems),
		cmocka_unit_test(request_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
