/*
 * load_requests.h - the requests of load.c, written beforehand: what they are about, and how many.
 */
#ifndef LOAD_REQUESTS_H
#define LOAD_REQUESTS_H

#include <stddef.h>

struct options {
	const char *mode; /* get, messages, questions, callbacks, replies */
	int port;
	const char *target;		/* get: the path */
	const char *key;		/* the API key or session */
	const char *base, *account_sid; /* what Twilio sends */
	const char *token, *account;
	long requests, first;
	/* callbacks: one about each attempt, drawn from so many; 0: two about each, in order */
	long outstanding;
	int connections;
	double rate; /* per second, over all connections; 0: as fast as it goes */
};

struct request {
	char *bytes;
	size_t len;
};

/* All of them, never to be freed. What is drawn at random is the same in each run. */
struct request *write_requests(const struct options *options);

#endif
