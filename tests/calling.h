/*
 * calling.h - an HTTP client that calls a scripted server, for the client's tests.
 */
#ifndef CALLING_H
#define CALLING_H

#include "http_client.h"
#include "scripted.h"
#include "turns.h"

/* What became of one call. */
struct fate {
	unsigned times;
	unsigned turn; /* the how-manyth to end */
	enum http_transport transport;
	bool held_back;
	int64_t took_ms;
	int status;
	char body[100], header[20], error[200];
};

struct calling {
	struct arena *arena;
	struct loop *loop;
	struct http_client *client;
	struct scripted *server;
};

extern const struct http_limits ordinary_limits;
extern unsigned calling_resets; /* seen by the server when the client was freed */

struct calling calling_open(unsigned max_per_host);
void calling_close(struct calling *h);

/* POSTs ten bytes; `f` is noted when it ends. */
void calling_post(struct calling *h, const struct http_limits *l, struct fate *f);
void calling_send(struct calling *h, struct str url, const struct http_limits *l, struct fate *f);
void fate_note(void *fate, const struct http_response *r); /* an http_done */

/* Turns the loop and lets the server look, until so many calls are done. */
void calling_wait(struct calling *h, unsigned num, int ms);

/* Long enough for anything that should not be sent to arrive. */
void calling_linger(struct calling *h, int ms);

#endif
