/*
 * lookup.h - asking a carrier whether it has a text whose answer was lost. Neither carrier takes a
 * key of ours with a message, so the question differs: Twilio lists texts by numbers, Telnyx has
 * the callback URL, and with it the attempt, in its detail records.
 */
#ifndef LOOKUP_H
#define LOOKUP_H

#include <stdint.h>

#include "arena.h"
#include "event.h"
#include "http.h"

/* What we know of it. */
struct lost_text {
	struct str to, from, body;
	struct str attempt_id;
	int64_t opened_ms; /* Unix time at which its attempt was opened */
	struct str known;  /* carrier's ids that belong to other attempts, separated by commas */
	bool nameless;	   /* history was lost: attempt_id is not the one that the carrier has */
};

enum lookup_outcome {
	LOOKUP_FOUND,	    /* it has it; carrier_id is set */
	LOOKUP_ABSENT,	    /* it does not have it, or not yet */
	LOOKUP_UNAVAILABLE, /* it did not say */
};

struct lookup_result {
	enum lookup_outcome outcome;
	struct str carrier_id;
	bool unread; /* found by number and time alone: its words are still to be read */
};

struct carrier_account;

void twilio_build_lookup(struct arena *a, const struct carrier_account *account,
			 const struct lost_text *lost, struct http_request *out);
void twilio_parse_lookup(struct arena *a, const struct lost_text *lost,
			 const struct http_response *answer, struct lookup_result *out);
void telnyx_build_lookup(struct arena *a, const struct carrier_account *account,
			 const struct lost_text *lost, struct http_request *out);
void telnyx_parse_lookup(struct arena *a, const struct lost_text *lost,
			 const struct http_response *answer, struct lookup_result *out);

void twilio_build_fetch(struct arena *a, const struct carrier_account *account,
			struct str carrier_id, struct http_request *out);
bool twilio_parse_fetch(struct arena *a, const struct http_response *answer, struct event *out);
void telnyx_build_fetch(struct arena *a, const struct carrier_account *account,
			struct str carrier_id, struct http_request *out);
bool telnyx_parse_fetch(struct arena *a, const struct http_response *answer, struct event *out);

/* Clocks differ, and carriers write whole seconds: a text counts from this time on. */
#define LOOKUP_SKEW_MS 5000

bool lookup_is_known(const struct lost_text *lost, struct str carrier_id); /* another attempt's */

#endif
