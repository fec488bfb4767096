/*
 * carriers.h - the two virtual carriers: what they do with a request, with the text they took, and
 * what they call back. They keep the assumptions of tests/model/send.pml:
 *   - a request arrives within TRANSIT_MAX_MS of its writing, or never;
 *   - Twilio takes it within TWILIO_TAKES_MAX_MS, texts within the validity period, or drops it,
 *     and lists it at the latest when it texts;
 *   - Telnyx takes it and shows it in its records within TELNYX_TAKES_MAX_MS.
 */
#ifndef CARRIERS_H
#define CARRIERS_H

#include "network.h"
#include "provider.h"
#include "sim.h"

#define TWILIO_TAKES_MAX_MS 29000
#define TELNYX_TAKES_MAX_MS 60000
#define INBOUND_LISTED_MAX_MS 60000 /* a guest's text is in the list by then */

enum { TWILIO, TELNYX, CARRIERS };

/* A send request as the carrier reads it. */
struct incoming {
	struct str to, from, body, url; /* url: of callbacks; empty when the request is broken */
	int64_t validity_ms;		/* 0: none */
	struct str attempt_id;		/* as the URL names it */
};

/* A text that a carrier took. */
struct text {
	int carrier;
	struct str id, to, from, body, url, attempt_id;
	int64_t taken_at, listed_at, validity_ms;
	const char *state;
	const char *code;	    /* NULL: none */
	bool inbound, acknowledged; /* acknowledged: with a 200 */
	bool on_phone;
	struct moment sends, ends;
};

/* What it calls back: with a status of a text, or with what a guest wrote. */
struct hook {
	struct text *text;
	const char *status, *code; /* code NULL: none */
	struct str event_id, url, body;
	int64_t occurred_at;
	bool forged;
	struct str type, signature, stamp; /* headers */
};

/* What differs between the two. Built in the arena. */
struct formats {
	const struct provider *provider;
	struct str inbound_path;
	unsigned hook_tries;
	int64_t hook_patience_ms;
	void (*read)(struct arena *, const struct http_request *, struct incoming *out);
	struct str (*created)(struct arena *, const struct text *);
	struct str (*error)(struct arena *, const char *code);
	struct str (*fetched)(struct arena *, const struct text *);
	struct str (*list)(struct arena *, const struct http_request *);
	/* Sets url, body and headers; signs it when `sign`. */
	void (*hook)(struct arena *, struct hook *, bool sign);
	const char *sent, *delivered, *failed, *undelivered; /* its words */
	const char *never_left[4], *undelivered_codes[4], *guest_codes[4], *our_codes[4];
	const char *opted_out;
	int created_status;
};

extern const struct formats twilio_formats, telnyx_formats;
extern const struct formats *const formats[CARRIERS];
extern struct list texts; /* struct text: all that were ever taken or received */

void carriers_reset(void);
void carrier_receives(struct call *c); /* a request has arrived */
bool carrier_unreachable(const struct call *c);
struct str carrier_attempt(const struct call *c); /* the attempt that a send request names */
void carrier_outage(int carrier, int64_t ms);
struct text *carrier_text_new(int carrier);
/* The guest wrote to one of our numbers; true when the carrier now blocks texts to them. */
void carrier_guest_writes(int carrier, struct str from, struct str to, struct str body);

/* ---- hooks.c ---- */

/* Calls back until it is answered 200, or gives up. `status` NULL: an inbound text. */
void hooks_tell(struct text *t, const char *status, const char *code);

#endif
