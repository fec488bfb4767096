/* test_server_framing.c - which requests reach a handler, on real sockets: framing and length. */
#include "turns.h"

#include "wire.h"

#define HOST "Host: x\r\n"
#define POST(lines) "POST / HTTP/1.1\r\n" HOST lines
#define LENGTH "Content-Length: 4\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define GET(path) STR("GET " path " HTTP/1.1\r\n" HOST "\r\n")

static unsigned handled;

static void handle(struct exchange *x)
{
	handled++;
	exchange_reply(x, 200, STR("text/plain"),
		       arena_printf(x->arena, STR_FMT " " STR_FMT " " STR_FMT,
				    STR_ARG(x->request.method), STR_ARG(x->request.url),
				    STR_ARG(x->request.body)));
}

static struct house open_house(void)
{
	handled = 0;
	return house_open(&(struct server_settings){ .handle = handle });
}

/* ---- what is refused before the handler sees it ---- */

/* clang-format off */
static const struct {
	const char *name;
	struct str request;
	bool ours; /* framing.c refuses it, with a problem; else libh2o does */
} refused[] = {
	{ "length and chunked",
	  STR(POST(LENGTH CHUNKED "\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n" HOST "\r\n")), true },
	{ "two lengths", STR(POST(LENGTH "Content-Length: 0\r\n\r\nabcd")), true },
	{ "two lengths, the same", STR(POST(LENGTH LENGTH "\r\nabcd")), true },
	{ "bare LF", STR("GET / HTTP/1.1\nHost: x\n\n"), true },
	{ "LF, then CRLF", STR("GET / HTTP/1.1\r\nHost: x\n\r\n"), true },
	{ "folded", STR("GET / HTTP/1.1\r\n" HOST "X-A: 1\r\n 2\r\n\r\n"), true },
	{ "no host", STR("GET / HTTP/1.1\r\n\r\n"), true },
	{ "two hosts", STR("GET / HTTP/1.1\r\n" HOST HOST "\r\n"), true },
	{ "chunked in HTTP/1.0",
	  STR("POST / HTTP/1.0\r\n" HOST CHUNKED "\r\n0\r\n\r\n"), true },
	{ "chunked twice", STR(POST(CHUNKED CHUNKED "\r\n0\r\n\r\n")), true },
	{ "length with a sign", STR(POST("Content-Length: +4\r\n\r\nabcd")), false },
	{ "two lengths in one", STR(POST("Content-Length: 4, 4\r\n\r\nabcd")), false },
	{ "hexadecimal length", STR(POST("Content-Length: 0x4\r\n\r\nabcd")), false },
	{ "negative length", STR(POST("Content-Length: -1\r\n\r\n")), false },
	{ "another encoding", STR(POST("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")), false },
	{ "space before the colon",
	  STR(POST("Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n")), false },
	{ "NUL in a header", STR("GET / HTTP/1.1\r\n" HOST "X-A: a\0b\r\n\r\n"), false },
	{ "huge chunk", STR(POST(CHUNKED "\r\nffffffffffffffffff\r\nabc")), false },
	{ "no HTTP", STR("hello\r\n\r\n"), false },
};
/* clang-format on */

static void framing(void **state)
{
	struct house h = open_house();

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		const char *name = refused[i].name;
		struct wire *w = wire_open(&h);

		wire_send(w, refused[i].request);
		struct answer r = wire_answer(w, false);
		check(name, r.status == 400);
		if (refused[i].ours) {
			const char *why;
			const struct json *problem = json_parse(h.arena, r.body, &why);

			check_str(name, json_str(problem, "code"), STR("bad_request"));
			check_str(name, answer_header(h.arena, &r, "content-type"),
				  STR("application/problem+json"));
		}
		turn_until(h.loop, 1000, (wire_read(w), w->closed));
		check(name, w->len == 0); /* nothing behind it was answered */
		wire_close(w);
	}
	check("the handler saw none of them", handled == 0);
	house_close(&h);
}

/* What looks odd and is fine, or is at least read the same by everybody. */
static void accepted(void **state)
{
	static const struct {
		const char *name;
		struct str request;
		const char *echo;
	} rows[] = {
		{ "plain", GET("/a?b=c"), "GET /a?b=c " },
		{ "a body", STR(POST(LENGTH "\r\nabcd")), "POST / abcd" },
		{ "a chunked body",
		  STR("POST / HTTP/1.1\r\n" HOST
		      "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2;x=y\r\ncd\r\n0\r\n\r\n"),
		  "POST / abcd" },
		{ "an empty line before it", STR("\r\nGET /a HTTP/1.1\r\n" HOST "\r\n"),
		  "GET /a " },
		{ "HTTP/1.0", STR("GET /a HTTP/1.0\r\n\r\n"), "GET /a " },
		{ "an offer of HTTP/2",
		  STR("GET /a HTTP/1.1\r\n" HOST "Connection: Upgrade, HTTP2-Settings\r\n"
		      "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"),
		  "GET /a " },
		{ "dots in the path", GET("/a/../b"), "GET /a/../b " },
		{ "a NUL in the path", GET("/a%00b"), "GET /a%00b " },
	};
	struct house h = open_house();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct answer r = wire_ask(&h, rows[i].request);

		check(rows[i].name, r.status == 200);
		check_str(rows[i].name, r.body, str_of(rows[i].echo));
	}
	house_close(&h);
}

static void body_limit(void **state)
{
	static const struct {
		const char *name;
		size_t len;
		bool chunked;
		int status;
	} rows[] = {
		{ "as much as allowed", 1000, false, 200 },
		{ "a byte more", 1001, false, 413 },
		{ "much more", 100000, false, 413 },
		{ "chunked, a little less: its framing counts", 980, true, 200 },
		{ "chunked, more", 1001, true, 413 },
	};
	struct house h = open_house();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *body = arena_zero(h.arena, rows[i].len + 1);

		memset(body, 'x', rows[i].len);
		struct answer r = wire_ask(
			&h, rows[i].chunked ?
				    arena_printf(h.arena,
						 "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: "
						 "chunked\r\n\r\n%zx\r\n%s\r\n0\r\n\r\n",
						 rows[i].len, body) :
				    arena_printf(h.arena,
						 "POST / HTTP/1.1\r\n" HOST
						 "Content-Length: %zu\r\n\r\n%s",
						 rows[i].len, body));
		check(rows[i].name, r.status == rows[i].status);
		check(rows[i].name,
		      r.status != 200 || r.body.len == rows[i].len + strlen("POST / "));
	}
	check("handled", handled == 2);
	house_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(framing),
		cmocka_unit_test(accepted),
		cmocka_unit_test(body_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
