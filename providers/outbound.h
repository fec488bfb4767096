/*
 * outbound.h - what a carrier takes from us, on either channel: a text or a call, one attempt at a
 * time. Part of the contract in provider.h.
 */
#ifndef OUTBOUND_H
#define OUTBOUND_H

#include "lookup.h"

struct carrier_account;

/* One attempt at sending one text, or at calling once. */
struct outgoing {
	struct str to, from;		   /* E.164; a text's from may be a short code */
	struct str body;		   /* UTF-8; of a call: empty, it asks for its script */
	struct str account_id, attempt_id; /* go into the callback URLs, to come back with them */
	unsigned
		validity_s; /* a text: dropped when still queued after this; 0: the carrier's own */
};

enum send_outcome {
	SEND_ACCEPTED,	/* carrier_id is set, or empty: accepted, but the answer was unreadable */
	SEND_REFUSED,	/* definitely not sent; `handling` says what it means */
	SEND_AMBIGUOUS, /* may have been sent: 5xx, unreadable answer that is not a 2xx */
};

struct send_result {
	enum send_outcome outcome;
	const struct code *code; /* the carrier's code, or the safe default; never NULL */
	struct str carrier_id;	 /* the carrier's id for the message */
	struct str code_text;	 /* the carrier's code as it wrote it; empty if none */
	struct str detail;	 /* the carrier's own words, for support; may name a number */
	unsigned retry_after_s;	 /* what a 429 asked for; 0 if it did not */
};

/* What a carrier takes from us on one channel. */
struct outbound {
	bool can_expire; /* it drops a text that is queued longer than validity_s */

	/* The request that sends it. A text has at most 1600 characters: checked before. */
	void (*build_send)(struct arena *, const struct carrier_account *, const struct outgoing *,
			   struct http_request *out);

	/* What a complete answer (HTTP_ANSWERED) to it means. */
	void (*parse_send)(struct arena *, const struct http_response *, struct send_result *out);

	/* Asks for one whose answer was lost, and reads the answer (HTTP_ANSWERED). */
	void (*build_lookup)(struct arena *, const struct carrier_account *,
			     const struct lost_text *, struct http_request *out);
	void (*parse_lookup)(struct arena *, const struct lost_text *, const struct http_response *,
			     struct lookup_result *out);

	/*
	 * Asks how far one got that the carrier accepted, and reads the answer as the callback
	 * that should have come. False: the carrier did not say.
	 */
	void (*build_fetch)(struct arena *, const struct carrier_account *, struct str carrier_id,
			    struct http_request *out);
	bool (*parse_fetch)(struct arena *, const struct http_response *, struct event *out);

	/* Ends one that is under way: a phone rings no more. Calls only; NULL for texts. */
	void (*build_hang_up)(struct arena *, const struct carrier_account *, struct str carrier_id,
			      struct http_request *out);
};

#endif
