/*
 * load_requests.h - the requests of load.c, written beforehand: what they are about, and how many.
 */
#ifndef LOAD_REQUESTS_H
#define LOAD_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct options {
	/* get, gets, posts, parties, messages, questions, callbacks, replies */
	const char *mode;
	int port;
	const char *target;		/* get, gets, posts, parties: the path */
	const char *key;		/* the API key or session */
	const char *base, *account_sid; /* what Twilio sends */
	const char *token, *account;
	long requests, first;
	/* callbacks: one about each attempt, drawn from so many; 0: two about each, in order */
	long outstanding;
	long accounts; /* replies: to the numbers of so many; 0: to the demo's */
	bool stamped;  /* replies: they say when they were written, which is when they leave */
	int connections;
	double rate; /* per second, over all connections; 0: as fast as it goes */
};

struct request {
	char *bytes;
	size_t len;
};

uint64_t now_us(void); /* monotonic, and the same in all processes */

/* What is drawn at random is the same in each run. */
void requests_about(const struct options *options);
/* Number i, from 0; its bytes are the caller's to free. */
void write_request(struct request *r, long i);

#endif
