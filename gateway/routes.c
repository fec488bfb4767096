/*
 * routes.c - every endpoint: who answers it, and the fields of its body. Start here: a message
 * enters with messages_create(), leaves in routing/dispatch.c, and its callbacks come back through
 * webhooks_receive().
 */
#include "routes.h"

#include "acting.h"
#include "auth.h"
#include "consents.h"
#include "fields.h"
#include "messages.h"
#include "probes.h"
#include "reading.h"
#include "router.h"
#include "segment.h"
#include "webhooks.h"

const struct field message_fields[] = {
	[MESSAGE_TO] = { "to", FIELD_PHONE, true, 0, 0, NULL, "The guest's number." },
	[MESSAGE_BODY] = { "body", FIELD_TEXT, true, 1, TEXT_MAX_CHARACTERS, NULL,
			   "What the guest reads." },
	[MESSAGE_FROM] = { "from", FIELD_PHONE, false, 0, 0, NULL,
			   "One of the account's numbers; without it, maitred chooses." },
	[MESSAGE_KIND] = { "kind", FIELD_CHOICE, false, 0, 0,
			   "message table_ready reminder confirmation", "What it is about." },
	[MESSAGE_EXPIRES_AT] = { "expires_at", FIELD_TIME, false, 0, 0, NULL,
				 "After this it is not sent any more." },
	[MESSAGE_SEND_AT] = { "send_at", FIELD_TIME, false, 0, 0, NULL, "Not before this." },
	[MESSAGE_ARRIVE_BY] = { "arrive_by", FIELD_TIME, false, 0, 0, NULL,
				"If it is not known by then whether it was sent, it is sent "
				"again. Without it: never twice." },
	{ .name = NULL },
};

static const struct field cancel_fields[] = {
	[CANCEL_REASON] = { "reason", FIELD_TEXT, false, 1, 200, NULL,
			    "Why it matters no more; stands in its timeline." },
	{ .name = NULL },
};

static const struct field prefer_fields[] = {
	[PREFER_CARRIER] = { "carrier", FIELD_CHOICE, true, 0, 0, "twilio telnyx none",
			     "The one to try first; none: the deployment's order." },
	{ .name = NULL },
};

const struct field consent_fields[] = {
	[CONSENT_ACTION] = { "action", FIELD_CHOICE, true, 0, 0, "stop start clear",
			     "stop: the guest asked you. start: takes that back. clear: a flag "
			     "that meant nothing." },
	[CONSENT_WORDS] = { "words", FIELD_TEXT, false, 1, 500, NULL,
			    "What the guest said, or why." },
	{ .name = NULL },
};

static const struct route table[] = {
	/* staff and developers, with an API key */
	{ "POST", "/v1/messages", messages_create, message_fields,
	  "Text a guest. 202: it is committed and will be sent once." },
	{ "GET", "/v1/messages", reading_messages, NULL, "Messages, newest first." },
	{ "GET", "/v1/messages/{id}", reading_message, NULL, "One message and its timeline." },
	{ "POST", "/v1/messages/{id}/cancel", acting_cancel, cancel_fields,
	  "It matters no more: it is not sent, or not tried again." },
	{ "POST", "/v1/messages/{id}/again", acting_again, NULL,
	  "Send it again although it may have been sent: a new, linked message." },
	{ "GET", "/v1/carriers", reading_carriers, NULL,
	  "How the carriers are, and their history." },
	{ "PUT", "/v1/carriers/preferred", acting_prefer, prefer_fields,
	  "Which carrier this account tries first." },
	{ "GET", "/v1/conversations", reading_conversations, NULL, "Threads, the latest first." },
	{ "GET", "/v1/conversations/{id}/messages", reading_conversation, NULL,
	  "One thread, newest first." },
	{ "GET", "/v1/conversations/{id}/consent", reading_consent, NULL,
	  "Whether the guest may be texted, and all that was said about it." },
	{ "POST", "/v1/conversations/{id}/consent", consents_record, consent_fields,
	  "What the guest asked staff, or what a flag meant." },

	/* carriers, with a signature */
	{ "POST", "/webhooks/{carrier}/{what}", webhooks_receive, NULL,
	  "A carrier's status reports and guests' replies." },

	/* operators */
	{ "GET", "/healthz", probes_alive, NULL, "The process answers." },
	{ "GET", "/readyz", probes_ready, NULL, "It has its database and takes work." },
};

void routes_handle(struct exchange *x)
{
	router_handle(table, sizeof(table) / sizeof(*table), x);
}
