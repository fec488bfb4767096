/* test_carrier_call_api.c - what the simulated carriers take and refuse of calls, and lists. */
#include "call_bench.h"

#include <signal.h>

/* ---- what is refused ---- */

static const struct {
	const char *form;
	unsigned code; /* 0: taken */
} twilio_rows[] = {
	{ "To=%2B12125550123&From=%2B12125550100&Url=http://127.0.0.1/", 0 },
	{ "To=%2B12125550123&From=%2B12125550100&Twiml=%3CResponse/%3E", 0 },
	{ "From=%2B12125550100&Url=http://127.0.0.1/", 21201 },
	{ "To=%2B12125550123&Url=http://127.0.0.1/", 21213 },
	{ "To=%2B12125550123&From=%2B12125550100", 21205 },
	{ "To=%2B12125550123&From=%2B12125550100&Url=here", 21205 },
	{ "To=Jane&From=%2B12125550100&Url=http://127.0.0.1/", 21211 },
	{ "To=%2B1212&From=%2B12125550100&Url=http://127.0.0.1/", 21217 },
	{ "To=%2B12125550123&From=TABLES&Url=http://127.0.0.1/", 21212 },
	{ "To=%2B12125550123&From=%2B12125550100&Url=http://127.0.0.1/&Timeout=601", 21208 },
	{ "To=%2B12125550123&From=%2B12125550100&Url=http://127.0.0.1/&StatusCallback=x", 21609 },
	{ "To=%2B15005550001&From=%2B12125550100&Url=http://127.0.0.1/", 21217 },
	{ "To=%2B15005550004&From=%2B12125550100&Url=http://127.0.0.1/", 21216 },
};

static const struct {
	const char *more;
	unsigned code;
} twilio_more[] = {
	{ "", 0 },
	{ "&Method=GET&StatusCallbackMethod=GET", 0 },
	{ "&MachineDetection=Enable&MachineDetectionTimeout=30", 0 },
	{ "&Method=PUT", 21209 },
	{ "&MachineDetection=Maybe", 20001 },
	{ "&MachineDetection=Enable&MachineDetectionTimeout=30000", 20001 },
	{ "&StatusCallbackEvent=hungup", 21626 },
	{ "&StatusCallbackEvent=initiated+ringing", 21626 },
};

static void check_refusal(struct bench *b, const char *row, unsigned code)
{
	const char *text = arena_printf(b->arena, "\"code\":%u,", code).p;

	check(row, b->status == (code ? 400 : 201));
	check(row, !code || strstr(b->body.p, text));
}

static void twilio_refuses(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < COUNT(twilio_rows); i++) {
		bench_ask(b, SIM_TWILIO, TWILIO_CALLS ".json", str_of(twilio_rows[i].form), false);
		check_refusal(b, twilio_rows[i].form, twilio_rows[i].code);
	}
	for (size_t i = 0; i < COUNT(twilio_more); i++) {
		bench_ask(b, SIM_TWILIO, TWILIO_CALLS ".json", twilio_form(b, twilio_more[i].more),
			  false);
		check_refusal(b, twilio_more[i].more, twilio_more[i].code);
	}
	bench_ask(b, SIM_TWILIO, TWILIO_CALLS "/CA00000000000000000000000000000000.json", STR(""),
		  false);
	assert_int_equal(b->status, 404);
}

static const struct {
	const char *change, *to; /* of the JSON that is taken */
	const char *code, *pointer;
} telnyx_rows[] = {
	{ "", "", NULL, NULL },
	{ "\"UrlMethod\":\"POST\"", "\"UrlMethod\":\"GET\"", NULL, NULL },
	{ "\"Timeout\":5", "\"Timeout\":120,\"MachineDetectionTimeout\":30000", NULL, NULL },
	{ "\"To\"", "\"Nobody\"", "10004", "/To" },
	{ "\"From\"", "\"Nobody\"", "10004", "/From" },
	{ "\"ApplicationSid\"", "\"Nothing\"", "10004", "/ApplicationSid" },
	{ FAKE_VOICE_APP, "7", "10015", "/ApplicationSid" },
	{ GUEST, "Jane", "10016", "/To" },
	{ "\"From\":\"+1", "\"From\":\"1", "10016", "/From" },
	{ "\"Url\"", "\"Link\"", "10015", "/Url" },
	{ "\"UrlMethod\":\"POST\"", "\"Texml\":\"<Response/>\"", "10015", "/Url" },
	{ "\"UrlMethod\":\"POST\"", "\"UrlMethod\":\"PUT\"", "10015", "/UrlMethod" },
	{ "\"Timeout\":5", "\"Timeout\":4", "10015", "/Timeout" },
	{ "\"Timeout\":5", "\"Timeout\":121", "10015", "/Timeout" },
	{ "\"Timeout\":5", "\"MachineDetectionTimeout\":30", "10015", "/MachineDetectionTimeout" },
	{ "\"Timeout\":5", "\"MachineDetection\":\"Maybe\"", "10015", "/MachineDetection" },
	{ "initiated ringing", "initiated,ringing", "10015", "/StatusCallbackEvent" },
	{ "\"initiated ringing answered completed\"", "[\"initiated\"]", "10015",
	  "/StatusCallbackEvent" },
};

/* `text` with the first `change` in it replaced by `to`. */
static struct str replaced(struct arena *a, struct str text, const char *change, const char *to)
{
	const char *at = strstr(text.p, change);

	assert_non_null(at);
	return arena_printf(a, "%.*s%s%s", (int)(at - text.p), text.p, to, at + strlen(change));
}

static void telnyx_refuses(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < COUNT(telnyx_rows); i++) {
		const char *row = telnyx_rows[i].to, *code = telnyx_rows[i].code;

		bench_ask(b, SIM_TELNYX, TELNYX_CALLS,
			  replaced(b->arena, telnyx_json(b, ""), telnyx_rows[i].change, row), true);
		check(row, b->status == (code ? 422 : 200));
		check(row, !code || strstr(b->body.p, code));
		check(row, !code || strstr(b->body.p, arena_printf(b->arena, "\"pointer\":\"%s\"",
								   telnyx_rows[i].pointer)
							      .p));
	}
	bench_ask(b, SIM_TELNYX, TELNYX_CALLS, STR("{"), true);
	assert_int_equal(b->status, 400);
	bench_ask(b, SIM_TELNYX, TELNYX_CALLS, twilio_form(b, ""), false);
	assert_int_equal(b->status, 415);
	bench_ask(b, SIM_TELNYX, "/v2/texml/Accounts/another/Calls", telnyx_json(b, ""), true);
	assert_int_equal(b->status, 404);
	bench_ask(b, SIM_TELNYX, TELNYX_CALLS "/v3:nothing", STR(""), true);
	assert_int_equal(b->status, 404);
}

/* ---- lists ---- */

static const struct json *listed(struct bench *b, int p, const char *path)
{
	const char *why;

	bench_ask(b, p, path, STR(""), false);
	assert_int_equal(b->status, 200);
	return json_parse(b->arena, b->body, &why);
}

static void lists_newest_first(void **state)
{
	struct bench *b = *state;
	struct str ids[5];

	b->pages = (const struct page[]){ { "/voice", "<Response/>" }, { 0 } };
	for (int p = 0; p < SIM_PROVIDERS; p++) {
		const char *path = p == SIM_TWILIO ? TWILIO_CALLS ".json" : TELNYX_CALLS;
		const struct json *j, *calls;
		size_t at = 0;

		for (int i = 5; i-- > 0;) {
			plan_phone(b, GUEST, i == 2 ? PHONE_BUSY : PHONE_ANSWERS, "");
			ids[i] = b->sim->carriers[p].formats->calls->id(b->arena,
									call_through(b, p, false));
		}
		path = arena_printf(b->arena, "%s?To=%%2B12125550123&PageSize=2", path).p;
		while (path) {
			j = listed(b, p, path);
			calls = json_get(j, "calls");
			for (size_t i = 0; i < calls->num; i++)
				check_str(path, json_str(json_at(calls, i), "sid"), ids[at++]);
			path = json_str(j, "next_page_uri").p;
		}
		assert_int_equal(at, 5);
		path = p == SIM_TWILIO ? TWILIO_CALLS ".json?Status=busy" :
					 TELNYX_CALLS "?Status=busy";
		calls = json_get(listed(b, p, path), "calls");
		assert_int_equal(calls->num, 1);
		check_str("busy", json_str(json_at(calls, 0), "sid"), ids[2]);
		path = p == SIM_TWILIO ? TWILIO_CALLS ".json?From=%2B19995550100" :
					 TELNYX_CALLS "?From=%2B19995550100";
		assert_int_equal(json_get(listed(b, p, path), "calls")->num, 0);
		path = p == SIM_TWILIO ? TWILIO_CALLS ".json?PageToken=PAx" :
					 TELNYX_CALLS "?PageToken=PAx";
		bench_ask(b, p, path, STR(""), false);
		assert_int_equal(b->status, p == SIM_TWILIO ? 400 : 422);
	}
}

/* ---- by GET, and in time ---- */

static void by_get(void **state)
{
	struct bench *b = *state;

	b->pages = (const struct page[]){ { "/voice", "<Response><Say>Hi</Say></Response>" },
					  { 0 } };
	b->told = buf_new(b->arena, 256);
	bench_ask(b, SIM_TWILIO, TWILIO_CALLS ".json",
		  twilio_form(b, "&Method=GET&StatusCallbackMethod=GET"), false);
	turn_until(b->loop, PATIENCE_MS, bench_idle(b));
	check_str("told", buf_str(&b->told), STR("iric"));
	assert_int_equal(b->questions, 1);
	b->told = buf_new(b->arena, 256);
	bench_ask(b, SIM_TELNYX, TELNYX_CALLS,
		  replaced(b->arena, telnyx_json(b, ""), "\"UrlMethod\":\"POST\"",
			   "\"StatusCallbackMethod\":\"GET\""),
		  true);
	turn_until(b->loop, PATIENCE_MS, bench_idle(b));
	check_str("told", buf_str(&b->told), STR("iric"));
	assert_int_equal(b->questions, 2);
	assert_int_equal(b->forged, 0);
}

static void scripts_come_in_time(void **state)
{
	struct str url = STR("http://a/b#rt=15000&rc=2"), other = STR("http://a/b");
	struct hook_policy p = twilio_call_formats.hook_policy(&url, true);

	(void)state;
	check_str("without its fragment", url, other);
	assert_int_equal(p.total_ms, 15000);
	assert_int_equal(p.tries, 3);
	p = telnyx_call_formats.hook_policy(&other, true);
	assert_int_equal(p.total_ms, 15000);
	assert_int_equal(p.tries, 1);
	p = telnyx_call_formats.hook_policy(&other, false);
	assert_true(p.after_5xx && !p.after_4xx && p.tries == 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(twilio_refuses, bench_set_up, bench_tear_down),
		cmocka_unit_test_setup_teardown(telnyx_refuses, bench_set_up, bench_tear_down),
		cmocka_unit_test_setup_teardown(lists_newest_first, bench_set_up, bench_tear_down),
		cmocka_unit_test_setup_teardown(by_get, bench_set_up, bench_tear_down),
		cmocka_unit_test_setup_teardown(scripts_come_in_time, bench_set_up,
						bench_tear_down),
	};

	signal(SIGPIPE, SIG_IGN); /* connections that were reset are written to */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
