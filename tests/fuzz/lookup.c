/*
 * lookup.c - fuzzes what carriers say of a text whose answer was lost: found means an id that is
 * not another attempt's, and only a good answer can say that it is absent.
 */
#include "fuzz.h"

#include "http.h"
#include "lookup.h"

static void judge(const struct lost_text *lost, int status, const struct lookup_result *r)
{
	must(r->outcome == LOOKUP_FOUND || r->outcome == LOOKUP_ABSENT ||
	     r->outcome == LOOKUP_UNAVAILABLE);
	must(r->outcome != LOOKUP_FOUND ||
	     (r->carrier_id.len && !lookup_is_known(lost, r->carrier_id)));
	must(status == 200 || r->outcome == LOOKUP_UNAVAILABLE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 404, 429, 500 };
	struct arena *a = arena_new();
	struct lost_text lost = {
		.to = STR("+12125550123"),
		.from = STR("+13125550002"),
		.body = STR("Your table is ready."),
		.attempt_id = STR("att_01kgf0000000000000000000ab"),
		.opened_ms = 1770000000000,
		.known = STR("SM1,SM2"),
		.nameless = size % 2,
	};

	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
		struct http_response answer = { .transport = HTTP_ANSWERED,
						.status = statuses[i],
						.body = input(data, size) };
		struct lookup_result r = { 0 };

		twilio_parse_lookup(a, &lost, &answer, &r);
		judge(&lost, statuses[i], &r);
		r = (struct lookup_result){ 0 };
		telnyx_parse_lookup(a, &lost, &answer, &r);
		judge(&lost, statuses[i], &r);
	}
	arena_free(a);
	return 0;
}
