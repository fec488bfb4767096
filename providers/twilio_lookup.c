/*
 * twilio_lookup.c - finds a text in Twilio's list of messages by its numbers, its words and the
 * time of its attempt. Source: Twilio's OpenAPI document, ListMessage. DateSent is no help: it is
 * empty while a text is queued.
 */
#include "callback.h"
#include "form.h"
#include "json.h"
#include "lookup.h"
#include "outcome.h"
#include "requests.h"
#include "rfc2822.h"

enum { QUERY_BYTES_MAX = 512 };

#define PAGE_SIZE "200" /* texts between two numbers, newest first: months of them */

void twilio_build_lookup(struct arena *a, const struct carrier_account *account,
			 const struct lost_text *lost, struct http_request *out)
{
	struct buf query = buf_new(a, QUERY_BYTES_MAX);

	form_put(&query, "To", lost->to);
	form_put(&query, "From", lost->from);
	form_put(&query, "PageSize", STR(PAGE_SIZE));
	twilio_build_get(a, account,
			 arena_printf(a, "Messages.json?" STR_FMT, STR_ARG(buf_str(&query))), out);
}

void twilio_build_fetch(struct arena *a, const struct carrier_account *account,
			struct str carrier_id, struct http_request *out)
{
	twilio_build_get(a, account,
			 arena_printf(a, "Messages/" STR_FMT ".json", STR_ARG(carrier_id)), out);
}

bool twilio_parse_fetch(struct arena *a, const struct http_response *answer, struct event *out)
{
	const struct json *j = json_parse(a, answer->body, NULL);
	const struct json *code = json_get(j, "error_code");

	*out = (struct event){
		.carrier_id = json_str(j, "sid"),
		.from = json_str(j, "from"),
		.to = json_str(j, "to"),
		.status_text = json_str(j, "status"),
	};
	if (!outcome_is_success(answer) || !out->carrier_id.len || !out->status_text.len)
		return false;
	if (code && code->type == JSON_NUMBER)
		out->code_text = code->text;
	out->event_id = arena_printf(a, "fetched:" STR_FMT ":" STR_FMT, STR_ARG(out->carrier_id),
				     STR_ARG(out->status_text));
	callback_status("twilio", twilio_statuses, out);
	return true;
}

bool lookup_is_known(const struct lost_text *lost, struct str carrier_id)
{
	struct str rest = lost->known;

	while (rest.len)
		if (str_eq(str_cut(&rest, ','), carrier_id))
			return true;
	return false;
}

/* Without a readable date it is not ours. */
static bool recent_enough(const struct json *message, const struct lost_text *lost)
{
	int64_t created_ms;

	return rfc2822_parse(json_str(message, "date_created"), &created_ms) &&
	       created_ms >= lost->opened_ms - LOOKUP_SKEW_MS;
}

static bool is_it(const struct json *message, const struct lost_text *lost)
{
	return str_is(json_str(message, "direction"), "outbound-api") &&
	       str_eq(json_str(message, "to"), lost->to) &&
	       str_eq(json_str(message, "body"), lost->body) && recent_enough(message, lost) &&
	       !lookup_is_known(lost, json_str(message, "sid"));
}

/* The oldest that fits: the first text made after the attempt was opened. */
void twilio_parse_lookup(struct arena *a, const struct lost_text *lost,
			 const struct http_response *answer, struct lookup_result *out)
{
	const struct json *j = json_parse(a, answer->body, NULL);
	const struct json *messages = json_get(j, "messages");
	const struct json *next = json_get(j, "next_page_uri"), *last = NULL;

	*out = (struct lookup_result){ .outcome = LOOKUP_UNAVAILABLE };
	if (!outcome_is_success(answer) || !messages || messages->type != JSON_ARRAY)
		return;
	for (const struct json *m = messages->first; m; last = m, m = m->next)
		if (is_it(m, lost))
			out->carrier_id = json_str(m, "sid");
	if (out->carrier_id.len)
		out->outcome = LOOKUP_FOUND;
	else if (!next || next->type == JSON_NULL || (last && !recent_enough(last, lost)))
		out->outcome = LOOKUP_ABSENT; /* the page reaches back beyond the attempt */
}
