/*
 * callback.h - what the carriers' callbacks have in common: the URL that an attempt's names ride in
 * and come back with, also when the answer to the send was lost, and how a status becomes ours.
 */
#ifndef CALLBACK_H
#define CALLBACK_H

#include "provider.h"

/* {public_url}/webhooks/{carrier}/status?account=..&attempt=.. */
struct str callback_url(struct arena *a, const struct carrier_account *account, const char *carrier,
			const struct outgoing *text);

/*
 * {public_url}/webhooks/{carrier}/voice?account=..&attempt=..&step=..: where a call's script is,
 * or a step of it. What is empty is left out.
 */
struct str callback_voice_url(struct arena *a, const struct carrier_account *account,
			      const char *carrier, struct str account_id, struct str attempt_id,
			      struct str step);

/* {public_url}/webhooks/{carrier}/voice-fallback?..: asked when the script cannot be had. */
struct str callback_fallback_url(struct arena *a, const struct carrier_account *account,
				 const char *carrier, const struct outgoing *call);

/* Is the body what a form's header says it is? Without a header only when it is empty. */
bool callback_is_form(const struct http_request *r);

/* What stands between '?' and '#'. Borrowed from `url`. */
struct str callback_query(struct str url);

/* What the query of our own URL says, as far as it is there and is text: hints, not proof. */
struct callback_hints {
	struct str account_id, attempt_id, step;
};

struct callback_hints callback_hints(struct arena *a, struct str url);

/* Fills in account_id and attempt_id from the query. */
void callback_names(struct arena *a, struct str url, struct event *out);

struct callback_status {
	const char *theirs; /* NULL ends a table */
	enum delivery_status ours;
};

extern const struct callback_status twilio_statuses[], telnyx_statuses[];

/*
 * Sets kind, status and code by status_text and code_text, which are set before. A word that is not
 * in the table leaves the event ignored. A failure always gets a code, if only the default one.
 */
void callback_status(const char *carrier, const struct callback_status *table, struct event *out);

/* What the carrier says it did with an opt-out word: "STOP", "START", "HELP" or nothing. */
enum carrier_consent callback_consent(struct str word);

#endif
