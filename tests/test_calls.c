/* test_calls.c - calls at the carriers, as far as no case tells: lists, URLs and limits. */
#include "testing.h"

#include "callback.h"
#include "provider.h"

#define OPENED_MS INT64_C(1770000602500) /* 2026-02-02T02:50:02.5Z */

static const struct carrier_account account = {
	.base_url = { "https://api.example.com", 23 },
	.public_url = { "https://gw.example.com", 22 },
	.id = { "AC1", 3 },
	.user = { "AC1", 3 },
	.secret = { "token", 5 },
};

static const struct lost_text lost = {
	.to = { "+12125550199", 12 },
	.from = { "+13125550002", 12 },
	.attempt_id = { "att_00000000000000000000000001", 30 },
	.opened_ms = OPENED_MS,
	.known = { "CAa,CAb", 7 },
};

/* ---- a lost call ---- */

#define CALL(sid, direction, to, from, created)                                                    \
	"{\"sid\":\"" sid "\",\"direction\":\"" direction "\",\"to\":\"" to "\",\"from\":\"" from  \
	"\",\"date_created\":\"" created "\"}"
#define OURS(sid, created) CALL(sid, "outbound-api", "+12125550199", "+13125550002", created)
#define NOW "Mon, 02 Feb 2026 02:50:03 +0000"
#define LATER "Mon, 02 Feb 2026 02:51:00 +0000"
#define JUST "Mon, 02 Feb 2026 02:49:58 +0000"
#define BEFORE "Mon, 02 Feb 2026 02:49:56 +0000"
#define LIST(calls, next) "{\"calls\":[" calls "],\"next_page_uri\":" next "}"

static const struct {
	const char *name;
	int status;
	const char *body;
	enum lookup_outcome outcome;
	const char *id;
} rows[] = {
	{ "there", 200, LIST(OURS("CA1", NOW), "null"), LOOKUP_FOUND, "CA1" },
	{ "there, on a page that goes on", 200, LIST(OURS("CA1", NOW), "\"/next\""), LOOKUP_FOUND,
	  "CA1" },
	{ "as Telnyx says its direction", 200,
	  LIST(CALL("v3:1", "outbound", "+12125550199", "+13125550002", NOW), "null"), LOOKUP_FOUND,
	  "v3:1" },
	{ "with a time as Telnyx writes it elsewhere", 200,
	  LIST(OURS("v3:1", "2026-02-02T02:50:03Z"), "null"), LOOKUP_FOUND, "v3:1" },
	{ "clocks differ", 200, LIST(OURS("CA1", JUST), "null"), LOOKUP_FOUND, "CA1" },
	{ "the first made since", 200, LIST(OURS("CA2", LATER) "," OURS("CA1", NOW), "null"),
	  LOOKUP_FOUND, "CA1" },
	{ "the one that no other attempt has", 200,
	  LIST(OURS("CA2", LATER) "," OURS("CAa", NOW), "null"), LOOKUP_FOUND, "CA2" },
	{ "another attempt's", 200, LIST(OURS("CAb", NOW), "null"), LOOKUP_ABSENT, "" },
	{ "made before", 200, LIST(OURS("CA1", BEFORE), "null"), LOOKUP_ABSENT, "" },
	{ "the guest's own call", 200,
	  LIST(CALL("CA1", "inbound", "+12125550199", "+13125550002", NOW), "null"), LOOKUP_ABSENT,
	  "" },
	{ "a leg of a call", 200,
	  LIST(CALL("CA1", "outbound-dial", "+12125550199", "+13125550002", NOW), "null"),
	  LOOKUP_ABSENT, "" },
	{ "to somebody else", 200,
	  LIST(CALL("CA1", "outbound-api", "+12125550198", "+13125550002", NOW), "null"),
	  LOOKUP_ABSENT, "" },
	{ "from another number", 200,
	  LIST(CALL("CA1", "outbound-api", "+12125550199", "+13125550003", NOW), "null"),
	  LOOKUP_ABSENT, "" },
	{ "without an id", 200, LIST(OURS("", NOW), "null"), LOOKUP_ABSENT, "" },
	{ "nothing", 200, LIST("", "null"), LOOKUP_ABSENT, "" },
	{ "nothing, and no word of a next page", 200, "{\"calls\":[]}", LOOKUP_ABSENT, "" },
	{ "nothing, and an empty next page", 200, LIST("", "\"\""), LOOKUP_ABSENT, "" },
	{ "a page that does not reach back", 200, LIST(OURS("CAa", NOW), "\"/next\""),
	  LOOKUP_UNAVAILABLE, "" },
	{ "a page that does", 200, LIST(OURS("CA1", BEFORE), "\"/next\""), LOOKUP_ABSENT, "" },
	{ "a date that we cannot read", 200, LIST(OURS("CA1", "yesterday"), "null"),
	  LOOKUP_UNAVAILABLE, "" },
	{ "a date that we cannot read, beside it", 200,
	  LIST(OURS("CA2", "yesterday") "," OURS("CA1", NOW), "null"), LOOKUP_FOUND, "CA1" },
	{ "an error", 500, LIST("", "null"), LOOKUP_UNAVAILABLE, "" },
	{ "not found", 404, "{\"code\":20404}", LOOKUP_UNAVAILABLE, "" },
	{ "cut off", 200, "{\"calls\":[", LOOKUP_UNAVAILABLE, "" },
	{ "no list", 200, "{\"calls\":{}}", LOOKUP_UNAVAILABLE, "" },
	{ "no calls", 200, "{}", LOOKUP_UNAVAILABLE, "" },
};

static void lookups(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t p = 0; providers[p]; p++) {
		for (size_t i = 0; i < COUNT(rows); i++) {
			struct http_response answer = {
				.transport = HTTP_ANSWERED,
				.status = rows[i].status,
				.body = str_of(rows[i].body),
			};
			struct lookup_result got;

			providers[p]->calls->parse_lookup(a, &lost, &answer, &got);
			check(rows[i].name, got.outcome == rows[i].outcome);
			check_str(rows[i].name, got.carrier_id, str_of(rows[i].id));
		}
	}
	arena_free(a);
}

static void questions(void **state)
{
	struct arena *a = arena_new();
	struct http_request r;

	(void)state;
	twilio.calls->build_lookup(a, &account, &lost, &r);
	check_str("Twilio's list", r.url,
		  STR("https://api.example.com/2010-04-01/Accounts/AC1/Calls.json"
		      "?To=%2B12125550199&From=%2B13125550002&PageSize=50"));
	check("by GET", str_is(r.method, "GET") && !r.body.len);
	check_str("with our name", http_find(r.headers, r.header_num, STR("Authorization")),
		  STR("Basic QUMxOnRva2Vu"));
	telnyx.calls->build_lookup(a, &account, &lost, &r);
	check_str("Telnyx's list", r.url,
		  STR("https://api.example.com/v2/texml/Accounts/AC1/Calls"
		      "?To=%2B12125550199&From=%2B13125550002&PageSize=50"));
	check_str("with our key", http_find(r.headers, r.header_num, STR("Authorization")),
		  STR("Bearer token"));
	twilio.calls->build_fetch(a, &account, STR("CA1"), &r);
	check_str("one of Twilio's", r.url,
		  STR("https://api.example.com/2010-04-01/Accounts/AC1/Calls/CA1.json"));
	telnyx.calls->build_fetch(a, &account, STR("v3:x-_"), &r);
	check_str("one of Telnyx's", r.url,
		  STR("https://api.example.com/v2/texml/Accounts/AC1/Calls/v3:x-_"));
	check("by GET", str_is(r.method, "GET") && !r.body.len);
	twilio.calls->build_hang_up(a, &account, STR("CA1"), &r);
	check_str("ends Twilio's", r.url,
		  STR("https://api.example.com/2010-04-01/Accounts/AC1/Calls/CA1.json"));
	check_str("by a form", r.body, STR("Status=completed"));
	telnyx.calls->build_hang_up(a, &account, STR("v3:x-_"), &r);
	check_str("ends Telnyx's", r.url,
		  STR("https://api.example.com/v2/texml/Accounts/AC1/Calls/v3:x-_"));
	check_str("by a form as well", http_find(r.headers, r.header_num, STR("Content-Type")),
		  STR("application/x-www-form-urlencoded"));
	check("texts are not ended", !twilio.texts->build_hang_up && !telnyx.texts->build_hang_up);
	arena_free(a);
}

/* ---- URLs, words, limits ---- */

static void urls(void **state)
{
	static const struct {
		const char *account_id, *attempt_id, *step, *query;
	} made[] = {
		{ "acc_1", "att_1", "", "?account=acc_1&attempt=att_1" },
		{ "acc_1", "att_1", "menu", "?account=acc_1&attempt=att_1&step=menu" },
		{ "acc_1", "", "menu", "?account=acc_1&step=menu" },
		{ "", "", "menu", "?step=menu" },
		{ "", "", "a b&c=d", "?step=a%20b%26c%3Dd" },
		{ "", "", "", "" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(made); i++) {
		struct str url = callback_voice_url(
			a, &account, "telnyx", str_of(made[i].account_id),
			str_of(made[i].attempt_id), str_of(made[i].step));
		struct callback_hints read = callback_hints(a, url);

		check_str("there", url,
			  arena_printf(a, "https://gw.example.com/webhooks/telnyx/voice%s",
				       made[i].query));
		check_str("and back", read.step, str_of(made[i].step));
		check_str("and back", read.attempt_id, str_of(made[i].attempt_id));
		check_str("and back", read.account_id, str_of(made[i].account_id));
	}
	arena_free(a);
}

static void who_picked_up(void **state)
{
	static const struct {
		const char *theirs, *ours;
	} words[] = {
		{ "human", "human" },
		{ "machine", "machine" },
		{ "machine_start", "machine" },
		{ "machine_end_beep", "machine" },
		{ "machine_end_silence", "machine" },
		{ "machine_end_other", "machine" },
		{ "fax", "fax" },
		{ "unknown", NULL },
		{ "not_sure", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		const char *name = answered_name(answered_of(str_of(words[i].theirs)));

		check_str(words[i].theirs, str_of(name), str_of(words[i].ours));
		check(words[i].theirs, !name == !words[i].ours);
	}
}

/* A document that is cut off is none: the caller would hear an error message. */
static void too_long(void **state)
{
	struct arena *a = arena_new();
	char *ampersands = arena_alloc(a, 3000);
	struct call_verb verbs[40];
	struct call_script script = { .language = STR("en"), .verbs = verbs };

	(void)state;
	memset(ampersands, '&', 3000);
	for (size_t i = 0; i < COUNT(verbs); i++)
		verbs[i] = (struct call_verb){ .kind = VERB_SAY, .words = { ampersands, 3000 } };
	for (script.verb_num = 1; script.verb_num <= COUNT(verbs); script.verb_num++) {
		struct str xml = twilio.write_script(a, &script);

		check("within what Twilio takes", xml.len <= 64 * 1024);
		check("whole", str_ends(xml, STR("</Response>")));
		check("what fits is said",
		      script.verb_num > 4 || xml.len > script.verb_num * 5 * 3000);
	}
	check_str("the end of it",
		  twilio.write_script(a, &(struct call_script){ .verbs = verbs, .verb_num = 40 }),
		  STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Hangup/></Response>"));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookups),  cmocka_unit_test(questions),
		cmocka_unit_test(urls),	    cmocka_unit_test(who_picked_up),
		cmocka_unit_test(too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
