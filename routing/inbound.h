/*
 * inbound.h - the inbound flow: applies journalled callbacks, also those a crash left behind.
 */
#ifndef INBOUND_H
#define INBOUND_H

#include "carrier.h"
#include "db.h"

struct inbound;

struct inbound_settings {
	struct loop *loop;
	struct db *db;
	const struct carrier_list *carriers;
};

struct inbound_counts {
	uint64_t callbacks, reports, replies; /* read, applied to an attempt, put into a thread */
	uint64_t unmatched; /* reports without an attempt, replies to numbers that are not ours */
	uint64_t failed;    /* unreadable, or refused by the database */
	uint64_t late;	    /* reports on attempts that had been given up */
};

struct inbound *inbound_new(const struct inbound_settings *s);
void inbound_free(struct inbound *in); /* after the database */

void inbound_wake(struct inbound *in); /* something was journalled; polling is the truth */
void inbound_stop(struct inbound *in); /* claims no more */
bool inbound_busy(const struct inbound *in);
struct inbound_counts inbound_counts(const struct inbound *in);

#endif
