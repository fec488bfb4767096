/* test_http_client.c - what of a request was sent, what may have been, and nothing ever twice. */
#include "calling.h"

#include <stdlib.h>

/* ---- tests ---- */

/* One request to a server that does something; and how often it was seen. */
static void deeds(void **state)
{
	static const struct {
		const char *name;
		enum scripted_deed deed;
		const char *answer; /* NULL: a good one */
		enum http_transport transport;
		int status;
		const char *error; /* a part of it */
	} rows[] = {
		{ "answered", ANSWER, NULL, HTTP_ANSWERED, 200, "" },
		{ "answered, closed", ANSWER_AND_CLOSE, NULL, HTTP_ANSWERED, 200, "" },
		{ "an error is an answer", ANSWER, "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
		  HTTP_ANSWERED, 500, "" },
		{ "a redirect is not followed", ANSWER,
		  "HTTP/1.1 307 Go\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
		  HTTP_ANSWERED, 307, "" },
		{ "100 Continue, then the answer", ANSWER,
		  "HTTP/1.1 100 Continue\r\nX-From: not this\r\n\r\n"
		  "HTTP/1.1 201 Created\r\nX-From: test\r\nContent-Length: 2\r\n\r\nok",
		  HTTP_ANSWERED, 201, "" },
		{ "closed without an answer", CLOSE, NULL, HTTP_MAYBE_SENT, 0, "Empty reply" },
		{ "reset", RESET, NULL, HTTP_MAYBE_SENT, 0, "reset" },
		{ "answer cut off", ANSWER_AND_CLOSE,
		  "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nonly this", HTTP_MAYBE_SENT, 0,
		  "" },
		{ "no HTTP", ANSWER_AND_CLOSE, "SSH-2.0-OpenSSH_9.2\r\n", HTTP_MAYBE_SENT, 0, "" },
		{ "hangs", HANG, NULL, HTTP_MAYBE_SENT, 0, "timed out" },
		{ "hangs in the answer", ANSWER,
		  "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf", HTTP_MAYBE_SENT, 0,
		  "timed out" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct calling h = calling_open(100);
		struct http_limits l = ordinary_limits;
		struct fate f = { 0 };

		l.total_ms = 400;
		h.server->deeds[0] = rows[i].deed;
		if (rows[i].answer)
			h.server->answer = rows[i].answer;
		calling_post(&h, &l, &f);
		calling_wait(&h, 1, 3000);
		calling_linger(&h, 50);
		check(rows[i].name, f.times == 1 && f.transport == rows[i].transport);
		check(rows[i].name, f.status == rows[i].status);
		if (!strcasestr(f.error, rows[i].error))
			fail_msg("row '%s': error is '%s'", rows[i].name, f.error);
		check(rows[i].name, h.server->requests == 1);
		check(rows[i].name, h.server->body_bytes == strlen("0123456789"));
		if (f.transport == HTTP_ANSWERED && f.status < 300) {
			check_str(rows[i].name, str_of(f.body), STR("ok"));
			check_str(rows[i].name, str_of(f.header), STR("test"));
		}
		calling_close(&h);
	}
}

/* What never leaves this machine, or is refused at the other end's door. */
static void not_sent(void **state)
{
	static const struct {
		const char *name, *url;
	} rows[] = {
		{ "http to elsewhere", "http://192.0.2.1/send" },
		{ "http to a name", "http://example.com/send" },
		{ "a name that begins like ours", "http://localhost.example.com/send" },
		{ "a name that begins like 127", "http://127.0.0.1.example.com/send" },
		{ "user that looks like a host", "http://127.0.0.1@example.com/send" },
		{ "another scheme", "ftp://127.0.0.1/send" },
		{ "no scheme", "127.0.0.1/send" },
		{ "empty", "" },
		{ "no such name", "https://there-is-no-such-host.invalid/send" },
		{ "refused", "http://127.0.0.1:1/send" },
		{ "TLS refused", "https://127.0.0.1:1/send" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct calling h = calling_open(100);
		struct fate f = { 0 };

		calling_send(&h, str_of(rows[i].url), &ordinary_limits, &f);
		calling_wait(&h, 1, 5000);
		check(rows[i].name, f.times == 1 && f.transport == HTTP_NOT_SENT);
		check(rows[i].name, f.status == 0 && *f.error);
		calling_close(&h);
	}
}

/* Plain HTTP where TLS is expected: the handshake fails, and no byte of the request left. */
static void tls_handshake(void **state)
{
	struct calling h = calling_open(100);
	struct fate f = { 0 };

	(void)state;
	h.server->deeds[0] = RESET;
	calling_send(
		&h, arena_printf(h.arena, "https://127.0.0.1:%u/send", h.server->port),
		&(struct http_limits){ .connect_ms = 300, .total_ms = 600, .response_max = 100 },
		&f);
	calling_wait(&h, 1, 3000);
	check("not sent", f.transport == HTTP_NOT_SENT && h.server->requests == 0);
	calling_close(&h);
}

static void too_long(void **state)
{
	struct calling h = calling_open(100);
	struct http_limits l = ordinary_limits;
	struct fate fits = { 0 }, longer = { 0 };

	(void)state;
	l.response_max = 2;
	calling_post(&h, &l, &fits);
	calling_wait(&h, 1, 3000);
	l.response_max = 1;
	calling_post(&h, &l, &longer);
	calling_wait(&h, 2, 3000);
	check("fits", fits.transport == HTTP_ANSWERED);
	check("a byte too long", longer.transport == HTTP_MAYBE_SENT);
	check_str("why", str_of(longer.error), STR("the answer was too long"));
	calling_close(&h);
}

/* Its time to be sent is over: the server may see a head, never a byte of the body. */
static void past_its_time(void **state)
{
	struct calling h = calling_open(100);
	struct http_limits l = ordinary_limits;
	struct fate late = { 0 }, good = { 0 };

	(void)state;
	l.write_by_ms = clock_mono_ms() - 1;
	calling_post(&h, &l, &late);
	calling_wait(&h, 1, 3000);
	calling_linger(&h, 100);
	check("not sent", late.transport == HTTP_NOT_SENT);
	check_str("why", str_of(late.error), STR("the time to send it had passed"));
	check("nothing was seen", h.server->requests == 0 && h.server->body_bytes == 0);

	l.write_by_ms = clock_mono_ms() + 5000;
	calling_post(&h, &l, &good);
	calling_wait(&h, 2, 3000);
	check("in time", good.transport == HTTP_ANSWERED && h.server->requests == 1);
	calling_close(&h);
}

/* A connection that dies under the second request: libcurl would send that one again by itself. */
static void dead_connection(void **state)
{
	static const struct {
		const char *name;
		enum scripted_deed deed;
	} rows[] = { { "closed", CLOSE }, { "reset", RESET } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct calling h = calling_open(100);
		struct fate first = { 0 }, second = { 0 }, third = { 0 };

		h.server->deeds[0] = ANSWER;
		h.server->deeds[1] = rows[i].deed;
		h.server->deeds[2] = ANSWER;
		h.server->deed_num = 3;
		calling_post(&h, &ordinary_limits, &first);
		calling_wait(&h, 1, 3000);
		check(rows[i].name, first.transport == HTTP_ANSWERED);
		calling_post(&h, &ordinary_limits, &second);
		calling_wait(&h, 2, 3000);
		calling_linger(&h, 300);
		check(rows[i].name, second.times == 1 && second.transport == HTTP_MAYBE_SENT);
		check(rows[i].name, h.server->requests == 2);
		calling_post(&h, &ordinary_limits, &third);
		calling_wait(&h, 3, 3000);
		check(rows[i].name, third.transport == HTTP_ANSWERED);
		check(rows[i].name, h.server->requests == 3);
		calling_close(&h);
	}
}

/* The server closed while the connection was idle: a new one is made, and one copy is sent. */
static void idle_connection_closed(void **state)
{
	struct calling h = calling_open(100);
	struct fate first = { 0 }, second = { 0 };

	(void)state;
	h.server->deeds[0] = ANSWER_AND_CLOSE;
	h.server->deeds[1] = ANSWER;
	h.server->deed_num = 2;
	calling_post(&h, &ordinary_limits, &first);
	calling_wait(&h, 1, 3000);
	calling_post(&h, &ordinary_limits, &second);
	calling_wait(&h, 2, 3000);
	check("answered", second.transport == HTTP_ANSWERED);
	check("one copy each", h.server->requests == 2 && h.server->connections == 2);
	calling_close(&h);
}

static void many(void **state)
{
	enum { CALLS = 1000 };
	struct calling h = calling_open(100);
	struct fate *f = calloc(CALLS, sizeof(*f));

	(void)state;
	for (int i = 0; i < CALLS; i++)
		calling_post(&h, &(struct http_limits){ 5000, 20000, .response_max = 1000 }, &f[i]);
	calling_wait(&h, CALLS, 20000);
	for (int i = 0; i < CALLS; i++)
		check("answered once", f[i].times == 1 && f[i].transport == HTTP_ANSWERED);
	check("one copy each", h.server->requests == CALLS);
	check("no more connections than allowed, used again", h.server->connections <= 100);
	calling_close(&h);
	free(f);
}

/* A call that starts the next from inside its own end, as dispatch does. */
static struct calling *chain;
static unsigned chain_left;

static void on_link(void *ctx, const struct http_response *r)
{
	fate_note(ctx, r);
	if (chain_left && chain_left--) {
		const struct http_request request = { .method = STR("POST"),
						      .url = arena_printf(chain->arena,
									  "http://127.0.0.1:%u/",
									  chain->server->port) };

		http_client_send(chain->client, &request, &ordinary_limits, on_link, ctx);
	}
}

static void from_inside(void **state)
{
	struct calling h = calling_open(100);
	struct fate f = { 0 };
	const struct http_request refused = { .method = STR("POST"), .url = STR("ftp://x") };

	(void)state;
	chain = &h;
	chain_left = 10;
	http_client_send(h.client, &refused, &ordinary_limits, on_link, &f);
	calling_wait(&h, 11, 5000);
	check("answered", f.transport == HTTP_ANSWERED && h.server->requests == 10);
	calling_close(&h);
}

/* Freed with calls in every stage: each is told, once, and nothing is left in the loop. */
static void freed_in_flight(void **state)
{
	struct calling h = calling_open(100);
	struct fate answered = { 0 }, hanging[3] = { 0 }, fresh = { 0 }, refused = { 0 };

	(void)state;
	h.server->deeds[0] = ANSWER;
	h.server->deeds[1] = HANG;
	h.server->deed_num = 2;
	calling_post(&h, &ordinary_limits, &answered);
	calling_wait(&h, 1, 3000);
	for (size_t i = 0; i < COUNT(hanging); i++)
		calling_post(&h, &ordinary_limits, &hanging[i]);
	calling_linger(&h, 100);
	calling_post(&h, &ordinary_limits, &fresh);
	calling_send(&h, STR("ftp://x"), &ordinary_limits, &refused);
	calling_close(&h);
	for (size_t i = 0; i < COUNT(hanging); i++)
		check("hanging", hanging[i].times == 1 && hanging[i].transport == HTTP_MAYBE_SENT);
	check("fresh", fresh.times == 1 && fresh.transport != HTTP_ANSWERED);
	check("refused", refused.times == 1 && refused.transport == HTTP_NOT_SENT);
	check("no end after which the kernel delivers what is left",
	      calling_resets >= COUNT(hanging));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deeds),
		cmocka_unit_test(not_sent),
		cmocka_unit_test(tls_handshake),
		cmocka_unit_test(too_long),
		cmocka_unit_test(past_its_time),
		cmocka_unit_test(dead_connection),
		cmocka_unit_test(idle_connection_closed),
		cmocka_unit_test(many),
		cmocka_unit_test(from_inside),
		cmocka_unit_test(freed_in_flight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
