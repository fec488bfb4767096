/*
 * wire.h - a server on the test's own loop, and clients that write raw bytes to it.
 */
#ifndef WIRE_H
#define WIRE_H

#include "arena.h"
#include "loop.h"
#include "server.h"

struct house {
	struct arena *arena;
	struct loop *loop;
	struct server *server;
};

/* A server on any port, for 1000-byte bodies; settings->handle and what is not 0 are taken over. */
struct house house_open(const struct server_settings *settings);
void house_close(struct house *h); /* all connections must be closed, or about to be */

/* A client. */
struct wire {
	struct house *house;
	int fd;
	char in[200000];
	size_t len;
	bool closed; /* by the server */
	bool reset;
};

struct wire *wire_open(struct house *h);
void wire_close(struct wire *w);
void wire_send(struct wire *w, struct str bytes);
void wire_read(struct wire *w); /* what is there; never waits */

struct answer {
	int status; /* 0: none came, within 3 s or before the end */
	struct str head, body;
};

/* Turns the loop until one whole answer is there. `bodiless`: it is one to a HEAD. */
struct answer wire_answer(struct wire *w, bool bodiless);
struct str answer_header(struct arena *a, const struct answer *r, const char *name);

/* One request on a connection of its own. */
struct answer wire_ask(struct house *h, struct str request);

#endif
