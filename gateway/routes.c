/*
 * routes.c - every endpoint: who answers it, and the fields of its body. Start here: a message
 * enters with messages_create(), leaves in routing/dispatch.c, and its callbacks come back through
 * webhooks_receive().
 */
#include "routes.h"

#include "clock.h"
#include "cors.h"
#include "docs.h"
#include "fields.h"
#include "limiter.h"
#include "messages.h"
#include "probes.h"
#include "router.h"
#include "segment.h"
#include "staff.h"
#include "webhooks.h"
#include "worker.h"

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
	{ "reason", FIELD_TEXT, false, 1, 200, NULL,
	  "Why it matters no more; stands in its timeline." },
	{ .name = NULL },
};

static const struct field prefer_fields[] = {
	{ "carrier", FIELD_CHOICE, true, 0, 0, "twilio telnyx none",
	  "The one to try first; none: the deployment's order." },
	{ .name = NULL },
};

static const struct field consent_fields[] = {
	{ "action", FIELD_CHOICE, true, 0, 0, "stop start clear",
	  "stop: the guest asked you. start: takes that back. clear: a flag that meant nothing." },
	{ "words", FIELD_TEXT, false, 1, 500, NULL, "What the guest said, or why." },
	{ .name = NULL },
};

static const struct field message_page[] = {
	{ "cursor", FIELD_ID, false, 0, 0, "msg", "next_cursor of the page before." },
	{ "limit", FIELD_NUMBER, false, 1, 200, NULL, "How many; 50 unless given." },
	{ .name = NULL },
};

static const struct route table[] = {
	/* ---- messages and threads ---- */
	{ "POST", "/v1/messages", HOST, messages_create, .fields = message_fields, .status = 202,
	  .answer = "MessageAccepted",
	  .summary = "Text a guest. 202: it is committed and will be sent once." },
	{ "GET", "/v1/messages", HOST, staff_handle, SQL_MESSAGE_LIST, .query = message_page,
	  .answer = "MessageList", .summary = "Messages, newest first." },
	{ "GET", "/v1/messages/{id}", HOST, staff_handle, SQL_MESSAGE_GET, .answer = "MessageTold",
	  .summary = "One message and its timeline." },
	{ "POST", "/v1/messages/{id}/cancel", HOST, staff_handle, SQL_MESSAGE_CANCEL,
	  .fields = cancel_fields, .answer = "MessageState",
	  .summary = "It matters no more: it is not sent, or not tried again." },
	{ "POST", "/v1/messages/{id}/again", HOST, staff_handle, SQL_MESSAGE_AGAIN, .makes = "msg",
	  .status = 202, .answer = "MessageAgain",
	  .summary = "Send it again although it may have been sent: a new, linked message." },
	{ "GET", "/v1/conversations", HOST, staff_handle, SQL_CONVERSATION_LIST,
	  .query = message_page, .answer = "ConversationList",
	  .summary = "Threads, the latest first." },
	{ "GET", "/v1/conversations/{id}/messages", HOST, staff_handle, SQL_CONVERSATION_MESSAGES,
	  .query = message_page, .answer = "MessageList", .summary = "One thread, newest first." },
	{ "GET", "/v1/conversations/{id}/consent", HOST, staff_handle, SQL_CONVERSATION_CONSENT,
	  .answer = "ConsentHistory",
	  .summary = "Whether the guest may be texted, and all that was said about it." },
	{ "POST", "/v1/conversations/{id}/consent", HOST, staff_handle, SQL_CONSENT_RECORD,
	  .fields = consent_fields, .makes = "evt", .answer = "Consent",
	  .summary = "What the guest asked staff, or what a flag meant." },

	/* ---- carriers ---- */
	{ "GET", "/v1/carriers", HOST, staff_handle, SQL_CARRIER_LIST, .answer = "CarrierList",
	  .summary = "How the carriers are, and their history." },
	{ "PUT", "/v1/carriers/preferred", MANAGER, staff_handle, SQL_CARRIER_PREFER,
	  .fields = prefer_fields, .answer = "CarrierPreferred",
	  .summary = "Which carrier this account tries first." },
	{ "POST", "/webhooks/{carrier}/{what}", CARRIER, webhooks_receive,
	  .summary = "A carrier's status reports and guests' replies." },

	/* ---- developers ---- */
	{ "GET", "/openapi.json", ANYONE, docs_openapi, .answer = "application/json",
	  .summary = "This document." },
	{ "GET", "/docs", ANYONE, docs_page, .answer = "text/html",
	  .summary = "This document, to read and to try out." },
	{ "GET", "/docs/{file}", ANYONE, docs_file, .answer = "*/*",
	  .summary = "A part of that page." },

	/* ---- operators ---- */
	{ "GET", "/healthz", ANYONE, probes_alive, .answer = "Health",
	  .summary = "The process answers." },
	{ "GET", "/readyz", ANYONE, probes_ready, .answer = "Health",
	  .summary = "It has its database and takes work." },
};

const struct route *routes_table(size_t *num)
{
	*num = sizeof(table) / sizeof(*table);
	return table;
}

/* Only what staff and their servers call: carriers and probes have to come through. */
static bool limited(const struct worker *w, const struct exchange *x)
{
	return w->limiter && str_starts(x->path, STR("/v1/"));
}

void routes_handle(struct exchange *x)
{
	const struct worker *w = worker_of(x);
	struct str methods;
	size_t num;
	const struct route *routes = routes_table(&num);

	if (cors_begin(x, w->config->cors_origins) && !router_try(routes, num, x, &methods) &&
	    methods.len)
		cors_preflight(x, methods);
	else if (!limited(w, x) || limiter_admit(w->limiter, x, clock_mono_ms()))
		router_handle(routes, num, x);
}
