/*
 * hooks.h - the flow of webhooks to customers' own systems: claims deliveries that are due, signs
 * and posts them, and settles what came of it. The rows are made by the database, in the commit
 * that makes the event.
 *
 * At least once: a process that is killed between a receiver's 200 and its own commit leaves the
 * delivery to be claimed again when the lease is over. The receiver tells by webhook-id, which is
 * the same at every try. Order is not kept; what a body says is as it is when it is sent.
 */
#ifndef HOOKS_H
#define HOOKS_H

#include "db.h"
#include "http_client.h"
#include "signing.h"

#define HOOKS_PER_ENDPOINT 4 /* under way at once, of all processes (about) */

struct hooks;

struct hooks_settings {
	struct loop *loop;
	struct db *db;
	struct http_client *http; /* its own: its connections go to anybody */
	const char *who;	  /* this worker, in deliveries.claimed_by; no other has the name */
	const struct signing_keys *keys; /* borrowed; without any, nothing is sent */
	unsigned in_flight_max;
	bool allow_private; /* http, and addresses that are not public: for development */
};

struct hooks *hooks_new(const struct hooks_settings *s);
void hooks_free(struct hooks *h); /* after the database and the HTTP client */

void hooks_wake(struct hooks *h); /* a hint that something is due; polling is the truth */
void hooks_stop(struct hooks *h); /* claims no more; what is in flight goes on */
unsigned hooks_in_flight(const struct hooks *h);

#endif
