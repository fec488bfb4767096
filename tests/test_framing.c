/* test_framing.c - heads of requests that two readers might take for different requests. */
#include "testing.h"

#include "buf.h"
#include "framing.h"

#define HOST "Host: x\r\n"
#define LENGTH "Content-Length: 4\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"

static const struct {
	const char *name, *head, *problem; /* a part of it; NULL: none */
} rows[] = {
	{ "plain", "GET / HTTP/1.1\r\n" HOST "\r\n", NULL },
	{ "a body", "POST / HTTP/1.1\r\n" HOST LENGTH "\r\n", NULL },
	{ "a chunked body", "POST / HTTP/1.1\r\n" HOST CHUNKED "\r\n", NULL },
	{ "names in any case", "POST / HTTP/1.1\r\nhOST: x\r\ncONTENT-lENGTH: 4\r\n\r\n", NULL },
	{ "an empty header", "GET / HTTP/1.1\r\n" HOST "X-A:\r\n\r\n", NULL },
	{ "HTTP/1.0 needs no host", "GET / HTTP/1.0\r\n\r\n", NULL },
	{ "an empty line before it", "\r\nGET / HTTP/1.1\r\n" HOST "\r\n", NULL },

	{ "no host", "GET / HTTP/1.1\r\n\r\n", "exactly one Host" },
	{ "two hosts", "GET / HTTP/1.1\r\n" HOST HOST "\r\n", "exactly one Host" },
	{ "two hosts in HTTP/1.0", "GET / HTTP/1.0\r\n" HOST HOST "\r\n", "exactly one Host" },
	{ "two lengths, the same", "POST / HTTP/1.1\r\n" HOST LENGTH LENGTH "\r\n",
	  "at most one Content-Length" },
	{ "two lengths", "POST / HTTP/1.1\r\n" HOST LENGTH "content-length: 0\r\n\r\n",
	  "at most one Content-Length" },
	{ "length and chunked", "POST / HTTP/1.1\r\n" HOST LENGTH CHUNKED "\r\n", "exclude" },
	{ "chunked and length", "POST / HTTP/1.1\r\n" HOST CHUNKED LENGTH "\r\n", "exclude" },
	{ "chunked in HTTP/1.0", "POST / HTTP/1.0\r\n" HOST CHUNKED "\r\n", "exclude" },
	{ "chunked in HTTP/1.0 behind an empty line", "\r\nPOST / HTTP/1.0\r\n" HOST CHUNKED "\r\n",
	  "exclude" },
	{ "another encoding", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n",
	  "only Transfer-Encoding" },
	{ "two in one", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n",
	  "only Transfer-Encoding" },
	{ "almost chunked", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n",
	  "only Transfer-Encoding" },
	{ "chunked twice", "POST / HTTP/1.1\r\n" HOST CHUNKED CHUNKED "\r\n",
	  "only Transfer-Encoding" },
	{ "chunked, then identity",
	  "POST / HTTP/1.1\r\n" HOST CHUNKED "Transfer-Encoding: identity\r\n\r\n",
	  "only Transfer-Encoding" },
	{ "folded", "GET / HTTP/1.1\r\n" HOST "X-A: 1\r\n 2\r\n\r\n", "folded" },
	{ "folded by a tab", "GET / HTTP/1.1\r\n" HOST "X-A: 1\r\n\t2\r\n\r\n", "folded" },
	{ "bare LF in the request line", "GET / HTTP/1.1\n" HOST "\r\n",
	  "request line must end in CRLF" },
	{ "bare LF in a header", "GET / HTTP/1.1\r\nX-A: 1\n" HOST "\r\n",
	  "header line must end in CRLF" },
	{ "bare LF at the end", "GET / HTTP/1.1\r\n" HOST "\n", "header line must end in CRLF" },
	{ "bare LFs all over", "GET / HTTP/1.1\nHost: x\n\n", "request line must end in CRLF" },
	{ "nothing", "", "not complete" },
	{ "all that is there", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", NULL },
	{ "TRACE", "TRACE / HTTP/1.1\r\n" HOST "\r\n", "TRACE" },
	{ "CONNECT", "CONNECT x:443 HTTP/1.1\r\n" HOST "\r\n", "CONNECT" },
	{ "another server's address", "GET http://y/ HTTP/1.1\r\n" HOST "\r\n", "must be a path" },
	{ "our own", "GET https://x/ HTTP/1.1\r\n" HOST "\r\n", "must be a path" },
	{ "a star", "GET * HTTP/1.1\r\n" HOST "\r\n", "must be a path" },
	{ "two spaces", "GET  / HTTP/1.1\r\n" HOST "\r\n", "one space" },
	{ "a space in the target", "GET /a b HTTP/1.1\r\n" HOST "\r\n", "one space" },
	{ "no version", "GET /\r\n" HOST "\r\n", "one space" },
	{ "another version", "GET / HTTP/1.2\r\n" HOST "\r\n", "one space" },
	{ "HTTP/2", "PRI * HTTP/2.0\r\n\r\n", "one space" },
};

static void problems(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *problem = framing_check(str_of(rows[i].head)).problem;

		check(rows[i].name, !problem == !rows[i].problem);
		if (problem && !strstr(problem, rows[i].problem))
			fail_msg("row '%s': %s", rows[i].name, problem);
	}
}

static void too_much(void **state)
{
	struct arena *a = arena_new();
	struct buf b = buf_new(a, 40000);

	(void)state;
	buf_printf(&b, "GET / HTTP/1.1\r\n" HOST);
	for (int i = 0; i < 100; i++)
		buf_printf(&b, "X-%d: 1\r\n", i);
	buf_printf(&b, "\r\n");
	check("101 headers", framing_check(buf_str(&b)).problem);
	for (size_t len = 16000; len <= 17000; len += 1000) {
		struct str head = arena_printf(a, "GET / HTTP/1.1\r\n" HOST "X: %0*d\r\n\r\n",
					       (int)len, 1);

		check("16 kB", !framing_check(head).problem == (len == 16000));
	}
	arena_free(a);
}

static void chunked(void **state)
{
	(void)state;
	check("is", framing_check(STR("POST / HTTP/1.1\r\n" HOST CHUNKED "\r\n")).chunked);
	check("is not", !framing_check(STR("POST / HTTP/1.1\r\n" HOST LENGTH "\r\n")).chunked);
}

/* The head ends at the first empty line, be it a lax one. */
static void heads(void **state)
{
	static const struct {
		const char *name, *bytes;
		size_t len;
	} ends[] = {
		{ "empty", "", 0 },
		{ "not there yet", "GET / HTTP/1.1\r\nHost: x\r\n", 0 },
		{ "only that", "GET /\r\n\r\n", 9 },
		{ "a body behind it", "GET /\r\n\r\nbody\r\n\r\n", 9 },
		{ "bare LFs", "GET /\n\nbody", 7 },
		{ "bare LFs in the body", "GET /\r\n\r\nbo\n\ndy", 9 },
		{ "CRLF, then LF", "GET /\r\n\nbody", 8 },
		{ "LF, then CRLF", "GET /\n\r\nbody", 8 },
		{ "an empty line before it", "\r\nGET /\r\n\r\nbody", 11 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++)
		check(ends[i].name, framing_head(str_of(ends[i].bytes)).len == ends[i].len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(problems),
		cmocka_unit_test(too_much),
		cmocka_unit_test(chunked),
		cmocka_unit_test(heads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
