/*
 * http_client.h - HTTP requests out, many at once, on libcurl's multi interface. It never sends a
 * request twice: no retries, no redirects, and a body that cannot be rewound (libcurl repeats a
 * POST on a dead kept-alive connection unless that is impossible). A killed or closed client
 * leaves no bytes behind in the kernel (SO_LINGER {1,0}, TCP_USER_TIMEOUT).
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include <stdint.h>

#include "http.h"
#include "loop.h"

struct http_client;

struct http_limits {
	unsigned connect_ms, total_ms;
	size_t response_max; /* bytes of body; a longer answer is HTTP_MAYBE_SENT */
	bool cut_long;	     /* ... or, with this, cut there and HTTP_ANSWERED */
	int64_t write_by_ms; /* monotonic: past it the body is not handed over; 0: no deadline */
	/* total_ms and connect_ms count from when it begins: within write_by_ms, or total_ms */
	/*
	 * https to an address of the public internet, or HTTP_NOT_SENT: for URLs that others
	 * chose. It is the address connected to that counts, whatever a name resolves to and when.
	 */
	bool public_only;
	bool tell_certificate; /* response->certificate_ends_s is wanted */
};

/* `response` and all it points at are borrowed: gone when `done` returns. Called exactly once. */
typedef void http_done(void *ctx, const struct http_response *response);

/*
 * Trusts the certificate authorities in this PEM file instead of the system's; borrowed for good.
 * Before any client is made; empty: the system's.
 */
void http_client_trust(struct str file);
const char *http_client_trusted(void); /* that file; NULL: the system's */

/* At most so many to a host at once: others begin when one has ended, in the order they came. */
struct http_client *http_client_new(struct loop *l, unsigned max_per_host);
void http_client_free(struct http_client *c); /* those begun complete as HTTP_MAYBE_SENT */
unsigned http_client_in_flight(const struct http_client *c);

/*
 * Sends `request`, copying what it needs. Only https, or http to a loopback address: anything
 * else completes as HTTP_NOT_SENT. `done` never runs before this returns. Names are resolved in
 * threads of libcurl's.
 */
void http_client_send(struct http_client *c, const struct http_request *request,
		      const struct http_limits *limits, http_done *done, void *ctx);

#endif
