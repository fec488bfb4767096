/*
 * carrier.c - the carrier of `make bench`, the same for all that are compared: one libh2o loop that
 * answers every send as Twilio does, after so many milliseconds.
 *
 *   carrier [-c certificate -k key] [-2] MS      prints its port; -2 offers HTTP/2 as well
 *   GET /count                                   what it has seen so far
 *   /receipt                                     where a gateway reports; answered at once
 */
#include <arpa/inet.h>
#include <assert.h>
#include <h2o.h>
#include <h2o/http1.h>
#include <h2o/http2.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SENDS_MAX 1000000

static h2o_globalconf_t config;
static h2o_context_t context;
static h2o_accept_ctx_t accept_context = { .ctx = &context };
static h2o_timeout_t latency;
static uint64_t latency_ms;

static uint64_t answered_us[SENDS_MAX]; /* when each was answered */
static uint64_t held_us;		/* how long all of them were held, together */
static long answered, receipts, questions, over_h2, open_now, open_most;

struct waiting {
	h2o_timeout_entry_t timer; /* first: on_time finds the rest by it */
	h2o_req_t *req;
	uint64_t since_us;
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* ---- answers ---- */

static int reply(h2o_req_t *req, int status, const char *type, const char *text, size_t len)
{
	static h2o_generator_t whole = { NULL, NULL };
	h2o_iovec_t body = h2o_strdup(&req->pool, text, len);

	req->res.status = status;
	req->res.reason = status == 201 ? "Created" : status == 200 ? "OK" : "Unavailable";
	req->res.content_length = len;
	h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, type,
		       strlen(type));
	h2o_start_response(req, &whole);
	h2o_send(req, &body, 1, H2O_SEND_STATE_FINAL);
	return 0;
}

/* The members of Twilio's answer that a client may look at, in its order. */
static int accept_message(h2o_req_t *req, uint64_t since_us)
{
	char text[1024];
	uint64_t now = now_us();

	assert(answered < SENDS_MAX);
	held_us += now - since_us;
	over_h2 += req->version >= 0x200;
	answered_us[answered++] = now;
	int len = snprintf(
		text, sizeof(text),
		"{\"account_sid\": \"AC0123456789abcdef0123456789abcdef\", "
		"\"api_version\": \"2010-04-01\", \"body\": \"Your table is ready.\", "
		"\"date_created\": \"Thu, 24 Aug 2023 05:01:45 +0000\", \"date_sent\": null, "
		"\"date_updated\": \"Thu, 24 Aug 2023 05:01:45 +0000\", "
		"\"direction\": \"outbound-api\", \"error_code\": null, "
		"\"error_message\": null, \"from\": \"+13125550002\", "
		"\"messaging_service_sid\": null, \"num_media\": \"0\", "
		"\"num_segments\": \"1\", \"price\": null, \"price_unit\": \"USD\", "
		"\"sid\": \"SM%032ld\", \"status\": \"queued\", \"to\": \"+12125550001\", "
		"\"uri\": \"/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Messages/"
		"SM%032ld.json\"}",
		answered, answered);
	return reply(req, 201, "application/json", text, (size_t)len);
}

static void on_time(h2o_timeout_entry_t *timer)
{
	struct waiting *w = (struct waiting *)timer;

	accept_message(w->req, w->since_us);
}

static void on_gone(void *waiting)
{
	h2o_timeout_unlink(&((struct waiting *)waiting)->timer);
}

/* A gateway that is not sure whether a text came through asks for it: then nothing is sent. */
static bool is_question(const h2o_req_t *req)
{
	return h2o_memis(req->method.base, req->method.len, H2O_STRLIT("GET")) &&
	       !memmem(req->path.base, req->path.len, H2O_STRLIT("Body="));
}

static int on_send(h2o_handler_t *self, h2o_req_t *req)
{
	(void)self;
	if (is_question(req)) {
		questions++;
		return reply(req, 503, "text/plain", "ask later", 9);
	}
	if (!latency_ms)
		return accept_message(req, now_us());

	struct waiting *w = h2o_mem_alloc_shared(&req->pool, sizeof(*w), on_gone);
	*w = (struct waiting){ .timer.cb = on_time, .req = req, .since_us = now_us() };
	h2o_timeout_link(context.loop, &latency, &w->timer);
	return 0;
}

static int on_receipt(h2o_handler_t *self, h2o_req_t *req)
{
	(void)self;
	receipts++;
	return reply(req, 200, "text/plain", "ok", 2);
}

/*
 * Answers per second in the middle eight tenths of the time: neither start nor end is in it.
 * Over whole latencies: those who send in step are answered in bursts, and none is to count twice.
 */
static double middle_rate(void)
{
	uint64_t span = answered ? answered_us[answered - 1] - answered_us[0] : 0;
	uint64_t from = answered ? answered_us[0] + span / 10 : 0, whole = span / 10 * 8;
	long seen = 0;

	if (latency_ms)
		whole -= whole % (latency_ms * 1000);
	for (long i = 0; i < answered; i++)
		seen += answered_us[i] > from && answered_us[i] <= from + whole;
	return whole ? (double)seen * 1e6 / (double)whole : 0;
}

static int on_count(h2o_handler_t *self, h2o_req_t *req)
{
	char text[256];

	(void)self;
	int len = snprintf(
		text, sizeof(text),
		"answered=%ld receipts=%ld questions=%ld over_h2=%ld open=%ld most=%ld rate=%.1f "
		"held_ms=%.3f\n",
		answered, receipts, questions, over_h2, open_now, open_most, middle_rate(),
		answered ? (double)held_us / 1e3 / (double)answered : 0);
	return reply(req, 200, "text/plain", text, (size_t)len);
}

/* ---- connections ---- */

static void on_close(void *unused)
{
	(void)unused;
	open_now--;
}

static void on_accept(h2o_socket_t *listener, const char *err)
{
	h2o_socket_t *s;

	while (!err && (s = h2o_evloop_socket_accept(listener))) {
		s->on_close.cb = on_close;
		if (++open_now > open_most)
			open_most = open_now;
		h2o_accept(&accept_context, s);
	}
}

static void offer_tls(const char *certificate, const char *key, bool h2)
{
	static const h2o_iovec_t h1_only[] = { { H2O_STRLIT("http/1.1") }, { NULL, 0 } };
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

	SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
	if (SSL_CTX_use_certificate_chain_file(tls, certificate) != 1 ||
	    SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1) {
		fputs("carrier: no such certificate or key\n", stderr);
		exit(1);
	}
	h2o_ssl_register_alpn_protocols(tls, h2 ? h2o_http2_alpn_protocols : h1_only);
	accept_context.ssl_ctx = tls;
}

static int listen_anywhere(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) || listen(fd, 1024) ||
	    getsockname(fd, (struct sockaddr *)&address, &len)) {
		perror("carrier");
		exit(1);
	}
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

static void serve_path(h2o_hostconf_t *host, const char *path,
		       int (*on_request)(h2o_handler_t *, h2o_req_t *))
{
	h2o_pathconf_t *conf = h2o_config_register_path(host, path, 0);

	h2o_create_handler(conf, sizeof(h2o_handler_t))->on_req = on_request;
}

static void configure(void)
{
	h2o_config_init(&config);
	config.http1.req_timeout = 120000; /* an idle connection is kept */
	config.http1.upgrade_to_http2 = 0;
	config.http2.idle_timeout = 120000;
	h2o_hostconf_t *host = h2o_config_register_host(
		&config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
	serve_path(host, "/2010-04-01", on_send);
	serve_path(host, "/receipt", on_receipt);
	serve_path(host, "/count", on_count);
}

int main(int argc, char **argv)
{
	const char *certificate = NULL, *key = NULL;
	bool h2 = false;

	for (int c; (c = getopt(argc, argv, "c:k:2")) != -1;) {
		certificate = c == 'c' ? optarg : certificate;
		key = c == 'k' ? optarg : key;
		h2 = h2 || c == '2';
	}
	if (optind != argc - 1) {
		fputs("usage: carrier [-c certificate -k key] [-2] MS\n", stderr);
		return 64;
	}
	signal(SIGPIPE, SIG_IGN);
	latency_ms = strtoull(argv[optind], NULL, 10);
	configure();
	h2o_context_init(&context, h2o_evloop_create(), &config);
	h2o_timeout_init(context.loop, &latency, latency_ms);
	accept_context.hosts = config.hosts;
	if (certificate)
		offer_tls(certificate, key, h2);
	h2o_socket_t *listener = h2o_evloop_socket_create(context.loop, listen_anywhere(),
							  H2O_SOCKET_FLAG_DONT_READ);
	h2o_socket_read_start(listener, on_accept);
	for (;;)
		h2o_evloop_run(context.loop, 1000);
}
