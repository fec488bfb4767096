/*
 * provider.h - THE CONTRACT between maitred and a carrier.
 *
 * A provider turns our values into HTTP requests and the carrier's bytes into our values: formats
 * only. One carrier is one file and one exported const struct; registry.c lists them.
 * A provider MUST NOT do I/O, read the clock or the environment, or keep state between calls.
 * It MUST allocate what it returns from `arena`, or borrow it from its arguments, and MUST tolerate
 * fields, statuses and codes that it does not know: carriers add them unannounced.
 * It MUST NOT decide: it classifies, routing/ decides.
 */
#ifndef PROVIDER_H
#define PROVIDER_H

#include "arena.h"
#include "codes.h"
#include "http.h"
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

enum event_kind {
	EVENT_IGNORED, /* well-formed, nothing for us: an unknown event type or status */
	EVENT_STATUS,  /* one of our texts moved on */
	EVENT_REPLY,   /* a guest wrote to one of our numbers */
};

/* What the carrier itself says it did with an opt-out word (OptOutType, autoresponse_type). */
enum carrier_consent { CONSENT_UNSAID, CONSENT_STOP, CONSENT_START, CONSENT_HELP };

struct event {
	enum event_kind kind;
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
	int64_t occurred_ms;	      /* Unix time by the carrier's clock; 0 when it does not say */
};

struct provider {
	const char *name;  /* "twilio": in URLs, rows and logs */
	const char *title; /* "Twilio": in sentences */

	/* The request that sends `text`. Bounds are checked before: at most 1600 characters. */
	void (*build_send)(struct arena *, const struct carrier_account *,
			   const struct outgoing_text *text, struct http_request *out);

	/* What a complete answer (HTTP_ANSWERED) to it means. */
	void (*parse_send)(struct arena *, const struct http_response *, struct send_result *out);

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
