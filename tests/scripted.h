/*
 * scripted.h - a tiny HTTP server for tests of the client, on the test's own thread: it looks at
 * its sockets between two turns of the loop, and does to each request what the test told it to.
 */
#ifndef SCRIPTED_H
#define SCRIPTED_H

#include <stdbool.h>
#include <stdint.h>

enum scripted_deed {
	ANSWER,		  /* with `answer`, and keep the connection */
	ANSWER_AND_CLOSE, /* likewise, and close */
	CLOSE,		  /* without an answer */
	RESET,
	HANG,
};

#define SCRIPTED_CONNECTIONS 300

struct scripted {
	int listener;
	uint16_t port;
	const char *answer;	     /* all bytes of it */
	enum scripted_deed deeds[4]; /* of the first requests in turn; the last is for the rest */
	unsigned deed_num;
	unsigned connections, requests; /* complete ones, so far */
	unsigned resets;		/* connections that the client gave up with a reset */
	unsigned body_bytes;
	struct scripted_connection {
		int fd; /* 0: unused */
		char in[4096];
		unsigned len;
	} at[SCRIPTED_CONNECTIONS];
};

struct scripted *scripted_new(void);
void scripted_free(struct scripted *s);
void scripted_look(struct scripted *s); /* never waits */

#endif
