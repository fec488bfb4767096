/* test_server.c - the HTTP edge on real sockets: connections, limits, and clients that go away. */
#include "turns.h"

#include <h2o.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "reply.h"
#include "wire.h"

#define HOST "Host: x\r\n"
#define GET(path) STR("GET " path " HTTP/1.1\r\n" HOST "\r\n")

static unsigned handled;
static struct exchange *kept[4]; /* those that are answered later */
static size_t kept_num;

static void handle(struct exchange *x)
{
	handled++;
	if (str_is(x->path, "/later"))
		kept[kept_num++] = x;
	else if (str_is(x->path, "/reset"))
		exchange_hang_up(x, true);
	else if (str_is(x->path, "/close"))
		exchange_hang_up(x, false);
	else if (str_is(x->path, "/big"))
		exchange_reply(x, 200, STR("text/plain"),
			       (struct str){ arena_zero(x->arena, 5000000), 5000000 });
	else
		exchange_reply(x, 200, STR("text/plain"),
			       arena_printf(x->arena, STR_FMT " " STR_FMT " " STR_FMT,
					    STR_ARG(x->request.method), STR_ARG(x->request.url),
					    STR_ARG(x->request.body)));
}

static struct house open_house(void)
{
	handled = 0;
	kept_num = 0;
	return house_open(&(struct server_settings){ .handle = handle });
}

static void reply_kept(size_t i)
{
	reply_json(kept[i], 202, arena_printf(kept[i]->arena, "{\"n\":%zu}", i));
}

/* ---- connections ---- */

static void kept_alive(void **state)
{
	struct house h = open_house();
	struct wire *w = wire_open(&h);

	(void)state;
	for (int i = 0; i < 3; i++) {
		wire_send(w, GET("/a"));
		check("answered", wire_answer(w, false).status == 200);
	}
	wire_send(w, STR("GET /1 HTTP/1.1\r\n" HOST "\r\nGET /2 HTTP/1.1\r\n" HOST "\r\n"));
	check_str("pipelined", wire_answer(w, false).body, STR("GET /1 "));
	check_str("in order", wire_answer(w, false).body, STR("GET /2 "));
	check("one connection", server_connections(h.server) == 1 && !w->closed);

	wire_send(w, STR("HEAD /a HTTP/1.1\r\n" HOST "\r\n"));
	struct answer r = wire_answer(w, true);
	check_str("length as for GET", answer_header(h.arena, &r, "content-length"), STR("8"));
	wire_send(w, GET("/b"));
	check_str("and no body", wire_answer(w, false).body, STR("GET /b "));
	wire_send(w, STR("GET /a HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));
	check("answered", wire_answer(w, false).status == 200);
	turn_until(h.loop, 1000, (wire_read(w), w->closed));
	wire_close(w);
	house_close(&h);
}

/* The client goes before its answer; the exchange lives until the reply, which goes nowhere. */
static void client_gone(void **state)
{
	static const char *const ways[] = { "closed", "reset" };

	(void)state;
	for (int way = 0; way < 2; way++) {
		struct house h = open_house();
		struct wire *w = wire_open(&h);
		const struct linger drop = { .l_onoff = way, .l_linger = 0 };

		wire_send(w, STR("POST /later?x=1 HTTP/1.1\r\n" HOST "X-A: 1\r\n"
				 "Content-Length: 4\r\n\r\nabcd"));
		turn_until(h.loop, 1000, kept_num == 1);
		check(ways[way], server_requests(h.server) == 1);
		setsockopt(w->fd, SOL_SOCKET, SO_LINGER, &drop, sizeof(drop));
		wire_close(w);
		turn_for(h.loop, 20);
		check(ways[way], server_requests(h.server) == 1);
		check_str(ways[way], kept[0]->request.body, STR("abcd"));
		check_str(ways[way], kept[0]->query, STR("x=1"));
		check_str(ways[way], exchange_header(kept[0], "x-a"), STR("1"));
		exchange_add_header(kept[0], "x-b", STR("2"));
		reply_kept(0);
		check(ways[way], server_requests(h.server) == 0);
		turn_until(h.loop, 1000, !server_connections(h.server));
		house_close(&h);
	}
}

/* The request dies first, as libh2o may let it: what the exchange holds of it was copied. */
static void request_gone(void **state)
{
	h2o_req_t req = { .version = 0x101 };
	unsigned open_num = 0;

	(void)state;
	h2o_mem_init_pool(&req.pool);
	req.method = h2o_strdup(&req.pool, "POST", SIZE_MAX);
	req.path = h2o_strdup(&req.pool, "/later?x=1", SIZE_MAX);
	req.entity = h2o_strdup(&req.pool, "abcd", SIZE_MAX);
	struct exchange *x = exchange_new(&req, NULL, &open_num, &(struct proxy){ 0 });
	check("open", open_num == 1);
	h2o_mem_clear_pool(&req.pool);
	check_str("body", x->request.body, STR("abcd"));
	check_str("path", x->path, STR("/later"));
	exchange_add_header(x, "x-b", STR("2"));
	reply_json(x, 200, STR("{}"));
	check("replied", open_num == 0);
}

/* The client goes while a long answer is on its way to it. */
static void gone_while_reading(void **state)
{
	struct house h = open_house();
	struct wire *w = wire_open(&h);

	(void)state;
	wire_send(w, GET("/big"));
	turn_until(h.loop, 1000, handled == 1);
	turn_for(h.loop, 20);
	check("on its way", server_connections(h.server) == 1);
	wire_close(w);
	turn_until(h.loop, 1000, !server_connections(h.server));
	house_close(&h);
}

static void hang_up(void **state)
{
	struct house h = open_house();

	(void)state;
	for (int reset = 0; reset < 2; reset++) {
		struct wire *w = wire_open(&h);

		wire_send(w, reset ? GET("/reset") : GET("/close"));
		check("no answer", wire_answer(w, false).status == 0);
		check("closed", w->closed && w->len == 0 && w->reset == reset);
		wire_close(w);
		turn_until(h.loop, 1000, !server_connections(h.server));
		check("it counts as answered", server_requests(h.server) == 0);
	}
	house_close(&h);
}

/* New ones are accepted and answered, but every answer ends its connection. */
static void left(void **state)
{
	struct house h = open_house();
	struct wire *idle = wire_open(&h), *late;

	(void)state;
	wire_send(idle, GET("/a"));
	struct answer r = wire_answer(idle, false);
	check_str("before", answer_header(h.arena, &r, "connection"), STR("keep-alive"));
	server_leave(h.server);
	late = wire_open(&h);
	wire_send(late, GET("/b"));
	r = wire_answer(late, false);
	check("answered", r.status == 200 && server_listening(h.server));
	check_str("and ended", answer_header(h.arena, &r, "connection"), STR("close"));
	turn_until(h.loop, 1000, (wire_read(late), late->closed));
	turn_for(h.loop, 50);
	check("a silent one is left alone", (wire_read(idle), !idle->closed));
	wire_send(idle, GET("/c"));
	r = wire_answer(idle, false);
	check_str("until it asks", answer_header(h.arena, &r, "connection"), STR("close"));
	wire_close(idle);
	wire_close(late);
	house_close(&h);
}

/* Connections that wait to be accepted when the port closes: each is answered. */
static void port_closed(void **state)
{
	struct house h = open_house();
	struct wire *w[COUNT(kept)], *late;

	(void)state;
	for (size_t i = 0; i < COUNT(w); i++) {
		w[i] = wire_open(&h);
		wire_send(w[i], GET("/a"));
	}
	server_drain(h.server);
	for (size_t i = 0; i < COUNT(w); i++)
		check("answered", wire_answer(w[i], false).status == 200);
	turn_until(h.loop, 1000, !server_listening(h.server));
	late = wire_open(&h);
	check("refused", late->closed);
	wire_close(late);
	for (size_t i = 0; i < COUNT(w); i++)
		wire_close(w[i]);
	house_close(&h);
}

/* In flight: answered, then closed. New: refused. Idle: until it is disconnected. */
static void drained(void **state)
{
	struct house h = open_house();
	struct wire *busy = wire_open(&h), *idle = wire_open(&h), *late;

	(void)state;
	wire_send(busy, GET("/later"));
	wire_send(idle, GET("/a"));
	check("answered", wire_answer(idle, false).status == 200);
	turn_until(h.loop, 1000, kept_num == 1);
	server_drain(h.server);
	turn_until(h.loop, 1000, !server_listening(h.server));
	late = wire_open(&h);
	check("refused", late->closed);
	check("still there", server_requests(h.server) == 1);
	wire_send(idle, GET("/b"));
	check("one more is answered", wire_answer(idle, false).status == 200);
	turn_until(h.loop, 1000, (wire_read(idle), idle->closed));
	reply_kept(0);
	check("after the drain", wire_answer(busy, false).status == 202);
	wire_close(busy);
	wire_close(idle);
	wire_close(late);
	turn_until(h.loop, 1000, !server_connections(h.server));
	house_close(&h);
}

/* Who has as many as it may gets no more, until it gives one up; others do. */
static void address_cap(void **state)
{
	struct house h = house_open(
		&(struct server_settings){ .handle = handle, .per_address = 2 });
	struct wire *a = wire_open(&h), *b = wire_open(&h), *c = wire_open(&h), *d;

	(void)state;
	turn_until(h.loop, 1000, (wire_read(c), c->closed));
	check("two", server_connections(h.server) == 2);
	wire_close(a);
	turn_until(h.loop, 1000, server_connections(h.server) == 1);
	d = wire_open(&h);
	wire_send(d, GET("/a"));
	check("one more", wire_answer(d, false).status == 200);
	wire_close(b);
	wire_close(c);
	wire_close(d);
	house_close(&h);
}

/* More than the cap wait in the backlog, and lose nothing. */
static void connection_cap(void **state)
{
	struct house h = house_open(
		&(struct server_settings){ .handle = handle, .max_connections = 2 });
	struct wire *w[5];

	(void)state;
	for (size_t i = 0; i < COUNT(w); i++) {
		w[i] = wire_open(&h);
		wire_send(w[i], GET("/a"));
	}
	turn_for(h.loop, 50);
	check("two at once", server_connections(h.server) == 2);
	for (size_t i = 0; i < COUNT(w); i++) {
		check("each in its turn", wire_answer(w[i], false).status == 200);
		check("never more", server_connections(h.server) <= 2);
		wire_close(w[i]);
	}
	house_close(&h);
}

/* Refusing connections for a while, then listening on the same port again. */
static void refusing(void **state)
{
	struct house h = open_house();
	uint16_t port = server_port(h.server);

	(void)state;
	server_refuse(h.server);
	loop_turn(h.loop, 0);
	check("refused", wire_ask(&h, GET("/a")).status == 0);
	server_listen(h.server);
	check("again", wire_ask(&h, GET("/a")).status == 200 && server_port(h.server) == port);
	house_close(&h);
}

/* A request has less time than the next one: who is slow with it is cut off, who is silent not. */
static void slow_request(void **state)
{
	static const struct str starts[] = {
		STR("GET / HT"),
		STR("POST / HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\nabc"),
		STR("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
	};
	struct house h = house_open(
		&(struct server_settings){ .handle = handle, .idle_ms = 3000, .request_ms = 200 });
	struct wire *silent = wire_open(&h), *busy = wire_open(&h);

	(void)state;
	handled = 0;
	kept_num = 0;
	wire_send(silent, GET("/a"));
	check("answered", wire_answer(silent, false).status == 200);
	wire_send(busy, GET("/later"));
	for (size_t i = 0; i < COUNT(starts); i++) {
		struct wire *w = wire_open(&h);
		int64_t begin = clock_mono_ms();

		wire_send(w, starts[i]);
		turn_until(h.loop, 1000, (wire_read(w), w->closed));
		check("not at once", clock_mono_ms() - begin >= 150);
		wire_close(w);
	}
	check("none was handled", handled == 2);
	reply_kept(0);
	check("a slow answer is none of it", wire_answer(busy, false).status == 202);
	wire_send(silent, GET("/b"));
	check("nor is silence", wire_answer(silent, false).status == 200);
	wire_close(silent);
	wire_close(busy);
	house_close(&h);
}

/* Who is slow with a request, or with the next one, is not waited for. */
static void slow_client(void **state)
{
	static const struct str starts[] = { STR(""), STR("GET / HT"),
					     STR("POST / HTTP/1.1\r\n" HOST
						 "Content-Length: 9\r\n\r\nabc") };
	struct house h = house_open(&(struct server_settings){ .handle = handle, .idle_ms = 200 });

	(void)state;
	handled = 0;
	for (size_t i = 0; i < COUNT(starts); i++) {
		struct wire *w = wire_open(&h);
		int64_t begin = clock_mono_ms();

		wire_send(w, starts[i]);
		turn_until(h.loop, 2000, (wire_read(w), w->closed));
		check("not at once", clock_mono_ms() - begin >= 150);
		wire_close(w);
	}
	check("none was handled", handled == 0);
	house_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept_alive),	  cmocka_unit_test(client_gone),
		cmocka_unit_test(request_gone),	  cmocka_unit_test(gone_while_reading),
		cmocka_unit_test(hang_up),	  cmocka_unit_test(drained),
		cmocka_unit_test(connection_cap), cmocka_unit_test(address_cap),
		cmocka_unit_test(refusing),	  cmocka_unit_test(slow_client),
		cmocka_unit_test(slow_request),	  cmocka_unit_test(left),
		cmocka_unit_test(port_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
