/*
 * telnyx_lookup.c - finds a text in Telnyx's detail records by its callback URL, which names the
 * attempt: exactly. Source: Telnyx's OpenAPI document, detail_records.
 */
#include "callback.h"
#include "form.h"
#include "json.h"
#include "outcome.h"
#include "requests.h"
#include "rfc3339.h"

enum { QUERY_BYTES_MAX = 512, PAGE_SIZE = 50 };

void telnyx_build_lookup(struct arena *a, const struct carrier_account *account,
			 const struct lost_text *lost, struct http_request *out)
{
	struct buf query = buf_new(a, QUERY_BYTES_MAX);

	form_put(&query, "filter[record_type]", STR("messaging"));
	form_put(&query, "filter[cld]", lost->to);
	form_put(&query, "filter[created_at][gte]",
		 rfc3339_write(a, lost->opened_ms - LOOKUP_SKEW_MS));
	form_put(&query, "page[size]", arena_printf(a, "%d", PAGE_SIZE));
	telnyx_build_get(a, account,
			 arena_printf(a, "detail_records?" STR_FMT, STR_ARG(buf_str(&query))), out);
}

void telnyx_build_fetch(struct arena *a, const struct carrier_account *account,
			struct str carrier_id, struct http_request *out)
{
	telnyx_build_get(a, account, arena_printf(a, "messages/" STR_FMT, STR_ARG(carrier_id)),
			 out);
}

bool telnyx_parse_fetch(struct arena *a, const struct http_response *answer, struct event *out)
{
	const struct json *data = json_get(json_parse(a, answer->body, NULL), "data");
	const struct json *to = json_at(json_get(data, "to"), 0);
	const struct json *error = json_at(json_get(data, "errors"), 0);

	*out = (struct event){
		.carrier_id = json_str(data, "id"),
		.from = json_str(json_get(data, "from"), "phone_number"),
		.to = json_str(to, "phone_number"),
		.status_text = json_str(to, "status"),
		.code_text = json_str(error, "code"),
		.body = json_str(data, "text"),
	};
	if (!outcome_is_success(answer) || !out->carrier_id.len || !out->status_text.len)
		return false;
	out->event_id = arena_printf(a, "fetched:" STR_FMT ":" STR_FMT, STR_ARG(out->carrier_id),
				     STR_ARG(out->status_text));
	callback_status("telnyx", telnyx_statuses, out);
	return true;
}

/*
 * By the attempt in its callback URL; when that was lost, any text that no other attempt has.
 * Detail records have no words: the text itself has to be read.
 */
static bool is_it(struct arena *a, const struct json *record, const struct lost_text *lost)
{
	struct event named = { 0 };

	callback_names(a, json_str(record, "delivery_status_webhook_url"), &named);
	if (lost->nameless)
		return named.attempt_id.len && !lookup_is_known(lost, json_str(record, "uuid"));
	return str_eq(named.attempt_id, lost->attempt_id);
}

void telnyx_parse_lookup(struct arena *a, const struct lost_text *lost,
			 const struct http_response *answer, struct lookup_result *out)
{
	const struct json *data = json_get(json_parse(a, answer->body, NULL), "data");

	*out = (struct lookup_result){ .outcome = LOOKUP_UNAVAILABLE };
	if (!outcome_is_success(answer) || !data || data->type != JSON_ARRAY)
		return;
	for (const struct json *record = data->first; record; record = record->next) {
		if (!is_it(a, record, lost))
			continue;
		*out = (struct lookup_result){ LOOKUP_FOUND, json_str(record, "uuid"),
					       lost->nameless };
		return;
	}
	if (data->num < PAGE_SIZE) /* else it may stand on the next page */
		out->outcome = LOOKUP_ABSENT;
}
