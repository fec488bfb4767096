/*
 * calls_lookup.c - finds a call whose answer was lost in the carrier's list, by its numbers and the
 * time of its attempt. Sources: Twilio's OpenAPI document, ListCall; Telnyx's, GetTexmlCalls.
 */
#include "calls.h"
#include "json.h"
#include "outcome.h"
#include "rfc2822.h"
#include "rfc3339.h"

enum { QUERY_BYTES_MAX = 512 };

#define PAGE_SIZE "50" /* calls between two numbers: weeks of them */

struct str calls_between(struct arena *a, const struct lost_text *lost)
{
	struct buf query = buf_new(a, QUERY_BYTES_MAX);

	form_put(&query, "To", lost->to);
	form_put(&query, "From", lost->from);
	form_put(&query, "PageSize", STR(PAGE_SIZE));
	return arena_printf(a, "?" STR_FMT, STR_ARG(buf_str(&query)));
}

static bool is_it(const struct json *call, const struct lost_text *lost)
{
	struct str direction = json_str(call, "direction"), id = json_str(call, "sid");

	return (str_is(direction, "outbound-api") || str_is(direction, "outbound")) && id.len &&
	       str_eq(json_str(call, "to"), lost->to) &&
	       str_eq(json_str(call, "from"), lost->from) && !lookup_is_known(lost, id);
}

static bool read_created(const struct json *call, int64_t *ms)
{
	struct str date = json_str(call, "date_created");

	return rfc2822_parse(date, ms) || rfc3339_parse(date, ms);
}

/*
 * The oldest that fits: the first call made after the attempt was opened. It is absent when the
 * page reaches back beyond the attempt; a call without a readable date leaves that open.
 */
void calls_parse_lookup(struct arena *a, const struct lost_text *lost,
			const struct http_response *answer, struct lookup_result *out)
{
	const struct json *j = json_parse(a, answer->body, NULL);
	const struct json *calls = json_get(j, "calls");
	int64_t since_ms = lost->opened_ms - LOOKUP_SKEW_MS, ms;
	bool whole = !json_str(j, "next_page_uri").len, undated = false;

	*out = (struct lookup_result){ .outcome = LOOKUP_UNAVAILABLE };
	if (!outcome_is_success(answer) || !calls || calls->type != JSON_ARRAY)
		return;
	for (const struct json *c = calls->first; c; c = c->next) {
		if (!read_created(c, &ms))
			undated = true;
		else if (ms < since_ms)
			whole = true;
		else if (is_it(c, lost))
			out->carrier_id = json_str(c, "sid");
	}
	if (out->carrier_id.len)
		out->outcome = LOOKUP_FOUND;
	else if (whole && !undated)
		out->outcome = LOOKUP_ABSENT;
}
