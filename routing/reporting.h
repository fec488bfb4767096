/*
 * reporting.h - a carrier's status report on its way into the database, whether it came as a
 * callback or was asked for. Private to routing/.
 */
#ifndef REPORTING_H
#define REPORTING_H

#include "batch.h"
#include "delivery.h"
#include "provider.h"

/* A batch of receipts_apply.sql. */
struct db_batch *reporting_batch(struct db *db, struct loop *l);

/* An EVENT_STATUS, whose it is, and when it came (Unix ms). */
struct reported {
	const struct provider *provider;
	const struct event *event;
	int64_t received_ms;
};

/* Adds it, and says what it means; `done` learns the state that the attempt had before. */
struct report reporting_add(struct db_batch *b, struct arena *a, const struct reported *what,
			    db_row_done *done, void *ctx);

#endif
