/*
 * health.h - how the carriers are: a breaker per carrier and operation, fed by what this worker
 * sees, shared with all others through the database, once a second and at every change.
 */
#ifndef HEALTH_H
#define HEALTH_H

#include "breaker.h"
#include "carrier.h"
#include "choose.h"
#include "db.h"

struct health;

struct health_settings {
	struct loop *loop;
	struct db *db;
	const struct carrier_list *carriers;
	const char *who;
	unsigned concurrency_max; /* requests to a carrier at once */
	unsigned dead_after_ms;	  /* past it no carrier still sends a text that was offered to it */
};

enum operation { OPERATION_SEND, OPERATION_ASK, OPERATIONS };

struct health *health_new(const struct health_settings *s);
void health_stop(struct health *h);
void health_free(struct health *h); /* after the database */
void health_wake(struct health *h); /* another process changed something; polling is the truth */
bool health_busy(const struct health *h); /* something is on its way to the database */

/* For choose_route(). `retry`: the message was tried before, so that it costs of the budget. */
struct standing health_standing(struct health *h, const struct provider *p, bool retry);

/* May the carrier be asked about a text just now? */
bool health_may_ask(struct health *h, const struct provider *p);

/* Around every request. */
void health_began(struct health *h, const struct provider *p, enum operation o, bool retry);
void health_ended(struct health *h, const struct provider *p, enum operation o,
		  enum breaker_outcome outcome);

/* A text's last receipt had to be fetched: its callback did not come. */
void health_unheard(struct health *h, const struct provider *p);

/* What a request that ended says of the carrier: by its answer and how long that took. */
enum breaker_outcome health_outcome(const struct http_response *r, const struct send_result *sent);

#endif
