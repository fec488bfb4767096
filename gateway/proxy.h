/*
 * proxy.h - what stands between clients and us, and what it says of them. Anybody can write
 * headers: only what the nearest proxy of ours has added is believed.
 */
#ifndef PROXY_H
#define PROXY_H

#include "config.h"
#include "http.h"

/* Set by a rule at Cloudflare for all requests: nobody else's Cloudflare is taken for ours. */
#define PROXY_SECRET_HEADER "x-cloudflare-secret"

struct proxy {
	bool trusted;	    /* one appends the client's address to X-Forwarded-For */
	bool cloudflare;    /* and Cloudflare is before it, or it is Cloudflare */
	struct str secrets; /* one of which it then sends; separated by commas; borrowed */
};

struct proxy proxy_of(const struct config *c);

/* Did our Cloudflare send it, by the secret and by where it came from? `peer` has connected. */
bool proxy_is_cloudflare(const struct proxy *p, struct str peer, const struct http_request *r);

/*
 * The client's address, in r's headers or `peer`: CF-Connecting-IP when our Cloudflare sent it,
 * else the last one of X-Forwarded-For, when a proxy is trusted and that is an address.
 */
struct str proxy_client(const struct proxy *p, struct str peer, const struct http_request *r);

/* Did the client come by plain HTTP, as the proxy says? */
bool proxy_saw_http(const struct proxy *p, const struct http_request *r);

#endif
