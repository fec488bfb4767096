/*
 * twilio_list.c - guests' texts in Twilio's list of messages, and one of them as the webhook that
 * it should have come by. Source: Twilio's OpenAPI document, ListMessage and FetchMessage. The list
 * has no filter for the direction, and ours are few in the time in which we were down.
 */
#include "form.h"
#include "json.h"
#include "listing.h"
#include "lookup.h"
#include "outcome.h"
#include "requests.h"
#include "rfc3339.h"

enum { QUERY_BYTES_MAX = 512, REPLY_BYTES_MAX = 32 * 1024 };

/* "2026-02-02T02:40:00Z": dates here have no fractions. */
static struct str whole_second(struct arena *a, int64_t ms)
{
	struct str s = rfc3339_write(a, ms);

	return arena_printf(a, "%.19sZ", s.p);
}

/* A page's URI from "Messages" on; empty when it is none. */
static struct str from_messages(struct str uri)
{
	for (; uri.len; uri = str_from(uri, 1))
		if (str_starts(uri, STR("/Messages")))
			return str_from(uri, 1);
	return uri;
}

void twilio_build_list(struct arena *a, const struct carrier_account *account,
		       const struct listing *l, struct http_request *out)
{
	struct buf query = buf_new(a, QUERY_BYTES_MAX);

	form_put(&query, "DateSent>", whole_second(a, l->since_ms));
	form_put(&query, "DateSent<", whole_second(a, l->until_ms + 999));
	form_put(&query, "PageSize", arena_printf(a, "%d", LISTED_MAX));
	twilio_build_get(
		a, account,
		l->next.len ? from_messages(l->next) :
			      arena_printf(a, "Messages.json?" STR_FMT, STR_ARG(buf_str(&query))),
		out);
}

bool twilio_parse_list(struct arena *a, const struct http_response *answer, struct listed_page *out)
{
	const struct json *j = json_parse(a, answer->body, NULL);
	const struct json *messages = json_get(j, "messages");

	*out = (struct listed_page){ .next = json_str(j, "next_page_uri") };
	if (!outcome_is_success(answer) || !messages || messages->type != JSON_ARRAY ||
	    messages->num > LISTED_MAX || (out->next.len && !from_messages(out->next).len))
		return false;
	for (const struct json *m = messages->first; m; m = m->next)
		if (str_is(json_str(m, "direction"), "inbound"))
			out->at[out->num++] = (struct listed_text){ json_str(m, "sid"),
								    json_str(m, "to") };
	return true;
}

/* DateSent is no parameter of a webhook: it says when the guest wrote, since this comes late. */
bool twilio_parse_reply(struct arena *a, const struct http_response *answer,
			struct http_request *out)
{
	static const struct {
		const char *param, *field;
	} fields[] = {
		{ "MessageSid", "sid" },     { "AccountSid", "account_sid" },
		{ "From", "from" },	     { "To", "to" },
		{ "Body", "body" },	     { "NumMedia", "num_media" },
		{ "DateSent", "date_sent" },
	};
	static const struct http_header type = { { "content-type", 12 },
						 { "application/x-www-form-urlencoded", 33 } };
	const struct json *j = json_parse(a, answer->body, NULL);
	struct buf b = buf_new(a, REPLY_BYTES_MAX);

	if (!outcome_is_success(answer) || !str_is(json_str(j, "direction"), "inbound"))
		return false;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		form_put(&b, fields[i].param, json_str(j, fields[i].field));
	form_put(&b, "SmsStatus", STR("received"));
	*out = (struct http_request){
		.method = STR("POST"),
		.url = STR("/webhooks/twilio/listed"),
		.body = buf_str(&b),
		.headers = &type,
		.header_num = 1,
	};
	return !buf_full(&b);
}
