/*
 * event.h - what a carrier's callback says, as our values.
 */
#ifndef EVENT_H
#define EVENT_H

#include <stdint.h>

#include "channel.h"
#include "codes.h"
#include "status.h"
#include "str.h"
#include "voice.h"

enum event_kind {
	EVENT_IGNORED, /* well-formed, nothing for us: an unknown event type or status */
	EVENT_STATUS,  /* one of our texts or calls moved on */
	EVENT_REPLY,   /* a guest wrote to one of our numbers */
};

/* What the carrier itself says it did with an opt-out word (OptOutType, autoresponse_type). */
enum carrier_consent { CONSENT_UNSAID, CONSENT_STOP, CONSENT_START, CONSENT_HELP };

struct event {
	enum event_kind kind;
	enum channel channel;  /* EVENT_STATUS: of a text or a call */
	struct str event_id;   /* same for a repeated delivery, different for another event */
	struct str carrier_id; /* the message's id at the carrier */
	struct str
		attempt_id; /* from the callback URL's query: a hint, not a proof; may be empty */
	struct str account_id; /* likewise */
	struct str from, to;   /* as the carrier wrote them: of the text, not of the callback */
	enum delivery_status status;  /* EVENT_STATUS */
	struct str status_text;	      /* the carrier's word for it */
	struct str code_text;	      /* the carrier's error code; empty if none */
	const struct code *code;      /* its row or the safe default; NULL when there is no error */
	struct str body;	      /* EVENT_REPLY: what the guest wrote; may be empty */
	unsigned media_num;	      /* EVENT_REPLY: pictures that came with it */
	enum carrier_consent consent; /* EVENT_REPLY */
	struct call_progress call;    /* EVENT_STATUS of a call; else all zero */
	int64_t occurred_ms;	      /* Unix time by the carrier's clock; 0 when it does not say */
};

#endif
