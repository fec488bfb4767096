/*
 * http_transfer.h - one request on its way: what libcurl asks for and hands over while it is.
 * Private to http_client.c.
 */
#ifndef HTTP_TRANSFER_H
#define HTTP_TRANSFER_H

#include <curl/curl.h>

#include "arena.h"
#include "buf.h"
#include "http_client.h"

#define ANSWER_HEADERS_MAX 64

struct call {
	struct call *next, **prev; /* in client->live; next alone in client->idle */
	struct call *behind;	   /* the next that waits in its lane */
	struct http_client *client;
	struct lane *lane;	       /* NULL: refused */
	int64_t begin_by_ms, began_ms; /* monotonic; began: 0 while it waits in its lane */
	CURL *easy;
	struct arena *arena;
	struct curl_slist *headers;
	http_done *done;
	void *ctx;
	struct str body; /* of the request */
	size_t body_at;
	int64_t write_by_ms;
	bool handed_over; /* at least one byte of the body went to curl */
	bool too_late;
	bool public_only, cut_long, tell_certificate; /* as in the limits */
	bool kept_out; /* its name led to an address that is not public */
	struct buf answer;
	struct http_header answer_headers[ANSWER_HEADERS_MAX];
	size_t answer_header_num;
	const char *refused; /* why it may not be tried at all */
	char curl_error[CURL_ERROR_SIZE];
};

/*
 * NULL when `url` may be called: https anywhere, http only to this machine and never when it has to
 * be public. Else why not.
 */
const char *transfer_refusal(struct arena *a, struct str url, bool public_only);

/* Tells curl all about the call. Its strings are copied into c->arena. */
void transfer_set(struct call *c, const struct http_request *r, const struct http_limits *limits);

/* When the server's certificate ends, in Unix time; 0: not asked for, or not known. */
int64_t transfer_certificate_end(const struct call *c);

#endif
