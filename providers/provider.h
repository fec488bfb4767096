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
#include "channel.h"
#include "codes.h"
#include "event.h"
#include "http.h"
#include "listing.h"
#include "outbound.h"
#include "voice.h"

#define CARRIER_SECRETS_MAX 4

/* Our account at a carrier, from the configuration; const after start. */
struct carrier_account {
	struct str base_url;   /* "https://api.twilio.com"; no slash at the end */
	struct str public_url; /* where the carrier reaches us; no slash at the end */
	struct str id;	       /* Twilio: the account SID. Telnyx: its account's, for calls only */
	struct str voice_app;  /* Telnyx: the TeXML application. Twilio: empty */
	struct str user;       /* Twilio: the account SID or an API key. Telnyx: empty */
	struct str secret;     /* Twilio: what goes with `user`. Telnyx: the API key */
	/* Twilio: auth tokens that sign webhooks, two while rotating. Telnyx: public keys */
	struct str webhook_secrets[CARRIER_SECRETS_MAX];
	size_t webhook_secret_num;
	bool can_call; /* it is set up for calls */
};

enum webhook_verdict {
	WEBHOOK_VALID,
	WEBHOOK_FORGED, /* no signature, or none of our secrets made it */
	WEBHOOK_STALE,	/* signed, but too old or from the future (Telnyx: 300 s) */
};

struct provider {
	const char *name;  /* "twilio": in URLs, rows and logs */
	const char *title; /* "Twilio": in sentences */

	const struct outbound *texts, *calls;

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

	/*
	 * Reads a verified request for a call's script, as parse_webhook(), and writes the script
	 * in the carrier's words: the body of the 200, of type voice_type.
	 */
	bool (*parse_call)(struct arena *, const struct http_request *, struct call_question *out,
			   const char **why);
	struct str (*write_script)(struct arena *, const struct call_script *);

	/* What the carrier wants to read after a webhook: type and body of the 200. */
	struct str ack_type, ack_body;
	struct str voice_type; /* of a script */
};

static inline const struct outbound *provider_on(const struct provider *p, enum channel c)
{
	return c == CHANNEL_VOICE ? p->calls : p->texts;
}

extern const struct provider twilio, telnyx;
extern const struct provider *const providers[];       /* ends with NULL */
const struct provider *provider_find(struct str name); /* NULL when there is none */

#endif
