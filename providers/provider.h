/*
 * provider.h - THE CONTRACT between maitred and a carrier.
 *
 * A provider turns our values into HTTP requests and the carrier's bytes into our values: formats
 * only. One carrier is one exported const struct; registry.c lists them.
 * A provider MUST NOT do I/O, read the clock or the environment, or keep state between calls.
 * It MUST allocate what it returns from `arena`, or borrow it from its arguments, and MUST tolerate
 * fields, statuses and codes that it does not know: carriers add them unannounced.
 * It MUST NOT decide: it classifies, routing/ decides.
 */
#ifndef PROVIDER_H
#define PROVIDER_H

#include "arena.h"
#include "codes.h"
#include "event.h"
#include "http.h"
#include "listing.h"
#include "lookup.h"
#include "status.h"

#define CARRIER_SECRETS_MAX 4

/* Our account at a carrier, from the configuration; const after start. */
struct carrier_account {
	struct str base_url;   /* "https://api.twilio.com"; no slash at the end */
	struct str public_url; /* where the carrier reaches us; no slash at the end */
	struct str id;	       /* Twilio: the account SID. Telnyx: empty */
	struct str user;       /* Twilio: the account SID or an API key. Telnyx: empty */
	struct str secret;     /* Twilio: what goes with `user`. Telnyx: the API key */
	/* Twilio: auth tokens that sign webhooks, two while rotating. Telnyx: public keys */
	struct str webhook_secrets[CARRIER_SECRETS_MAX];
	size_t webhook_secret_num;
};

/* One attempt at sending one text. */
struct outgoing_text {
	struct str to, from;		   /* E.164; from may be a short code */
	struct str body;		   /* UTF-8 */
	struct str account_id, attempt_id; /* go into the callback URL, to come back with it */
	unsigned validity_s; /* dropped when still queued after this; 0: the carrier's own */
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

enum webhook_verdict {
	WEBHOOK_VALID,
	WEBHOOK_FORGED, /* no signature, or none of our secrets made it */
	WEBHOOK_STALE,	/* signed, but too old or from the future (Telnyx: 300 s) */
};

struct provider {
	const char *name;  /* "twilio": in URLs, rows and logs */
	const char *title; /* "Twilio": in sentences */
	bool can_expire;   /* it drops a text that is queued longer than validity_s */

	/* The request that sends `text`. Bounds are checked before: at most 1600 characters. */
	void (*build_send)(struct arena *, const struct carrier_account *,
			   const struct outgoing_text *text, struct http_request *out);

	/* What a complete answer (HTTP_ANSWERED) to it means. */
	void (*parse_send)(struct arena *, const struct http_response *, struct send_result *out);

	/* Asks for a text whose answer was lost, and reads the answer (HTTP_ANSWERED). */
	void (*build_lookup)(struct arena *, const struct carrier_account *,
			     const struct lost_text *, struct http_request *out);
	void (*parse_lookup)(struct arena *, const struct lost_text *, const struct http_response *,
			     struct lookup_result *out);

	/*
	 * Asks how far a text got that the carrier accepted, and reads the answer as the callback
	 * that should have come. False: the carrier did not say.
	 */
	void (*build_fetch)(struct arena *, const struct carrier_account *, struct str carrier_id,
			    struct http_request *out);
	bool (*parse_fetch)(struct arena *, const struct http_response *, struct event *out);

	/* What guests wrote in a stretch of time, a page at a time. False: it did not say. */
	void (*build_list)(struct arena *, const struct carrier_account *, const struct listing *,
			   struct http_request *out);
	bool (*parse_list)(struct arena *, const struct http_response *, struct listed_page *out);
	/* One of them, from build_fetch(), as its webhook. False: it is no guest's text. */
	bool (*parse_reply)(struct arena *, const struct http_response *, struct http_request *out);

	/* Is it theirs, untouched and fresh? `*why` is a sentence when it is not. */
	enum webhook_verdict (*verify_webhook)(struct arena *, const struct carrier_account *,
					       const struct http_request *, int64_t now_s,
					       const char **why);

	/*
	 * Reads a verified webhook. False when the bytes are not what this carrier sends at all;
	 * `*why` says what is wrong. Call verify_webhook() first: this trusts what it reads.
	 */
	bool (*parse_webhook)(struct arena *, const struct http_request *, struct event *out,
			      const char **why);

	/* What the carrier wants to read after a webhook: type and body of the 200. */
	struct str ack_type, ack_body;
};

extern const struct provider twilio, telnyx;
extern const struct provider *const providers[];       /* ends with NULL */
const struct provider *provider_find(struct str name); /* NULL when there is none */

#endif
