/*
 * dispatch.h - the outbound flow: claims due messages, and takes each through one attempt.
 */
#ifndef DISPATCH_H
#define DISPATCH_H

#include "carrier.h"
#include "db.h"
#include "health.h"
#include "http_client.h"

struct dispatch;

struct dispatch_settings {
	struct loop *loop;
	struct db *db;
	struct http_client *http;
	struct health *health;
	const struct carrier_list *carriers;
	const char *who; /* this worker, in queue.claimed_by; no other may ever have the name */
	unsigned in_flight_max;
	unsigned timeout_ms; /* for a carrier's whole answer */
	unsigned validity_s;
	unsigned grace_ms;	 /* beyond it: clocks that drift, a carrier's own processing */
	unsigned receipt_ms;	 /* without a receipt for so long, the carrier is asked for one */
	unsigned receipt_end_ms; /* and after this no more */
};

/* How long after its attempt was opened a carrier may still send it this way. */
int64_t dispatch_dead_after_ms(const struct dispatch_settings *s, const struct outbound *way);

struct dispatch *dispatch_new(const struct dispatch_settings *s);
void dispatch_free(struct dispatch *d); /* after the database and the HTTP client */

void dispatch_wake(struct dispatch *d); /* a hint that something is due; polling is the truth */
void dispatch_stop(struct dispatch *d); /* claims no more; what is in flight goes on */
unsigned dispatch_in_flight(const struct dispatch *d);

#endif
