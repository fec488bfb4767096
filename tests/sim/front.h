/*
 * front.h - stands in for the HTTP server of a process: takes a callback as gateway/webhooks.c and
 * a message as gateway/messages.c do, without h2o.
 */
#ifndef FRONT_H
#define FRONT_H

#include "carriers.h"

struct process;

void front_set_up(void); /* once */
void front_reset(void);
bool front_verifies(void); /* in this history callbacks are signed and verified for real */

void front_open(struct process *p);
void front_close(struct process *p);

/* False when the connection is refused. Else hook_answered(), at most once. */
bool front_receive(struct process *p, struct hook *h, unsigned try_num);
void hook_answered(struct hook *h, unsigned try_num, int status);

/* A client's message; it keeps it until posted() was called, or gives up on this try. */
struct post {
	struct str key, hash, phone, body, number;
	const char *kind;
	int64_t expires_in_ms, send_in_ms, arrive_in_ms; /* 0: not given */
	void (*posted)(struct post *p, unsigned try_num, int status, struct str message_id);
};

bool front_post(struct process *p, struct post *post, unsigned try_num);

struct message;
void front_cancel(struct process *p, struct message *m);

#endif
