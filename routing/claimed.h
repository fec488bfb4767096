/*
 * claimed.h - a message as it was claimed from the queue, and what its columns mean. Pure.
 */
#ifndef CLAIMED_H
#define CLAIMED_H

#include "carrier.h"
#include "choose.h"
#include "db.h"

/* The attempt of it that is live, if one is. */
struct live_attempt {
	struct str attempt_id; /* empty: none is */
	struct str state;      /* "intent": its process died; "ambiguous"; "accepted" */
	struct str provider, number;
	int64_t opened_ms, dead_ms; /* Unix time */
	unsigned looks;		    /* how often the carrier was asked for it */
	struct str known;	    /* struct lost_text.known */
	struct str carrier_id;	    /* "accepted": the carrier's id for it */
	bool doubt;		    /* history was lost, and one like it may have been made */
};

struct claimed {
	struct str account_id, message_id, conversation_id, phone, body;
	struct str claim; /* which claim it is: only that one may open an attempt */
	enum channel channel;
	int64_t arrive_ms; /* when unsure then, rather twice than not at all; 0: never twice */
	struct candidate candidates[CANDIDATES_MAX];
	size_t candidate_num;
	struct past_attempt past[ATTEMPTS_MAX]; /* with the live one */
	size_t past_num;
	struct live_attempt live;
	int64_t now_ms; /* by the database's clock, when it was claimed */
};

/* Reads a row of queue_claim.sql; strings are copied into the arena. */
void claimed_read(struct claimed *c, struct arena *a, const struct carrier_list *carriers,
		  struct str claim, const struct db_result *r, int row);

#endif
