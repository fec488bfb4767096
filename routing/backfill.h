/*
 * backfill.h - guests' texts that never reached us, from the carriers' own lists. A carrier tries a
 * webhook a few times and gives up, so what came while we were down is asked for: at the start,
 * when the database comes back, and every few minutes, whatever the reason may have been.
 */
#ifndef BACKFILL_H
#define BACKFILL_H

#include "batch.h"
#include "carrier.h"
#include "http_client.h"
#include "inbound.h"

struct backfill;

struct backfill_settings {
	struct loop *loop;
	struct db *db;
	struct http_client *http;
	const struct carrier_list *carriers;
	struct db_batch *journal; /* where callbacks go, too */
	struct inbound *inbound;
	unsigned timeout_ms; /* for a carrier's whole answer */
};

struct backfill *backfill_new(const struct backfill_settings *s);
void backfill_stop(struct backfill *b);	      /* asks no more */
bool backfill_busy(const struct backfill *b); /* something was asked, or is being journalled */
void backfill_free(struct backfill *b);	      /* after the database and the HTTP client */

#endif
