/*
 * codes.h - what each carrier's error codes mean: codes.tsv as a table. Codes are data; carriers
 * change them, so a code that is not in the table gets a safe row and never an error.
 */
#ifndef CODES_H
#define CODES_H

#include "str.h"

/* What maitred does about it. */
enum handling {
	HANDLING_OTHER_CARRIER, /* this carrier will not send it: the other one at once */
	HANDLING_BACK_OFF,    /* this carrier is busy, did not take it: the other one, this later */
	HANDLING_END,	      /* no carrier will deliver it: stop and say why */
	HANDLING_OPTED_OUT,   /* the guest said STOP at the carrier: stop, and remember */
	HANDLING_LANDLINE,    /* the number takes no texts: stop, offer a call */
	HANDLING_ASK_CARRIER, /* may have been sent: unknown until the carrier says */
	HANDLING_NOTE,	      /* informational: nothing follows */
};

struct code {
	const char *carrier;	/* "twilio" */
	const char *code;	/* as the carrier writes it: "21610" */
	const char *title;	/* the carrier's own title */
	const char *class_name; /* "opted-out", "sender-config", ... as in codes.tsv */
	const char *sentence;	/* what staff read; ends with a full stop */
	enum handling handling;
	bool alarm;	 /* an operator must know: credentials, funds, registration */
	bool never_left; /* as a failure after acceptance: the text never left the carrier */
};

/* The row, or NULL when the code is not in the table. */
const struct code *code_find(const char *carrier, struct str code);

/* The row, or a safe default: `http_status` 429 backs off, 401/403 and other 4xx try the other
 * carrier, 5xx and 0 (no HTTP answer: a failed receipt) are unknown and end. Never NULL. */
const struct code *code_or_default(const char *carrier, struct str code, int http_status);

const char *handling_name(enum handling h);	/* "other-carrier" */
const char *handling_sentence(enum handling h); /* "We send it through the other carrier." */

#endif
