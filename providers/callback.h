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

/* What stands between '?' and '#'. Borrowed from `url`. */
struct str callback_query(struct str url);

/* Fills in account_id and attempt_id from the query, as far as they are there and are text. */
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
