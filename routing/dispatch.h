/*
 * dispatch.h - the outbound flow: claims due messages, and takes each through one attempt.
 */
#ifndef DISPATCH_H
#define DISPATCH_H

#include "carrier.h"
#include "db.h"
#include "http_client.h"

struct dispatch;

struct dispatch_settings {
	struct loop *loop;
	struct db *db;
	struct http_client *http;
	const struct carrier_list *carriers;
	const char *who; /* this process, in queue.claimed_by */
	unsigned in_flight_max;
	unsigned timeout_ms; /* for a carrier's whole answer */
	unsigned validity_s;
};

struct dispatch *dispatch_new(const struct dispatch_settings *s);
void dispatch_free(struct dispatch *d); /* after the database and the HTTP client */

void dispatch_wake(struct dispatch *d); /* a hint that something is due; polling is the truth */
void dispatch_stop(struct dispatch *d); /* claims no more; what is in flight goes on */
unsigned dispatch_in_flight(const struct dispatch *d);

#endif
