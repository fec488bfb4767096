/*
 * exchange.h - one HTTP request being answered. libh2o may destroy its request at any moment (the
 * client went away); our calls may complete at any later one. The exchange belongs to whichever is
 * last, holds copies of all it was sent, and replies exactly once; to a gone client a reply is a
 * no-op. Only exchange.c, reply.c and server.c touch the h2o_req_t.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include <stdint.h>

#include "arena.h"
#include "http.h"
#include "proxy.h"
#include "trace.h"

#define EXCHANGE_PARAMS_MAX 4

struct route;

/* What a streamed answer tells its owner; both from the loop, never from a call below. */
struct exchange_stream {
	void (*taken)(void *owner); /* the chunk: its bytes are not needed any more */
	void (*gone)(void *owner);  /* it is over: the exchange is not to be touched any more */
};

struct exchange {
	void *h2o_request; /* NULL once the client has gone */
	unsigned refs;	   /* libh2o's and the handler's */
	bool replied;
	unsigned *open_num;	     /* the server's count of exchanges not replied yet */
	struct arena *arena;	     /* freed with the exchange */
	void *context;		     /* server_settings.context */
	struct http_request request; /* url is the raw target: "/v1/messages?limit=3" */
	struct str path, query;	     /* of the target, still encoded; query without '?' */
	struct str
		params[EXCHANGE_PARAMS_MAX]; /* what stood for each {name} of the route, decoded */
	const struct route *route;
	bool https;	      /* the gateway is reached by HTTPS only */
	char ip[46];	      /* the client's address; behind our proxy, the one it names */
	char ray[40];	      /* Cloudflare's name for the request */
	bool plain;	      /* the client came by http, as our proxy says */
	char request_id[201]; /* X-Request-ID: the client's when sane, else ours */
	struct trace trace;   /* the caller's, for the log */
	char user[40];	      /* usr_...: whose session it came with, as the token says */
	char account[40];     /* acc_...: and at which account */
	const char *suspect;  /* names what makes it a security event; static, or NULL */
	int64_t started_us;
	const struct exchange_stream *stream; /* NULL: the answer comes whole */
	void *stream_owner;
	bool sending; /* a chunk of it, which is not taken yet */
};

/*
 * A new exchange for libh2o's request, held by it and by the caller, who must reply. What it holds
 * of the request is copied. `context` is handed on; `*open_num` is one more until the reply.
 */
struct exchange *exchange_new(void *h2o_request, void *context, unsigned *open_num,
			      const struct proxy *proxy);

/* The request's header, or an empty string. */
struct str exchange_header(const struct exchange *x, const char *name);

/*
 * Replies and gives up the handler's hold: `x` is not to be touched afterwards. Content-Type,
 * Content-Length, X-Request-ID and the security headers are set here; a Content-Security-Policy or
 * Cache-Control that was added before stays. `content_type` and `body` may be static or in
 * x->arena.
 */
void exchange_reply(struct exchange *x, int status, struct str content_type, struct str body);

/* Adds a header to the reply to come; `name` in lower case, static; `value` is copied. */
void exchange_add_header(struct exchange *x, const char *name, struct str value);

/*
 * Begins an answer of any length instead of exchange_reply(): 200, a content type, and chunks to
 * come. False when the client has gone: then `x` is not to be touched. Else it lives until gone();
 * its arena, what it holds of the request, and open_num are given up at once. The connection ends
 * with it.
 */
bool exchange_stream(struct exchange *x, struct str content_type, const struct exchange_stream *on,
		     void *owner);
/* Sends a chunk, which must live until taken() or gone(); never while x->sending. `last`: ends. */
void exchange_stream_send(struct exchange *x, struct str bytes, bool last);
/* Has the client closed its side? libh2o does not look while it answers. */
bool exchange_stream_left(struct exchange *x);
void exchange_stream_cut(struct exchange *x); /* resets the connection; gone() follows */

/* Ends the connection without an answer, with a TCP reset or an orderly close; as a reply. */
void exchange_hang_up(struct exchange *x, bool reset);

#endif
