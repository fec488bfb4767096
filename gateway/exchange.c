/*
 * exchange.c - the one place that solves request lifetime. A small chunk in libh2o's request pool
 * runs on_request_gone() when the request dies, whenever that is.
 */
#include "exchange.h"

#include <assert.h>
#include <ctype.h>
#include <h2o.h>
#include <h2o/http1.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "access.h"
#include "clock.h"
#include "id.h"

#define STREAM_SEND_BUFFER (64 * 1024)

static void exchange_release(struct exchange *x)
{
	assert(x->refs);
	if (--x->refs)
		return;
	arena_free(x->arena);
	free(x);
}

static void on_request_gone(void *slot)
{
	struct exchange *x = *(struct exchange **)slot;

	x->h2o_request = NULL;
	if (x->stream)
		x->stream->gone(x->stream_owner);
	exchange_release(x);
}

static struct str copy_iovec(struct arena *a, h2o_iovec_t v)
{
	return arena_copy(a, (struct str){ v.base, v.len });
}

/* White space around a value is not part of it: RFC 9110, section 5.5. h2o leaves it at the end. */
static void copy_headers(struct exchange *x, const h2o_headers_t *from)
{
	struct http_header *to = arena_alloc(x->arena, from->size * sizeof(*to) + 1);

	for (size_t i = 0; i < from->size; i++)
		to[i] = (struct http_header){ copy_iovec(x->arena, *from->entries[i].name),
					      str_trim(copy_iovec(x->arena,
								  from->entries[i].value)) };
	x->request.headers = to;
	x->request.header_num = from->size;
}

static void keep(char *out, size_t size, struct str s)
{
	if (s.len >= size)
		return;
	memcpy(out, s.p, s.len);
	out[s.len] = '\0';
}

/* In a line of the log, and in a header. */
static bool harmless(struct str s)
{
	bool fit = true;

	for (size_t i = 0; fit && i < s.len; i++)
		fit = isalnum((unsigned char)s.p[i]) || strchr("-_.", s.p[i]);
	return fit;
}

/* The caller's X-Request-ID when it is short and harmless in a log line, else one of ours. */
static void set_request_id(struct exchange *x)
{
	struct str given = exchange_header(x, "x-request-id");
	struct id own = id_new("req", clock_wall_ms());
	bool sane = given.len && given.len < sizeof(x->request_id) && harmless(given);

	keep(x->request_id, sizeof(x->request_id), sane ? given : id_str(&own));
}

static struct str peer_of(struct arena *a, h2o_req_t *req)
{
	struct sockaddr_storage peer;
	char text[NI_MAXHOST];
	socklen_t len = req->conn ? req->conn->callbacks->get_peername(req->conn, (void *)&peer) :
				    0; /* a test's */
	size_t n = len ? h2o_socket_getnumerichost((void *)&peer, len, text) : SIZE_MAX;

	return n == SIZE_MAX ? STR("") : arena_copy(a, (struct str){ text, n });
}

/* Who asks, by the proxy in front of us or by the connection. */
static void set_client(struct exchange *x, h2o_req_t *req, const struct proxy *proxy)
{
	struct str peer = peer_of(x->arena, req), ray = exchange_header(x, "cf-ray");

	keep(x->ip, sizeof(x->ip), proxy_client(proxy, peer, &x->request));
	if (harmless(ray) && proxy_is_cloudflare(proxy, peer, &x->request))
		keep(x->ray, sizeof(x->ray), ray);
	x->plain = proxy_saw_http(proxy, &x->request);
}

struct exchange *exchange_new(void *h2o_request, void *context, unsigned *open_num,
			      const struct proxy *proxy)
{
	h2o_req_t *req = h2o_request;
	struct exchange *x = malloc(sizeof(*x));
	struct exchange **slot = h2o_mem_alloc_shared(&req->pool, sizeof(*slot), on_request_gone);

	assert(x);
	*x = (struct exchange){ .h2o_request = req, .refs = 2, .context = context };
	x->open_num = open_num;
	++*open_num;
	*slot = x;
	x->started_us = clock_mono_us();
	x->arena = arena_new();
	x->request.method = copy_iovec(x->arena, req->method);
	x->request.url = copy_iovec(x->arena, req->path);
	x->request.body = copy_iovec(x->arena, req->entity);
	if (req->entity.len)
		explicit_bzero(req->entity.base, req->entity.len); /* ours goes with its arena */
	x->query = x->request.url;
	x->path = str_cut(&x->query, '?');
	copy_headers(x, &req->headers);
	set_request_id(x);
	set_client(x, req, proxy);
	x->trace = trace_read(exchange_header(x, "x-datadog-trace-id"),
			      exchange_header(x, "x-datadog-parent-id"),
			      exchange_header(x, "traceparent"));
	return x;
}

struct str exchange_header(const struct exchange *x, const char *name)
{
	return http_find(x->request.headers, x->request.header_num, str_of(name));
}

void exchange_add_header(struct exchange *x, const char *name, struct str value)
{
	h2o_req_t *req = x->h2o_request;

	if (!req)
		return;
	h2o_iovec_t copy = h2o_strdup(&req->pool, value.p, value.len);
	h2o_add_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 1, NULL, copy.base,
			      copy.len);
}

/* Nobody but people with curl reads it (RFC 9112, section 4). */
static const char *reason_phrase(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 201:
		return "Created";
	case 202:
		return "Accepted";
	case 204:
		return "No Content";
	case 302:
		return "Found";
	case 303:
		return "See Other";
	case 308:
		return "Permanent Redirect";
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 409:
		return "Conflict";
	case 413:
		return "Content Too Large";
	case 415:
		return "Unsupported Media Type";
	case 422:
		return "Unprocessable Content";
	case 429:
		return "Too Many Requests";
	case 503:
		return "Service Unavailable";
	default:
		return status < 400 ? "OK" : status < 500 ? "Client Error" : "Server Error";
	}
}

static void add_fixed(h2o_req_t *req, const char *name, const char *value)
{
	h2o_add_header_by_str(&req->pool, &req->res.headers, name, strlen(name), 1, NULL, value,
			      strlen(value));
}

/* What says nothing of its own is no page, is not kept, and is for nobody else's page. */
static void add_security_headers(const struct exchange *x, h2o_req_t *req)
{
	static const struct {
		const char *name, *value;
		bool replaceable; /* by what the handler added */
	} rows[] = {
		{ "x-content-type-options", "nosniff", false },
		{ "referrer-policy", "no-referrer", false },
		{ "cross-origin-resource-policy", "same-origin", false },
		{ "cross-origin-opener-policy", "same-origin", false },
		{ "permissions-policy",
		  "camera=(), geolocation=(), microphone=(), payment=(), usb=()", false },
		{ "content-security-policy", "default-src 'none'; frame-ancestors 'none'", true },
		{ "cache-control", "no-store", true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!rows[i].replaceable || h2o_find_header_by_str(&req->res.headers, rows[i].name,
								   strlen(rows[i].name), -1) < 0)
			add_fixed(req, rows[i].name, rows[i].value);
	if (x->https)
		add_fixed(req, "strict-transport-security", "max-age=31536000; includeSubDomains");
}

void exchange_reply(struct exchange *x, int status, struct str content_type, struct str body)
{
	static h2o_generator_t whole = { NULL, NULL };
	h2o_req_t *req = x->h2o_request;

	assert(!x->replied);
	x->replied = true;
	--*x->open_num;
	access_done(x, status);
	if (req) {
		h2o_iovec_t bytes = { (char *)body.p, body.len };

		req->res.status = status;
		req->res.reason = reason_phrase(status);
		if (status != 204 && status != 304) { /* RFC 9110, section 8.6 */
			/* without it libh2o closes on a non-200 */
			req->res.content_length = body.len;
			exchange_add_header(x, "content-type", content_type);
		}
		exchange_add_header(x, "x-request-id", str_of(x->request_id));
		add_security_headers(x, req);
		if (str_is(x->request.method, "HEAD"))
			bytes.len = 0;
		h2o_start_response(req, &whole);
		h2o_send(req, &bytes, 1, H2O_SEND_STATE_FINAL);
	}
	exchange_release(x); /* body lives on in the arena until libh2o has let go too */
}

static void cut_connection(h2o_req_t *req, bool reset)
{
	int fd = h2o_socket_get_fd(req->conn->callbacks->get_socket(req->conn));
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

	/* Linux: connecting a TCP socket to nowhere resets it at once */
	if (!reset || connect(fd, &nowhere, sizeof(nowhere)))
		shutdown(fd, SHUT_RDWR);
	req->http1_is_persistent = 0;
}

void exchange_hang_up(struct exchange *x, bool reset)
{
	if (x->h2o_request)
		cut_connection(x->h2o_request, reset);
	/* what is written now goes nowhere; libh2o sees the error and closes its side */
	exchange_reply(x, 500, STR("text/plain"), STR(""));
}

/* ---- an answer in chunks ---- */

struct generator {
	h2o_generator_t super;
	struct exchange *x;
};

static void on_proceed(h2o_generator_t *self, h2o_req_t *req)
{
	struct exchange *x = ((struct generator *)self)->x;

	(void)req;
	x->sending = false;
	x->stream->taken(x->stream_owner);
}

/* What a client that does not read can hold of the kernel's memory, which else grows to 4 MB. */
static void bound_send_buffer(h2o_req_t *req)
{
	int fd = h2o_socket_get_fd(req->conn->callbacks->get_socket(req->conn));
	int bytes = STREAM_SEND_BUFFER;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

bool exchange_stream(struct exchange *x, struct str content_type, const struct exchange_stream *on,
		     void *owner)
{
	h2o_req_t *req = x->h2o_request;

	assert(!x->replied);
	x->replied = true;
	--*x->open_num;
	access_done(x, 200);
	if (!req) {
		exchange_release(x);
		return false;
	}
	struct generator *g = h2o_mem_alloc_pool(&req->pool, sizeof(*g));

	*g = (struct generator){ { on_proceed, NULL }, x };
	x->stream = on;
	x->stream_owner = owner;
	req->res.status = 200;
	req->res.reason = reason_phrase(200);
	req->http1_is_persistent = 0;
	exchange_add_header(x, "content-type", content_type);
	exchange_add_header(x, "x-request-id", str_of(x->request_id));
	exchange_add_header(x, "cache-control", STR("no-store, no-transform"));
	add_security_headers(x, req);
	exchange_add_header(x, "x-accel-buffering", STR("no"));
	bound_send_buffer(req);
	h2o_start_response(req, &g->super);
	arena_free(x->arena); /* a stream lives long, and there are many */
	x->arena = NULL;
	x->request = (struct http_request){ 0 };
	x->path = x->query = (struct str){ 0 };
	memset(x->params, 0, sizeof(x->params));
	exchange_release(x);
	return true;
}

void exchange_stream_send(struct exchange *x, struct str bytes, bool last)
{
	h2o_iovec_t piece = { (char *)bytes.p, bytes.len };

	assert(x->h2o_request && !x->sending && bytes.len);
	x->sending = true; /* for good, when it is the last */
	h2o_send(x->h2o_request, &piece, 1,
		 last ? H2O_SEND_STATE_FINAL : H2O_SEND_STATE_IN_PROGRESS);
}

bool exchange_stream_left(struct exchange *x)
{
	h2o_req_t *req = x->h2o_request;
	int fd = h2o_socket_get_fd(req->conn->callbacks->get_socket(req->conn));
	struct pollfd end = { .fd = fd, .events = POLLRDHUP };

	/* whatever stands before it, as what TLS says last */
	return poll(&end, 1, 0) == 1;
}

void exchange_stream_cut(struct exchange *x)
{
	cut_connection(x->h2o_request, true);
	if (!x->sending) /* libh2o sees that it is cut when it writes */
		exchange_stream_send(x, STR(":"), false);
}
