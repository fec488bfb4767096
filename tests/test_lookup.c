/* test_lookup.c - asking carriers for a text whose answer was lost: questions and answers. */
#include "testing.h"

#include "provider.h"

#define OPENED_MS INT64_C(1770000602500) /* 2026-02-02T02:50:02.5Z */

static const struct carrier_account account = {
	.base_url = { "https://api.example.com", 23 },
	.id = { "AC1", 3 },
	.user = { "AC1", 3 },
	.secret = { "token", 5 },
};

static const struct lost_text lost = {
	.to = { "+12125550199", 12 },
	.from = { "+13125550002", 12 },
	.body = { "Ready", 5 },
	.attempt_id = { "att_00000000000000000000000001", 30 },
	.opened_ms = OPENED_MS,
	.known = { "SMa,SMb", 7 },
};

#define MESSAGE(sid, direction, to, body, created)                                                 \
	"{\"sid\":\"" sid "\",\"direction\":\"" direction "\",\"to\":\"" to "\",\"body\":\"" body  \
	"\",\"date_created\":\"" created "\"}"
#define OURS(sid, created) MESSAGE(sid, "outbound-api", "+12125550199", "Ready", created)
#define NOW "Mon, 02 Feb 2026 02:50:03 +0000"
#define BEFORE "Mon, 02 Feb 2026 02:49:56 +0000"
#define LIST(messages, next) "{\"messages\":[" messages "],\"next_page_uri\":" next "}"
#define RECORD(uuid, attempt)                                                                      \
	"{\"uuid\":\"" uuid "\",\"delivery_status_webhook_url\":\"https://gw.example.com/webhooks" \
	"/telnyx/status?account=acc_1&attempt=" attempt "\"}"
#define ATTEMPT "att_00000000000000000000000001"

static const struct {
	const char *name;
	const struct provider *provider;
	int status;
	const char *body;
	enum lookup_outcome outcome;
	const char *id;
} rows[] = {
	{ "there", &twilio, 200, LIST(OURS("SM1", NOW), "null"), LOOKUP_FOUND, "SM1" },
	{ "in the second it was opened", &twilio, 200,
	  LIST(OURS("SM1", "Mon, 02 Feb 2026 02:50:02 +0000"), "null"), LOOKUP_FOUND, "SM1" },
	{ "the first made since", &twilio, 200,
	  LIST(OURS("SM2", "Mon, 02 Feb 2026 02:51:00 +0000") "," OURS("SM1", NOW), "null"),
	  LOOKUP_FOUND, "SM1" },
	{ "another attempt's", &twilio, 200, LIST(OURS("SMa", NOW), "null"), LOOKUP_ABSENT, "" },
	{ "made before", &twilio, 200, LIST(OURS("SM1", BEFORE), "null"), LOOKUP_ABSENT, "" },
	{ "other words", &twilio, 200,
	  LIST(MESSAGE("SM1", "outbound-api", "+12125550199", "Soon", NOW), "null"), LOOKUP_ABSENT,
	  "" },
	{ "from the guest", &twilio, 200,
	  LIST(MESSAGE("SM1", "inbound", "+12125550199", "Ready", NOW), "null"), LOOKUP_ABSENT,
	  "" },
	{ "nothing", &twilio, 200, LIST("", "null"), LOOKUP_ABSENT, "" },
	{ "a page that does not reach back", &twilio, 200, LIST(OURS("SMa", NOW), "\"/next\""),
	  LOOKUP_UNAVAILABLE, "" },
	{ "a page that does", &twilio, 200, LIST(OURS("SM1", BEFORE), "\"/next\""), LOOKUP_ABSENT,
	  "" },
	{ "no date", &twilio, 200, LIST(OURS("SM1", "yesterday"), "null"), LOOKUP_ABSENT, "" },
	{ "an error", &twilio, 500, LIST("", "null"), LOOKUP_UNAVAILABLE, "" },
	{ "cut off", &twilio, 200, "{\"messages\":[", LOOKUP_UNAVAILABLE, "" },
	{ "no list", &twilio, 200, "{}", LOOKUP_UNAVAILABLE, "" },

	{ "there", &telnyx, 200, "{\"data\":[" RECORD("u1", ATTEMPT) "]}", LOOKUP_FOUND, "u1" },
	{ "among others", &telnyx, 200,
	  "{\"data\":[" RECORD("u2", "att_2") "," RECORD("u1", ATTEMPT) "]}", LOOKUP_FOUND, "u1" },
	{ "others", &telnyx, 200, "{\"data\":[" RECORD("u2", "att_2") "]}", LOOKUP_ABSENT, "" },
	{ "no URL", &telnyx, 200, "{\"data\":[{\"uuid\":\"u1\"}]}", LOOKUP_ABSENT, "" },
	{ "nothing", &telnyx, 200, "{\"data\":[]}", LOOKUP_ABSENT, "" },
	{ "an error", &telnyx, 429, "{\"data\":[]}", LOOKUP_UNAVAILABLE, "" },
	{ "no list", &telnyx, 200, "{\"data\":{}}", LOOKUP_UNAVAILABLE, "" },
};

/* Its attempt was forgotten: any text since may be it, which only its words can tell. */
static void forgotten_at_telnyx(void **state)
{
	struct arena *a = arena_new();
	struct lost_text nameless = lost;
	struct http_response answer = {
		.transport = HTTP_ANSWERED,
		.status = 200,
		.body = STR("{\"data\":[" RECORD("SMa", "att_1") "," RECORD("u2", "att_2") "]}"),
	};
	struct lookup_result found;
	struct event text;

	nameless.nameless = true;
	telnyx.texts->parse_lookup(a, &nameless, &answer, &found);
	assert_int_equal(found.outcome, LOOKUP_FOUND);
	assert_true(str_is(found.carrier_id, "u2") && found.unread);
	answer.body = STR(
		"{\"data\":{\"id\":\"u2\",\"text\":\"Ready\",\"to\":[{\"status\":\"sent\"}]}}");
	assert_true(telnyx.texts->parse_fetch(a, &answer, &text));
	assert_true(str_eq(text.body, lost.body));
	arena_free(a);
}

static void answers(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct http_response answer = { .transport = HTTP_ANSWERED,
						      .status = rows[i].status,
						      .body = str_of(rows[i].body) };
		struct lookup_result result;

		rows[i].provider->texts->parse_lookup(a, &lost, &answer, &result);
		check(rows[i].name, result.outcome == rows[i].outcome);
		check_str(rows[i].name, result.carrier_id, str_of(rows[i].id));
	}
	arena_free(a);
}

static void questions(void **state)
{
	struct arena *a = arena_new();
	struct http_request r;

	(void)state;
	twilio.texts->build_lookup(a, &account, &lost, &r);
	check_str("twilio", r.url,
		  STR("https://api.example.com/2010-04-01/Accounts/AC1/Messages.json"
		      "?To=%2B12125550199&From=%2B13125550002&PageSize=200"));
	check_str("twilio", r.method, STR("GET"));
	check_str("twilio", http_find(r.headers, r.header_num, STR("Authorization")),
		  STR("Basic QUMxOnRva2Vu"));
	telnyx.texts->build_lookup(a, &account, &lost, &r);
	check_str("telnyx", r.url,
		  STR("https://api.example.com/v2/detail_records?filter%5Brecord_type%5D=messaging"
		      "&filter%5Bcld%5D=%2B12125550199"
		      "&filter%5Bcreated_at%5D%5Bgte%5D=2026-02-02T02%3A49%3A57.500Z"
		      "&page%5Bsize%5D=50"));
	check_str("telnyx", http_find(r.headers, r.header_num, STR("Authorization")),
		  STR("Bearer token"));
	arena_free(a);
}

#define TWILIO_TEXT(status, code)                                                                  \
	"{\"sid\":\"SM1\",\"to\":\"+12125550199\",\"status\":\"" status "\",\"error_code\":" code  \
	"}"
#define TELNYX_TEXT(status, errors)                                                                \
	"{\"data\":{\"id\":\"u1\",\"to\":[{\"phone_number\":\"+12125550199\",\"status\":\"" status \
	"\"}],\"errors\":[" errors "]}}"

/* How far a text is, as if its callback had come. */
static void fetching(void **state)
{
	static const struct {
		const char *name;
		const struct provider *provider;
		int status;
		const char *body;
		bool answered;
		enum event_kind kind;
		enum delivery_status says;
		const char *code;
	} texts[] = {
		{ "delivered", &twilio, 200, TWILIO_TEXT("delivered", "null"), true, EVENT_STATUS,
		  DELIVERY_DELIVERED, "" },
		{ "failed", &twilio, 200, TWILIO_TEXT("failed", "30001"), true, EVENT_STATUS,
		  DELIVERY_FAILED, "30001" },
		{ "still queued", &twilio, 200, TWILIO_TEXT("queued", "null"), true, EVENT_STATUS,
		  DELIVERY_QUEUED, "" },
		{ "a new word", &twilio, 200, TWILIO_TEXT("teleported", "null"), true,
		  EVENT_IGNORED, 0, "" },
		{ "an error", &twilio, 404, "{\"code\":20404}", false, 0, 0, "" },
		{ "cut off", &twilio, 200, "{\"sid\":", false, 0, 0, "" },
		{ "delivered", &telnyx, 200, TELNYX_TEXT("delivered", ""), true, EVENT_STATUS,
		  DELIVERY_DELIVERED, "" },
		{ "failed", &telnyx, 200, TELNYX_TEXT("sending_failed", "{\"code\":\"40018\"}"),
		  true, EVENT_STATUS, DELIVERY_FAILED, "40018" },
		{ "an error", &telnyx, 500, TELNYX_TEXT("delivered", ""), false, 0, 0, "" },
		{ "nothing", &telnyx, 200, "{}", false, 0, 0, "" },
	};
	struct arena *a = arena_new();
	struct http_request r;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		const struct http_response answer = { .transport = HTTP_ANSWERED,
						      .status = texts[i].status,
						      .body = str_of(texts[i].body) };
		struct event e;

		check(texts[i].name,
		      texts[i].provider->texts->parse_fetch(a, &answer, &e) == texts[i].answered);
		if (!texts[i].answered)
			continue;
		check(texts[i].name, e.kind == texts[i].kind && e.status == texts[i].says);
		check_str(texts[i].name, e.code_text, str_of(texts[i].code));
		check(texts[i].name, e.carrier_id.len && e.event_id.len && e.to.len);
	}
	twilio.texts->build_fetch(a, &account, STR("SM1"), &r);
	check_str("twilio", r.url,
		  STR("https://api.example.com/2010-04-01/Accounts/AC1/Messages/SM1.json"));
	telnyx.texts->build_fetch(a, &account, STR("u1"), &r);
	check_str("telnyx", r.url, STR("https://api.example.com/v2/messages/u1"));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(forgotten_at_telnyx),
		cmocka_unit_test(questions),
		cmocka_unit_test(fetching),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
