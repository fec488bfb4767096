/*
 * test_http_reach.c - where requests to URLs that others chose may go, and that a resolver which
 * takes its time holds nothing up. Names are resolved by this file's own getaddrinfo().
 */
#include "turns.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>

#include "http_client.h"
#include "scripted.h"

#define SLOW_MS 1500

/* ---- the resolver: in place of libc's, also for libcurl ---- */

static const struct {
	const char *name, *addresses[2];
	int after_ms;
} names[] = {
	{ "private.test", { "10.255.255.1" }, 0 },    { "here.test", { "127.0.0.1" }, 0 },
	{ "both.test", { "::1", "127.0.0.1" }, 0 },   { "metadata.test", { "169.254.169.254" }, 0 },
	{ "mapped.test", { "::ffff:127.0.0.1" }, 0 }, { "slow.test", { "127.0.0.1" }, SLOW_MS },
};

static unsigned resolved;

static struct addrinfo *one(const char *address, int port, struct addrinfo *next)
{
	struct {
		struct addrinfo info;
		struct sockaddr_in6 to;
	} *made = calloc(1, sizeof(*made));
	bool v4 = inet_pton(AF_INET, address, &((struct sockaddr_in *)&made->to)->sin_addr) == 1;

	made->info = (struct addrinfo){
		.ai_family = v4 ? AF_INET : AF_INET6,
		.ai_socktype = SOCK_STREAM,
		.ai_addrlen = v4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6),
		.ai_addr = (struct sockaddr *)&made->to,
		.ai_next = next,
	};
	if (!v4)
		inet_pton(AF_INET6, address, &made->to.sin6_addr);
	made->to.sin6_family = (sa_family_t)made->info.ai_family;
	made->to.sin6_port = htons((uint16_t)port);
	return &made->info;
}

/* libc's declaration says where it may be NULL */
int getaddrinfo(const char *restrict name, const char *restrict service,
		const struct addrinfo *restrict hints, struct addrinfo **restrict out)
{
	struct in_addr number;
	int port = service ? atoi(service) : 0;

	(void)hints;
	__atomic_add_fetch(&resolved, 1, __ATOMIC_SEQ_CST);
	*out = NULL;
	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(name, names[i].name) != 0)
			continue;
		usleep((useconds_t)names[i].after_ms * 1000);
		for (size_t k = 0; k < 2; k++)
			if (names[i].addresses[k])
				*out = one(names[i].addresses[k], port, *out);
	}
	if (!*out && inet_aton(name, &number)) /* "127.1", as libc takes it */
		*out = one(inet_ntoa(number), port, NULL);
	return *out ? 0 : EAI_NONAME;
}

void freeaddrinfo(struct addrinfo *a)
{
	while (a) {
		struct addrinfo *next = a->ai_next;

		free(a);
		a = next;
	}
}

/* ---- one request ---- */

struct fate {
	bool done;
	enum http_transport transport;
	int status;
	size_t body_len;
	char error[200];
};

static void on_done(void *ctx, const struct http_response *r)
{
	struct fate *f = ctx;

	f->done = true;
	f->transport = r->transport;
	f->status = r->status;
	f->body_len = r->body.len;
	snprintf(f->error, sizeof(f->error), "%s", r->error ? r->error : "");
}

struct house {
	struct loop *loop;
	struct http_client *client;
	struct scripted *server;
};

static struct house open_house(void)
{
	struct loop *l = loop_new();

	return (struct house){ l, http_client_new(l, 8), scripted_new() };
}

static void close_house(struct house *h)
{
	http_client_free(h->client);
	scripted_free(h->server);
	loop_turn(h->loop, 0);
	loop_free(h->loop);
}

/* The longest that one turn of the loop took, in ms. */
static int64_t post(struct house *h, struct str url, const struct http_limits *l, struct fate *f)
{
	const struct http_request request = { .method = STR("POST"),
					      .url = url,
					      .body = STR("0123456789") };
	int64_t longest = 0, by = clock_mono_ms() + 5000;

	*f = (struct fate){ 0 };
	http_client_send(h->client, &request, l, on_done, f);
	while (!f->done && clock_mono_ms() < by) {
		int64_t began = clock_mono_ms();

		loop_turn(h->loop, 1);
		longest = clock_mono_ms() - began > longest ? clock_mono_ms() - began : longest;
		scripted_look(h->server);
	}
	check("in time", f->done);
	return longest;
}

/* ---- tests ---- */

static const struct {
	const char *url, *why; /* %u: the port of a server that listens on 127.0.0.1 */
} urls[] = {
	{ "https://127.0.0.1:%u/", "not on the public internet" },
	{ "https://127.1:%u/", "not on the public internet" },
	{ "https://0x7f000001:%u/", "not on the public internet" },
	{ "https://2130706433:%u/", "not on the public internet" },
	{ "https://0177.0.0.1:%u/", "not on the public internet" },
	{ "https://0:%u/", "not on the public internet" },
	{ "https://0.0.0.0:%u/", "not on the public internet" },
	{ "https://[::1]:%u/", "not on the public internet" },
	{ "https://[::]:%u/", "not on the public internet" },
	{ "https://[::ffff:127.0.0.1]:%u/", "not on the public internet" },
	{ "https://[::ffff:7f00:1]:%u/", "not on the public internet" },
	{ "https://[64:ff9b::7f00:1]:%u/", "not on the public internet" },
	{ "https://[fe80::1%%25lo]:%u/", "not on the public internet" },
	{ "https://[fd00:ec2::254]:%u/", "not on the public internet" },
	{ "https://169.254.169.254/latest/meta-data/", "not on the public internet" },
	{ "https://user:secret@127.0.0.1:%u/", "not on the public internet" },
	{ "https://private.test:%u/", "not on the public internet" },
	{ "https://here.test:%u/", "not on the public internet" },
	{ "https://HERE.test.:%u/", "" }, /* resolves or not: no connection */
	{ "https://both.test:%u/", "not on the public internet" },
	{ "https://mapped.test:%u/", "not on the public internet" },
	{ "https://metadata.test/", "not on the public internet" },
	{ "https://localhost:%u/", "not on the public internet" },
	{ "https://nowhere.test:%u/", "resolve" },
	{ "http://127.0.0.1:%u/", "only https" },
	{ "http://localhost:%u/", "only https" },
	{ "http://here.test:%u/", "only https" },
	{ "http://8.8.8.8/", "only https" },
	{ "file:///etc/passwd", "only https" },
	{ "gopher://127.0.0.1:%u/", "only https" },
	{ "unix:/tmp/x", "only https" },
	{ "", "only https" },
};

static void kept_out(void **state)
{
	const struct http_limits limits = {
		.connect_ms = 1000, .total_ms = 2000, .response_max = 1000, .public_only = true
	};
	struct house h = open_house();
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++) {
		char url[200];
		struct fate f;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(url, sizeof(url), urls[i].url, h.server->port);
#pragma GCC diagnostic pop
		post(&h, str_of(url), &limits, &f);
		check(url, f.transport == HTTP_NOT_SENT);
		if (!strstr(f.error, urls[i].why))
			fail_msg("%s: '%s'", url, f.error);
		scripted_look(h.server);
		check(url, h.server->connections == 0);
	}
	check("the names were looked up", resolved > 0);
	close_house(&h);
	arena_free(a);
}

/* Without the rule it gets there: the test above is not empty. */
static void let_through(void **state)
{
	static const struct http_limits limits = { .connect_ms = 1000,
						   .total_ms = 2000,
						   .response_max = 1000 };
	struct house h = open_house();
	struct arena *a = arena_new();
	struct fate f;

	(void)state;
	post(&h, arena_printf(a, "https://here.test:%u/", h.server->port), &limits, &f);
	check("it is no TLS server, but it was connected to", h.server->connections == 1);
	check("not sent", f.transport == HTTP_NOT_SENT);
	post(&h, arena_printf(a, "http://127.0.0.1:%u/", h.server->port), &limits, &f);
	check("answered", f.transport == HTTP_ANSWERED);
	close_house(&h);
	arena_free(a);
}

static void long_answers(void **state)
{
	static char answer[4000];
	struct http_limits limits = { .connect_ms = 1000, .total_ms = 2000, .response_max = 100 };
	struct house h = open_house();
	struct arena *a = arena_new();
	struct fate f;

	(void)state;
	memset(answer, 'x', sizeof(answer) - 1);
	memcpy(answer, "HTTP/1.1 201 Created\r\nContent-Length: 1000000\r\n\r\n",
	       sizeof("HTTP/1.1 201 Created\r\nContent-Length: 1000000\r\n\r\n") - 1);
	h.server->answer = answer;
	struct str url = arena_printf(a, "http://127.0.0.1:%u/", h.server->port);

	post(&h, url, &limits, &f);
	check("too long", f.transport == HTTP_MAYBE_SENT && strstr(f.error, "too long"));
	limits.cut_long = true;
	post(&h, url, &limits, &f);
	check("cut", f.transport == HTTP_ANSWERED && f.status == 201);
	check("at most", f.body_len <= limits.response_max);
	close_house(&h);
	arena_free(a);
}

static void slow_resolver(void **state)
{
	const struct http_limits limits = { .connect_ms = 200,
					    .total_ms = 400,
					    .response_max = 1000 };
	struct house h = open_house();
	int64_t began = clock_mono_ms();
	struct fate f;

	(void)state;
	int64_t longest = post(&h, STR("https://slow.test/"), &limits, &f);

	check("not sent", f.transport == HTTP_NOT_SENT);
	check("it was given up on", clock_mono_ms() - began < SLOW_MS - 300);
	check("nothing stood still", longest < 150);
	close_house(&h);
	check("nor at the end", clock_mono_ms() - began < SLOW_MS - 100);
	usleep((SLOW_MS + 200) * 1000); /* its thread ends */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept_out),
		cmocka_unit_test(let_through),
		cmocka_unit_test(long_answers),
		cmocka_unit_test(slow_resolver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
