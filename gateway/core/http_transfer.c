/*
 * http_transfer.c - one transfer's options and callbacks: where "never twice" and "never later" are
 * made sure of towards libcurl and the kernel.
 */
#include "http_transfer.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "address.h"
#include "clock.h"
#include "crash.h"

static const char *trusted; /* NULL: the system's authorities */

void http_client_trust(struct str file)
{
	trusted = file.len ? file.p : NULL;
}

const char *http_client_trusted(void)
{
	return trusted;
}

static size_t give_body(char *out, size_t size, size_t num, void *arg)
{
	struct call *c = arg;
	size_t room = size * num, left = c->body.len - c->body_at;
	size_t take = left < room ? left : room;

	if (!c->handed_over && c->write_by_ms && clock_mono_ms() >= c->write_by_ms) {
		c->too_late = true; /* the head may be out, but no carrier acts on half a request */
		return CURL_READFUNC_ABORT;
	}
	c->handed_over = true;
	crash_point(attempt_half_written);
	if (take)
		memcpy(out, c->body.p + c->body_at, take);
	c->body_at += take;
	return take;
}

/* A body that cannot be rewound: libcurl then fails with 65 instead of sending it a second time. */
static int never_rewind(void *arg, curl_off_t offset, int origin)
{
	(void)arg, (void)offset, (void)origin;
	return CURL_SEEKFUNC_FAIL;
}

static size_t take_body(char *data, size_t size, size_t num, void *arg)
{
	struct call *c = arg;

	buf_put(&c->answer, (struct str){ data, size * num });
	return buf_full(&c->answer) ? 0 : size * num; /* 0 ends the transfer: CURLE_WRITE_ERROR */
}

static size_t take_header(char *data, size_t size, size_t num, void *arg)
{
	struct call *c = arg;
	struct str line = str_trim((struct str){ data, size * num });

	if (str_starts(line, STR("HTTP/"))) { /* also after a 100 Continue: start again */
		c->answer_header_num = 0;
		return size * num;
	}
	struct str name = str_cut(&line, ':');
	if (line.len && c->answer_header_num < ANSWER_HEADERS_MAX)
		c->answer_headers[c->answer_header_num++] = (struct http_header){
			.name = arena_copy(c->arena, name),
			.value = arena_copy(c->arena, str_trim(line)),
		};
	return size * num;
}

/*
 * A process that is killed, or a socket that is closed, must not deliver its bytes later: the
 * kernel drops the send queue at once on close, and after total_ms without an acknowledgement.
 */
static int harden_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	const struct linger drop = { .l_onoff = 1, .l_linger = 0 };
	unsigned unacknowledged_ms = 10000;

	(void)arg, (void)purpose;
	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &drop, sizeof(drop)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms,
		       sizeof(unacknowledged_ms)))
		return CURL_SOCKOPT_ERROR;
	return CURL_SOCKOPT_OK;
}

/* For a URL that somebody else chose: no connection to our own network is even tried. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct call *c = arg;

	(void)purpose;
	if (!address_public(&to->addr)) {
		c->kept_out = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* A kept connection was opened for another request, which may have been free to go anywhere. */
static int look_where(void *arg, char *to, char *from, int to_port, int from_port)
{
	struct call *c = arg;

	(void)from, (void)to_port, (void)from_port;
	c->kept_out = !address_text_public(to);
	return c->kept_out ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* http only to this machine: simulated carriers, never a carrier by accident. */
const char *transfer_refusal(struct arena *a, struct str url, bool public_only)
{
	if (str_starts(url, STR("https://")))
		return NULL;
	if (public_only)
		return "only https is allowed";

	const char *why = "only https is allowed, but for this machine";
	CURLU *parts = curl_url();
	char *scheme = NULL, *host = NULL;

	if (curl_url_set(parts, CURLUPART_URL, arena_cstr(a, url), 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
		struct str h = str_of(host);
		struct in_addr address;
		bool loopback = str_is(h, "localhost") || str_is(h, "[::1]") ||
				(inet_pton(AF_INET, host, &address) == 1 &&
				 ntohl(address.s_addr) >> 24 == 127);

		if (str_is(str_of(scheme), "http") && loopback)
			why = NULL;
	}
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(parts);
	return why;
}

static void set_request(struct call *c, const struct http_request *r)
{
	bool patch = str_is(r->method, "PATCH"), post = patch || str_is(r->method, "POST");

	curl_easy_setopt(c->easy, CURLOPT_URL, arena_cstr(c->arena, r->url));
	c->headers = curl_slist_append(NULL, "Expect:");
	for (size_t i = 0; i < r->header_num; i++) {
		struct str line = arena_printf(c->arena, STR_FMT ": " STR_FMT,
					       STR_ARG(r->headers[i].name),
					       STR_ARG(r->headers[i].value));
		c->headers = curl_slist_append(c->headers, line.p);
	}
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
	if (post) {
		c->body = arena_copy(c->arena, r->body);
		curl_easy_setopt(c->easy, CURLOPT_POST, 1L);
		if (patch)
			curl_easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, "PATCH");
		curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->body.len);
		curl_easy_setopt(c->easy, CURLOPT_READFUNCTION, give_body);
		curl_easy_setopt(c->easy, CURLOPT_READDATA, c);
		curl_easy_setopt(c->easy, CURLOPT_SEEKFUNCTION, never_rewind);
	} else {
		assert(str_is(r->method, "GET"));
		curl_easy_setopt(c->easy, CURLOPT_HTTPGET, 1L);
	}
}

static void set_reach(struct call *c)
{
	if (!c->public_only)
		return;
	curl_easy_setopt(c->easy, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(c->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(c->easy, CURLOPT_OPENSOCKETDATA, c);
	curl_easy_setopt(c->easy, CURLOPT_PREREQFUNCTION, look_where);
	curl_easy_setopt(c->easy, CURLOPT_PREREQDATA, c);
}

static void set_rules(struct call *c, const struct http_limits *limits)
{
	CURL *e = c->easy;

	curl_easy_setopt(e, CURLOPT_PRIVATE, c);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	/* a time-out while the name is resolved: do not wait for the thread that does it */
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https,http");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_PROXY,
			 ""); /* the environment does not redirect guests' texts */
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)limits->connect_ms);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)limits->total_ms);
	curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, harden_socket);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, c->curl_error);
}

static void set_trust(struct call *c, const struct http_limits *limits)
{
	c->tell_certificate = limits->tell_certificate;
	curl_easy_setopt(c->easy, CURLOPT_CERTINFO, (long)limits->tell_certificate);
	if (!trusted)
		return;
	curl_easy_setopt(c->easy, CURLOPT_CAINFO, trusted);
	curl_easy_setopt(c->easy, CURLOPT_CAPATH, NULL);
}

void transfer_set(struct call *c, const struct http_request *r, const struct http_limits *limits)
{
	c->write_by_ms = limits->write_by_ms;
	c->public_only = limits->public_only;
	c->cut_long = limits->cut_long;
	c->answer = buf_new(c->arena, limits->response_max);
	set_request(c, r);
	set_rules(c, limits);
	set_reach(c);
	set_trust(c, limits);
}

/* libcurl tells a certificate as lines, the server's own first: "Expire date:Jun  1 ... GMT". */
int64_t transfer_certificate_end(const struct call *c)
{
	struct curl_certinfo *chain = NULL;

	if (!c->tell_certificate)
		return 0;
	curl_easy_getinfo(c->easy, CURLINFO_CERTINFO, &chain);
	for (struct curl_slist *at = chain && chain->num_of_certs ? chain->certinfo[0] : NULL; at;
	     at = at->next) {
		struct str line = str_of(at->data), name = str_cut(&line, ':');

		if (str_is(name, "Expire date"))
			return curl_getdate(line.p, NULL);
	}
	return 0;
}
