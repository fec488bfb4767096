/*
 * test_recurly.c - signatures of webhooks against what node:crypto makes of the same; what
 * subscriptions, invoices and lists of usage mean; the requests, byte for byte.
 */
#include "testing.h"

#include "recurly.h"

#define NOW INT64_C(1770000000000)
#define BODY                                                                                       \
	"{\"id\":\"rjxw5zzaa1zx\",\"object_type\":\"account\",\"event_type\":\"created\","         \
	"\"account_code\":\"acc_1\"}"
#define ONE "5c8df11cd23ed45159b505059e9d5434228dbf8897390e248c23965f16c4c735"
#define TWO "e22287d30225e8720ca6d75aed7848697ef2e9f04f0592e1ed81395f8e1741ca"
#define OF_NOTHING "ee18a53e3c54f0a86555abfc25a2eb2cc894867ded0c2ea02ea079561df70db9"
#define OF_CAFE "0e5d7c952204c33cebfd0d45e9a0351722eea64d294ed04455de81d338cae734"

static const struct recurly recurly = {
	.base_url = { "https://v3.recurly.com", 22 },
	.api_key = { "key", 3 },
	.sms_add_on = { "sms", 3 },
	.call_add_on = { "calls", 5 },
	.webhook_keys = { { "whsec-one", 9 }, { "whsec-two", 9 } },
	.webhook_key_num = 2,
};

static void signatures(void **state)
{
	static const struct {
		const char *name, *header, *body;
		int64_t now;
		bool valid;
	} rows[] = {
		{ "the first key", "1770000000000," ONE, BODY, NOW, true },
		{ "the second key", "1770000000000," TWO, BODY, NOW, true },
		{ "both", "1770000000000," ONE "," TWO, BODY, NOW, true },
		{ "one we do not know before ours", "1770000000000," OF_CAFE "," TWO, BODY, NOW,
		  true },
		{ "spaces", " 1770000000000 , " ONE, BODY, NOW, true },
		{ "no body", "1770000000000," OF_NOTHING, "", NOW, true },
		{ "bytes beyond ASCII", "1770000000000," OF_CAFE, "{\"x\":\"Caf\xc3\xa9\"}", NOW,
		  true },
		{ "five minutes old", "1770000000000," ONE, BODY, NOW + 300000, true },
		{ "older", "1770000000000," ONE, BODY, NOW + 300001, false },
		{ "in five minutes", "1770000000000," ONE, BODY, NOW - 300000, true },
		{ "later", "1770000000000," ONE, BODY, NOW - 300001, false },
		{ "of another body", "1770000000000," OF_CAFE, BODY, NOW, false },
		{ "another time", "1770000000001," ONE, BODY, NOW, false },
		{ "upper case", "1770000000000,5C8DF11C", BODY, NOW, false },
		{ "a part of it", "1770000000000,5c8df11c", BODY, NOW, false },
		{ "nothing", "", BODY, NOW, false },
		{ "a comma", ",", BODY, NOW, false },
		{ "only commas", "1770000000000,,,,", BODY, NOW, false },
		{ "no time", ONE, BODY, NOW, false },
		{ "no signature", "1770000000000", BODY, NOW, false },
		{ "in seconds", "1770000000," ONE, BODY, NOW, false },
		{ "below 0", "-1770000000000," ONE, BODY, NOW, false },
		{ "beyond 64 bits", "99999999999999999999," ONE, BODY, NOW, false },
	};
	struct arena *a = arena_new();
	const struct recurly none = { 0 };
	const char *why;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(rows[i].name,
		      recurly_signed(a, &recurly, str_of(rows[i].header), str_of(rows[i].body),
				     rows[i].now, &why) == rows[i].valid);
	check("no keys",
	      !recurly_signed(a, &none, STR("1770000000000," ONE), STR(BODY), NOW, &why));
	arena_free(a);
}

#define SUBSCRIPTION(id, state, more) "{\"id\":\"" id "\",\"state\":\"" state "\"" more "}"
#define BEGAN ",\"created_at\":\"2026-01-01T00:00:00Z\",\"activated_at\":\"2026-01-02T00:00:00Z\""
#define JAN_1 INT64_C(1767225600000)
#define DAY INT64_C(86400000)

static const struct {
	const char *name, *data, *state, *subscription;
	int64_t began, since, until;
} subscription_rows[] = {
	{ "none", "", "none", "", 0, 0, 0 },
	{ "active", SUBSCRIPTION("a", "active", BEGAN), "active", "a", JAN_1 + DAY, JAN_1 + DAY,
	  0 },
	{ "canceled",
	  SUBSCRIPTION("a", "canceled",
		       BEGAN ",\"canceled_at\":\"2026-01-03T00:00:00Z\","
			     "\"current_period_ends_at\":\"2026-02-01T00:00:00Z\""),
	  "canceled", "a", JAN_1 + DAY, JAN_1 + 2 * DAY, JAN_1 + 31 * DAY },
	{ "paused",
	  SUBSCRIPTION("a", "paused",
		       BEGAN ",\"paused_at\":\"2026-01-03T00:00:00Z\","
			     "\"resume_at\":\"2026-02-01T00:00:00Z\""),
	  "paused", "a", JAN_1 + DAY, JAN_1 + 2 * DAY, JAN_1 + 31 * DAY },
	{ "future",
	  SUBSCRIPTION("a", "future",
		       ",\"created_at\":\"2026-01-01T00:00:00Z\",\"activated_at\":null"),
	  "future", "a", JAN_1, JAN_1, 0 },
	{ "expired", SUBSCRIPTION("a", "expired", BEGAN ",\"expires_at\":\"2026-01-03T00:00:00Z\""),
	  "expired", "a", JAN_1 + DAY, JAN_1 + 2 * DAY, 0 },
	{ "failed", SUBSCRIPTION("a", "failed", ""), "failed", "a", 0, 0, 0 },
	{ "one that runs before what has ended",
	  SUBSCRIPTION("b", "expired", "") "," SUBSCRIPTION("a", "active", ""), "active", "a", 0, 0,
	  0 },
	{ "active before canceled",
	  SUBSCRIPTION("b", "canceled", "") "," SUBSCRIPTION("a", "active", ""), "active", "a", 0,
	  0, 0 },
	{ "paused before future",
	  SUBSCRIPTION("b", "future", "") "," SUBSCRIPTION("a", "paused", ""), "paused", "a", 0, 0,
	  0 },
	{ "of those that have ended the latest",
	  SUBSCRIPTION("b", "expired", "") "," SUBSCRIPTION("a", "failed", ""), "expired", "b", 0,
	  0, 0 },
	{ "no sense", SUBSCRIPTION("a", "in_orbit", ""), NULL, NULL, 0, 0, 0 },
	{ "no sense beside sense",
	  SUBSCRIPTION("a", "active", "") "," SUBSCRIPTION("b", "in_orbit", ""), NULL, NULL, 0, 0,
	  0 },
	{ "no id", "{\"state\":\"active\"}", NULL, NULL, 0, 0, 0 },
};

static void subscriptions(void **state)
{
	struct arena *a = arena_new();
	const char *why;

	(void)state;
	for (size_t i = 0; i < COUNT(subscription_rows); i++) {
		struct str text = arena_printf(a, "{\"data\":[%s]}", subscription_rows[i].data);
		struct recurly_state s;
		bool sense = recurly_read_subscriptions(json_parse(a, text, &why), &s);

		check(subscription_rows[i].name, sense == (subscription_rows[i].state != NULL));
		if (!sense)
			continue;
		check_str(subscription_rows[i].name, str_of(s.state),
			  str_of(subscription_rows[i].state));
		check_str(subscription_rows[i].name, s.subscription,
			  str_of(subscription_rows[i].subscription));
		check(subscription_rows[i].name, s.began_ms == subscription_rows[i].began);
		check(subscription_rows[i].name, s.since_ms == subscription_rows[i].since);
		check(subscription_rows[i].name, s.until_ms == subscription_rows[i].until);
	}
	check("no list", !recurly_read_subscriptions(json_parse(a, STR("{}"), &why),
						     &(struct recurly_state){ 0 }));
	arena_free(a);
}

static void overdue(void **state)
{
	static const char invoices[] =
		"{\"data\":[{\"state\":\"paid\",\"due_at\":\"2025-01-01T00:00:00Z\"},"
		"{\"state\":\"past_due\",\"due_at\":\"2026-01-03T00:00:00Z\"},"
		"{\"state\":\"past_due\",\"due_at\":\"2026-01-02T00:00:00Z\"}]}";
	struct arena *a = arena_new();
	const char *why;
	const struct json *list = json_parse(a, str_of(invoices), &why);
	struct recurly_state s = { .state = "active" }, ends = { .state = "canceled" };

	(void)state;
	recurly_read_overdue(list, &s);
	recurly_read_overdue(list, &ends);
	check_str("what runs", str_of(s.state), STR("past_due"));
	check("since the oldest", s.since_ms == JAN_1 + DAY);
	check_str("what is canceled ends anyway", str_of(ends.state), STR("canceled"));
	arena_free(a);
}

static void usage(void **state)
{
	static const struct {
		const char *name, *list;
		enum recurly_found found;
	} rows[] = {
		{ "there",
		  "{\"has_more\":false,\"data\":[{\"id\":\"u1\",\"merchant_tag\":\"t-1\"}]}",
		  RECURLY_THERE },
		{ "there, and more",
		  "{\"has_more\":true,\"data\":[{\"id\":\"u1\",\"merchant_tag\":\"t-1\"}]}",
		  RECURLY_THERE },
		{ "absent", "{\"has_more\":false,\"data\":[]}", RECURLY_ABSENT },
		{ "others",
		  "{\"has_more\":false,\"data\":[{\"id\":\"u1\",\"merchant_tag\":\"t-10\"}]}",
		  RECURLY_ABSENT },
		{ "not on this page", "{\"has_more\":true,\"data\":[]}", RECURLY_UNSURE },
		{ "has_more missing", "{\"data\":[]}", RECURLY_UNSURE },
		{ "without its id", "{\"has_more\":false,\"data\":[{\"merchant_tag\":\"t-1\"}]}",
		  RECURLY_UNSURE },
		{ "no list", "{\"has_more\":false}", RECURLY_UNSURE },
	};
	struct arena *a = arena_new();
	const char *why;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str id = STR("");

		check(rows[i].name, recurly_read_usage(json_parse(a, str_of(rows[i].list), &why),
						       STR("t-1"), &id) == rows[i].found);
		check(rows[i].name, str_is(id, "u1") == (rows[i].found == RECURLY_THERE));
	}
	arena_free(a);
}

static void requests(void **state)
{
	const struct recurly_usage u = {
		.account = STR("acc_1"),
		.day = STR("2026-01-02"),
		.subscription = STR("sub1"),
		.seq = 2,
		.amount = -12,
		.call = false,
	};
	struct arena *a = arena_new();
	struct http_request r;

	(void)state;
	recurly_post_usage(a, &recurly, &u, &r);
	check_str("post", r.url,
		  STR("https://v3.recurly.com/subscriptions/sub1/add_ons/code-sms/usage"));
	check_str("post", r.body,
		  STR("{\"merchant_tag\":\"acc_1-2026-01-02-2\",\"amount\":-12,"
		      "\"recording_timestamp\":\"2026-01-02T23:59:59Z\","
		      "\"usage_timestamp\":\"2026-01-02T23:59:59Z\"}"));
	check_str("version", http_find(r.headers, r.header_num, STR("accept")),
		  STR("application/vnd.recurly.v2021-02-25"));
	check_str("key, and an empty password",
		  http_find(r.headers, r.header_num, STR("authorization")), STR("Basic a2V5Og=="));
	recurly_find_usage(a, &recurly, &u, &r);
	check("what is billed is found as well",
	      strstr(arena_cstr(a, r.url), "billing_status=all"));
	recurly_get_account(a, &recurly, STR("acc_1"), &r);
	check_str("account", r.url, STR("https://v3.recurly.com/accounts/code-acc_1"));
	arena_free(a);
}

static void rests(void **state)
{
	static const struct {
		const char *reset;
		int64_t ms;
	} rows[] = {
		{ "1770000030", 30000 },	  { "1770000000", 1000 }, { "1", 1000 },
		{ "1770009999", 600000 },	  { "soon", 60000 },	  { "", 60000 },
		{ "9223372036854775807", 60000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct http_header h = { STR("X-RateLimit-Reset"), str_of(rows[i].reset) };
		const struct http_response r = { .headers = &h, .header_num = 1 };

		check(rows[i].reset, recurly_rest_ms(&r, NOW) == rows[i].ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures), cmocka_unit_test(subscriptions),
		cmocka_unit_test(overdue),    cmocka_unit_test(usage),
		cmocka_unit_test(requests),   cmocka_unit_test(rests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
