/*
 * network.h - stands in for the HTTP client: a request connects, is written before its deadline or
 * not at all, travels, is answered; on each leg it may be lost.
 */
#ifndef NETWORK_H
#define NETWORK_H

#include "http_client.h"
#include "sim.h"

#define TRANSIT_MAX_MS 9900 /* behind it TCP_USER_TIMEOUT ends the connection */

struct call {
	struct call *next;
	struct http_client *client;
	struct http_request request; /* copied; its headers are not */
	struct http_limits limits;
	http_done *done;
	void *ctx;
	int64_t began_ms;
	bool finished; /* done() was called */
	bool written;  /* the body was handed over */
	bool cut;      /* what has not arrived yet never will */
	int status;    /* of the answer on its way */
	struct str answer, retry_after;
	struct moment connected, refused, arrives, answered, reset, too_long;
};

void network_cut(struct http_client *c); /* its process crashes */

/* The carrier's answer sets out after so long. */
void network_answer(struct call *c, int status, struct str body, int64_t delay_ms);
void network_reset(struct call *c, int64_t delay_ms);

#endif
