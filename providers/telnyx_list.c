/*
 * telnyx_list.c - guests' texts in Telnyx's detail records, which lack the words, and one of them,
 * fetched, as the event that it should have come by. Source: Telnyx's OpenAPI document,
 * detail_records and "Retrieve a message" (of the last 10 days).
 */
#include "form.h"
#include "json.h"
#include "listing.h"
#include "lookup.h"
#include "outcome.h"
#include "requests.h"
#include "rfc3339.h"

enum { QUERY_BYTES_MAX = 512, EVENT_BYTES_MAX = 32 * 1024 };

void telnyx_build_list(struct arena *a, const struct carrier_account *account,
		       const struct listing *l, struct http_request *out)
{
	struct buf query = buf_new(a, QUERY_BYTES_MAX);

	form_put(&query, "filter[record_type]", STR("messaging"));
	form_put(&query, "filter[direction]", STR("inbound"));
	form_put(&query, "filter[created_at][gte]", rfc3339_write(a, l->since_ms));
	form_put(&query, "filter[created_at][lte]", rfc3339_write(a, l->until_ms));
	form_put(&query, "page[size]", arena_printf(a, "%d", LISTED_MAX));
	form_put(&query, "page[number]", l->next.len ? l->next : STR("1"));
	telnyx_build_get(a, account,
			 arena_printf(a, "detail_records?" STR_FMT, STR_ARG(buf_str(&query))), out);
}

bool telnyx_parse_list(struct arena *a, const struct http_response *answer, struct listed_page *out)
{
	const struct json *j = json_parse(a, answer->body, NULL);
	const struct json *data = json_get(j, "data"), *meta = json_get(j, "meta");
	int64_t page, pages;

	*out = (struct listed_page){ 0 };
	if (!outcome_is_success(answer) || !data || data->type != JSON_ARRAY ||
	    data->num > LISTED_MAX || !json_int(json_get(meta, "page_number"), &page) ||
	    !json_int(json_get(meta, "total_pages"), &pages))
		return false;
	if (page < pages)
		out->next = arena_printf(a, "%lld", (long long)page + 1);
	for (const struct json *r = data->first; r; r = r->next)
		if (str_is(json_str(r, "direction"), "inbound"))
			out->at[out->num++] = (struct listed_text){ json_str(r, "uuid"),
								    json_str(r, "cld") };
	return true;
}

static void put_number(struct buf *b, const char *name, struct str number)
{
	json_open(b, name, '{');
	json_put_str(b, "phone_number", number);
	json_close(b, '}');
}

static void put_payload(struct buf *b, const struct json *text)
{
	const struct json *to = json_at(json_get(text, "to"), 0), *media = json_get(text, "media");

	json_open(b, "payload", '{');
	json_put_str(b, "id", json_str(text, "id"));
	put_number(b, "from", json_str(json_get(text, "from"), "phone_number"));
	json_open(b, "to", '[');
	put_number(b, NULL, json_str(to, "phone_number"));
	json_close(b, ']');
	json_put_str(b, "text", json_str(text, "text"));
	json_open(b, "media", '[');
	for (const struct json *m = media ? media->first : NULL; m; m = m->next) {
		json_open(b, NULL, '{');
		json_put_str(b, "url", json_str(m, "url"));
		json_close(b, '}');
	}
	json_close(b, ']');
	json_close(b, '}');
}

bool telnyx_parse_reply(struct arena *a, const struct http_response *answer,
			struct http_request *out)
{
	static const struct http_header type = { { "content-type", 12 },
						 { "application/json", 16 } };
	const struct json *data = json_get(json_parse(a, answer->body, NULL), "data");
	struct buf b = buf_new(a, EVENT_BYTES_MAX);

	if (!outcome_is_success(answer) || !str_is(json_str(data, "direction"), "inbound"))
		return false;
	json_open(&b, NULL, '{');
	json_open(&b, "data", '{');
	json_put_str(&b, "event_type", STR("message.received"));
	json_put_str(&b, "id", arena_printf(a, "listed:" STR_FMT, STR_ARG(json_str(data, "id"))));
	json_put_str(&b, "occurred_at", json_str(data, "received_at"));
	put_payload(&b, data);
	json_close(&b, '}');
	json_close(&b, '}');
	*out = (struct http_request){
		.method = STR("POST"),
		.url = STR("/webhooks/telnyx/listed"),
		.body = buf_str(&b),
		.headers = &type,
		.header_num = 1,
	};
	return !buf_full(&b);
}
