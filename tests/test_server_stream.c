/* test_server_stream.c - an answer in chunks: taken one by one, cut, left, and ended. */
#include "turns.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "wire.h"

#define ASK STR("GET / HTTP/1.1\r\nHost: x\r\n\r\n")

/* What becomes of the one stream. */
static struct exchange *kept;
static int taken, gone;
static bool begun;

static void on_taken(void *owner)
{
	check("owner", owner == &taken);
	taken++;
}

static void on_gone(void *owner)
{
	check("owner", owner == &taken);
	gone++;
}

static const struct exchange_stream events = { on_taken, on_gone };

static void keep(struct exchange *x)
{
	kept = x;
}

static void begin(void)
{
	begun = exchange_stream(kept, STR("text/event-stream"), &events, &taken);
}

static struct house open_house(struct wire **w)
{
	taken = gone = 0;
	kept = NULL;
	struct house h = house_open(&(struct server_settings){ .handle = keep });

	*w = wire_open(&h);
	return h;
}

/* The house moves when it is returned: a client is opened behind it. */
#define OPEN(h, w)                                                                                 \
	struct wire *w;                                                                            \
	struct house h = open_house(&w);                                                           \
	w->house = &h;                                                                             \
	wire_send(w, ASK);                                                                         \
	turn_until(h.loop, 1000, kept)

static void close_all(struct house *h, struct wire *w)
{
	wire_close(w);
	turn_until(h->loop, 1000, !server_connections(h->server));
	check("gone once", gone == 1);
	house_close(h);
}

static bool has(struct wire *w, const char *text)
{
	wire_read(w);
	w->in[w->len] = '\0';
	return strstr(w->in, text);
}

static void chunks(void **state)
{
	(void)state;
	OPEN(h, w);
	check("a request", server_requests(h.server) == 1);
	begin();
	check("not in flight any more", begun && server_requests(h.server) == 0);
	for (int i = 0; i < 3; i++) {
		exchange_stream_send(kept, STR("one;"), false);
		check("under way", kept->sending && taken == i);
		turn_until(h.loop, 1000, taken == i + 1);
		check("taken", !kept->sending);
	}
	turn_until(h.loop, 1000, has(w, "one;\r\n4\r\none;\r\n4\r\none;\r\n"));
	check("headers", has(w, "content-type: text/event-stream\r\n") &&
				 has(w, "cache-control: no-store, no-transform\r\n") &&
				 has(w, "transfer-encoding: chunked\r\n"));
	check("there", !exchange_stream_left(kept) && !gone);
	exchange_stream_send(kept, STR("end"), true);
	turn_until(h.loop, 1000, gone && (wire_read(w), w->closed));
	check("to its end", has(w, "3\r\nend\r\n0\r\n\r\n") && taken == 3);
	close_all(&h, w);
}

/* libh2o does not look whether the client is there: we do. */
static void left(void **state)
{
	(void)state;
	OPEN(h, w);
	begin();
	exchange_stream_send(kept, STR("one;"), false);
	turn_until(h.loop, 1000, has(w, "one;"));
	check("there", !exchange_stream_left(kept));
	shutdown(w->fd, SHUT_RDWR);
	turn_for(h.loop, 20);
	check("left", exchange_stream_left(kept) && !gone);
	exchange_stream_cut(kept);
	turn_until(h.loop, 1000, gone);
	close_all(&h, w);
}

/* A client that goes before its stream begins. */
static void too_late(void **state)
{
	(void)state;
	OPEN(h, w);
	shutdown(w->fd, SHUT_RDWR);
	begin();
	if (begun)
		exchange_stream_send(kept, STR("one;"), false);
	turn_for(h.loop, 20);
	if (begun && !gone && !kept->sending)
		exchange_stream_cut(kept);
	turn_until(h.loop, 1000, gone);
	close_all(&h, w);
}

/* It takes what the kernel's buffers hold; cut, the chunk under way is given back by gone(). */
static void not_read(void **state)
{
	struct arena *a = arena_new();
	const struct str big = { arena_zero(a, 60000), 60000 };
	int i;

	(void)state;
	OPEN(h, w);
	begin();
	for (i = 0; i < 1000; i++) {
		exchange_stream_send(kept, big, false);
		for (int n = 0; n < 20 && kept->sending; n++)
			loop_turn(h.loop, 5);
		if (kept->sending)
			break;
	}
	check("bounded", i < 100);
	exchange_stream_cut(kept);
	turn_until(h.loop, 1000, gone);
	close_all(&h, w);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks),
		cmocka_unit_test(left),
		cmocka_unit_test(too_late),
		cmocka_unit_test(not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
