/*
 * delivery.h - what one answer or one status report means for an attempt and its message. Pure: no
 * clock, no database, no carrier.
 */
#ifndef DELIVERY_H
#define DELIVERY_H

#include "arena.h"
#include "choose.h"

/* What is recorded of an attempt and what follows for the message; for attempt_settle.sql. */
struct settlement {
	const char *attempt_state; /* "accepted", "rejected", "ambiguous" */
	const char *handling;	   /* handling_name() of a refusal, or NULL */
	struct str sentence;	   /* what happened, for the timeline */
	const char *message_state; /* NULL: unchanged */
	unsigned message_rank;
	struct str reason; /* why the message ended; empty unless it did badly */
	bool again;	   /* try once more after delay_ms; else nothing more to send */
	unsigned delay_ms;
	bool opt_out; /* the carrier says the guest is opted out there */
	bool looked;  /* the sentence is what the carrier said when it was asked for the text */
};

/* What the attempt came to, and the message's history with this attempt left out. */
struct settle_input {
	const struct provider *provider;
	const struct http_response *response;
	const struct send_result *result; /* NULL unless HTTP_ANSWERED */
	const struct candidate *candidates;
	size_t candidate_num;
	const struct past_attempt *past;
	size_t past_num;
	unsigned jitter; /* any random number */
};

struct settlement delivery_settle(struct arena *a, const struct settle_input *in);

/* What the carrier said when it was asked for a text whose answer was lost. */
struct look_input {
	const struct provider *provider;
	enum lookup_outcome outcome;
	unsigned looks;	   /* how often it was asked before */
	bool not_asked;	   /* because it is out just now */
	int64_t asked_ms;  /* when this question was begun; Unix time, as the next */
	int64_t dead_ms;   /* past it the carrier takes the text no more */
	int64_t arrive_ms; /* past it the other carrier may send, whatever this one did; 0: never */
	const struct candidate *candidates;
	size_t candidate_num;
	const struct past_attempt *past; /* with this attempt */
	size_t past_num;
};

/*
 * Found: accepted. Absent before dead_ms, or no answer: asked again later. Absent after it: given
 * up, the other carrier may send. No answer long after it: ended as uncertain, never sent unasked,
 * unless arrive_ms says that being there is worth a second text.
 */
struct settlement delivery_look(struct arena *a, const struct look_input *in);

/* An attempt whose answer was lost, with the process or on the way; `what` says which. */
struct settlement delivery_lost(struct arena *a, const struct provider *p, struct str what);

/* The carrier was asked for the receipt of a text it had accepted, and has none so far. */
struct settlement delivery_no_receipt(struct arena *a, const struct provider *p, bool answered);

/* What a carrier's status report means; for receipts_apply.sql. */
struct report {
	const char *attempt_state; /* "accepted", "finalised" */
	const char *message_state;
	unsigned message_rank;
	bool again; /* it never left the carrier: the other may send, if it was not sent before */
	struct str sentence;
};

struct report delivery_report(struct arena *a, const struct provider *p, const struct event *e);

#endif
