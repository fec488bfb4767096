/*
 * http.h - HTTP requests and responses as plain values: what providers build and read, what the
 * client carries, what webhooks hand on. All strings are borrowed from whoever made the value.
 */
#ifndef HTTP_H
#define HTTP_H

#include "str.h"

struct http_header {
	struct str name, value;
};

struct http_request {
	struct str method; /* "GET", "POST", "PATCH" */
	struct str url;	   /* absolute; for a webhook PUBLIC_URL + the raw request target */
	struct str body;   /* raw bytes */
	const struct http_header *headers;
	size_t header_num;
};

/* How far a request got. The send engine lives on this difference. */
enum http_transport {
	HTTP_ANSWERED,	 /* a complete response is here */
	HTTP_NOT_SENT,	 /* no byte of the request left: DNS, refused, TLS, deadline passed */
	HTTP_MAYBE_SENT, /* something left and no complete answer came: time-out, reset, cut off */
};

struct http_response {
	enum http_transport transport;
	int status;	   /* 0 unless HTTP_ANSWERED */
	const char *error; /* why not answered, in words; NULL when answered */
	struct str body;
	const struct http_header *headers;
	size_t header_num;
	/* HTTP_NOT_SENT, as others to its host were before it for too long: not its fault */
	bool held_back;
	int64_t took_ms; /* since it began; what it waited for others to its host is not in it */
	int64_t certificate_ends_s; /* Unix time; 0: not asked for, or the connection was kept */
};

/* The first header of that name (ASCII case-insensitive), or an empty string. */
struct str http_find(const struct http_header *headers, size_t num, struct str name);

#endif
