/*
 * quarantine.h - history was lost: the messages that are still to be sent are put in doubt. Private
 * to health.c.
 */
#ifndef QUARANTINE_H
#define QUARANTINE_H

#include "carrier.h"
#include "db.h"

struct quarantine {
	const struct carrier_list *carriers; /* those we have, the preferred one first */
	int64_t epoch;			     /* the highest seen */
	unsigned dead_after_ms; /* past it no carrier still sends a text that was offered to it */
	const char *who;
};

void quarantine_start(struct db *db, const struct quarantine *q, db_done *done, void *ctx);
void quarantine_log(const struct db_result *r); /* what it came to */

#endif
