/*
 * test_carrier_scripts.c - the simulated carriers follow scripts: every verb, guests who call,
 * scripts that cannot be had, and what the carriers refuse when a call is created.
 */
#include "call_bench.h"

#include <signal.h>

/* ---- verbs ---- */

#define IN(words) "<Response>" words "</Response>"
#define GATHER(more, inside)                                                                       \
	"<Gather numDigits=\"1\" action=\"@/key\" timeout=\"4\" finishOnKey=\"\"" more ">" inside  \
	"</Gather>"
#define BYE                                                                                        \
	{                                                                                          \
		"/key", IN("<Say>Bye</Say>")                                                       \
	}

/* clang-format off */
static const struct script_row {
	const char *name;
	struct page pages[3];
	const char *phone_keys;
	const char *heard, *keys; /* Digits of all questions */
	enum phone_call other;	  /* what OTHER does */
	const char *field, *value; /* of the last question; NULL: none */
} scripts[] = {
	{ "words", { { "/voice", IN("<Say>One</Say><Pause length=\"2\"/><Say>Two</Say>") } },
	  "", "say:One pause:2 say:Two", "", PHONE_ANSWERS, "CallStatus", "in-progress" },
	{ "played", { { "/voice", IN("<Play>http://127.0.0.1/a.mp3</Play>") } },
	  "", "play:http://127.0.0.1/a.mp3", "", PHONE_ANSWERS, NULL, NULL },
	{ "a key", { { "/voice", IN(GATHER("", "<Say>1?</Say>") "<Say>Late</Say>") }, BYE },
	  "1", "say:1? key:1 say:Bye", "1", PHONE_ANSWERS, "Digits", "1" },
	{ "a star", { { "/voice", IN(GATHER("", "<Say>1?</Say>") "<Say>Late</Say>") }, BYE },
	  "*", "say:1? key:* say:Bye", "*", PHONE_ANSWERS, "Digits", "*" },
	{ "no key", { { "/voice", IN(GATHER("", "<Say>1?</Say>") "<Say>Late</Say>") }, BYE },
	  "", "say:1? say:Late", "", PHONE_ANSWERS, NULL, NULL },
	{ "only the second question is answered",
	  { { "/voice", IN(GATHER("", "") GATHER("", "") "<Say>Late</Say>") }, BYE },
	  ",2", "key:2 say:Bye", "2", PHONE_ANSWERS, NULL, NULL },
	{ "asked again", { { "/voice", IN(GATHER("", "") "<Redirect>@/again</Redirect>") },
			   { "/again", IN(GATHER("", "<Say>Again</Say>")) }, BYE },
	  ",3", "say:Again key:3 say:Bye", "3", PHONE_ANSWERS, NULL, NULL },
	{ "several keys, ended by one",
	  { { "/voice", IN("<Gather action=\"@/key\" finishOnKey=\"#\"/>") }, BYE },
	  "12#", "key:1 key:2 key:# say:Bye", "12", PHONE_ANSWERS, "Digits", "12" },
	{ "several keys, ended by silence",
	  { { "/voice", IN("<Gather action=\"@/key\" timeout=\"1\"/>") }, BYE },
	  "12", "key:1 key:2 say:Bye", "12", PHONE_ANSWERS, NULL, NULL },
	{ "it hangs up at the question", { { "/voice", IN(GATHER("", "") "<Say>Late</Say>") } },
	  "h", "hangup:by the phone", "", PHONE_ANSWERS, NULL, NULL },
	{ "the end of it", { { "/voice", IN("<Hangup/><Say>Never</Say>") } },
	  "", "", "", PHONE_ANSWERS, NULL, NULL },
	{ "nothing at all", { { "/voice", IN("") } }, "", "", "", PHONE_ANSWERS, NULL, NULL },
	{ "too late to reject", { { "/voice", IN("<Reject/><Say>Hi</Say>") } },
	  "", "say:Hi", "", PHONE_ANSWERS, NULL, NULL },
	{ "a recording", { { "/voice", IN("<Record action=\"@/key\" maxLength=\"2\"/>") }, BYE },
	  "", NULL, "", PHONE_ANSWERS, "RecordingDuration", "2" },
	{ "dialled",
	  { { "/voice", IN("<Dial action=\"@/key\" callerId=\"" OURS "\">" OTHER "</Dial>") },
	    BYE }, "", "dial:" OTHER " say:Bye", "", PHONE_ANSWERS, "DialCallStatus", "completed" },
	{ "dialled, busy",
	  { { "/voice", IN("<Dial action=\"@/key\"><Number>" OTHER "</Number></Dial>") }, BYE },
	  "", "dial:" OTHER " say:Bye", "", PHONE_BUSY, "DialCallStatus", "busy" },
	{ "dialled, rejected", { { "/voice", IN("<Dial action=\"@/key\">" OTHER "</Dial>") }, BYE },
	  "", "dial:" OTHER " say:Bye", "", PHONE_REJECTS, "DialCallStatus", "busy" },
	{ "dialled, not answered",
	  { { "/voice", IN("<Dial action=\"@/key\" timeout=\"5\">" OTHER "</Dial>") }, BYE },
	  "", "dial:" OTHER " say:Bye", "", PHONE_RINGS, "DialCallStatus", "no-answer" },
	{ "dialled, not reachable",
	  { { "/voice", IN("<Dial action=\"@/key\">" OTHER "</Dial>") }, BYE },
	  "", "dial:" OTHER " say:Bye", "", PHONE_UNREACHABLE, "DialCallStatus", "failed" },
	{ "dialled, then on", { { "/voice", IN("<Dial>" OTHER "</Dial><Say>Bye</Say>") } },
	  "", "dial:" OTHER " say:Bye", "", PHONE_ANSWERS, NULL, NULL },
};
/* clang-format on */

static void follows_scripts(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < COUNT(scripts) * SIM_PROVIDERS; i++) {
		const struct script_row *row = &scripts[i / SIM_PROVIDERS];
		const char *name = row->name;

		b->pages = row->pages;
		plan_phone(b, GUEST, PHONE_ANSWERS, row->phone_keys);
		plan_phone(b, OTHER, row->other, "");
		const struct call *c = call_through(b, (int)(i % SIM_PROVIDERS), false);
		check(name, c && c->status == CALL_COMPLETED);
		check(name, !c->error_num && !b->forged);
		if (row->heard)
			check_str(name, heard(b, c), str_of(row->heard));
		check_str(name, buf_str(&b->keys), str_of(row->keys));
		if (row->field)
			check_str(name, form_get(&b->last_question, row->field),
				  str_of(row->value));
		check_str(name, buf_str(&b->told), STR("iric"));
	}
}

static void a_recording_has_a_url(void **state)
{
	static const struct page pages[] = {
		{ "/voice", IN("<Record finishOnKey=\"#\" action=\"@/key\"/>") }, BYE, { 0 }
	};
	struct bench *b = *state;
	const struct call *c;

	b->pages = pages;
	b->sim->carriers[SIM_TELNYX].latency.second_ms = 1000;
	c = create_call(b, SIM_TELNYX, false);
	turn_until(b->loop, PATIENCE_MS, c->talk->record);
	talk_press(c->talk, STR("1#"));
	b->sim->carriers[SIM_TELNYX].latency.second_ms = 1;
	turn_until(b->loop, PATIENCE_MS, bench_idle(b));
	check_str("key", form_get(&b->last_question, "Digits"), STR("#"));
	assert_true(
		str_starts(form_get(&b->last_question, "RecordingUrl"), STR("http://127.0.0.1:")));
}

/* A script that only asks for itself ends, and it is seen that it had to be ended. */
static void a_circle_ends(void **state)
{
	static const struct page pages[] = { { "/voice", IN("<Redirect>@/voice</Redirect>") },
					     { 0 } };
	struct bench *b = *state;

	b->pages = pages;
	const struct call *c = call_through(b, SIM_TWILIO, false);
	assert_int_equal(c->status, CALL_COMPLETED);
	assert_int_equal(c->error_num, 1);
	assert_non_null(strstr(c->errors->text.p, "without end"));
}

static void another_script_in_the_middle(void **state)
{
	static const struct page pages[] = { { "/voice", IN("<Pause length=\"3000\"/>") },
					     { "/other", IN("<Say>Other</Say>") },
					     { 0 } };
	struct bench *b = *state;

	b->pages = pages;
	const struct call *c = create_call(b, SIM_TWILIO, false);
	turn_until(b->loop, PATIENCE_MS, c->lines && c->lines->next);
	bench_ask(b, SIM_TWILIO,
		  arena_printf(b->arena, TWILIO_CALLS "/" STR_FMT ".json",
			       STR_ARG(twilio_call_formats.id(b->arena, c)))
			  .p,
		  arena_printf(b->arena, "Url=" STR_FMT, STR_ARG(with_urls(b, "@/other"))), false);
	assert_int_equal(b->status, 200);
	turn_until(b->loop, PATIENCE_MS, bench_idle(b));
	check_str("heard", heard(b, c), STR("pause:3000 say:Other"));
}

/* ---- scripts that cannot be had ---- */

static const struct {
	const char *name;
	struct page pages[3];
	const char *sick, *heard;
	const char *errors[2]; /* parts of them; NULL: none */
} failures[] = {
	{ "answered 500",
	  { { "/fallback", IN("<Say>Instead</Say>") } },
	  "/voice",
	  "say:Instead",
	  { "answered 500", NULL } },
	{ "no script",
	  { { "/fallback", IN("<Say>Instead</Say>") } },
	  NULL,
	  "say:Instead",
	  { "content type", NULL } },
	{ "no XML",
	  { { "/voice", "Hello" }, { "/fallback", IN("<Say>Instead</Say>") } },
	  NULL,
	  "say:Instead",
	  { "not well-formed", NULL } },
	{ "no fallback either",
	  { { "/voice", "<html/>" }, { "/fallback", "<html/>" } },
	  NULL,
	  "say:We are sorry, an application error has occurred. Goodbye.",
	  { "<html>", "<html>" } },
	{ "minded, and followed",
	  { { "/voice", IN("<Foo/><Say b=\"1\">Hi</Say>") } },
	  NULL,
	  "say:Hi",
	  { "<Foo>", "b=\"1\"" } },
};

static void scripts_that_fail(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < COUNT(failures) * SIM_PROVIDERS; i++) {
		size_t row = i / SIM_PROVIDERS;
		const char *name = failures[row].name;

		b->pages = failures[row].pages;
		b->sick = failures[row].sick;
		const struct call *c = call_through(b, (int)(i % SIM_PROVIDERS), false);
		const struct call_line *error = c->errors;
		check(name, c->status == CALL_COMPLETED);
		check_str(name, heard(b, c), str_of(failures[row].heard));
		for (int e = 0; e < 2; e++) {
			check(name, !failures[row].errors[e] == !error);
			check(name, !error || strstr(error->text.p, failures[row].errors[e]));
			error = error ? error->next : NULL;
		}
	}
	b->sick = NULL;
}

/* ---- a guest calls ---- */

static bool is_over;

static void on_over(void *ctx, const struct call *c)
{
	(void)ctx, (void)c;
	is_over = true;
}

static const struct {
	const char *xml, *heard;
	enum call_status status;
} inbound[] = {
	{ IN(GATHER("", "<Say>1?</Say>")), "say:1? key:1 say:Bye", CALL_COMPLETED },
	{ IN("<Reject/>"), "", CALL_NO_ANSWER },
	{ IN("<Reject reason=\"busy\"/>"), "", CALL_BUSY },
	{ "broken", "say:We are sorry, an application error has occurred. Goodbye.",
	  CALL_COMPLETED },
};

static void guests_call(void **state)
{
	static const char *const paths[] = { "/webhooks/twilio/voice", "/webhooks/telnyx/voice" };
	const struct call_plan one = { PHONE_ANSWERS, STR("1"), UINT32_MAX };
	struct bench *b = *state;

	for (size_t i = 0; i < COUNT(inbound) * SIM_PROVIDERS; i++) {
		int p = (int)(i % SIM_PROVIDERS);
		const struct page pages[] = { { paths[p], inbound[i / SIM_PROVIDERS].xml },
					      BYE,
					      { 0 } };
		const char *row = inbound[i / SIM_PROVIDERS].xml;

		b->pages = pages;
		is_over = false;
		const struct call *c = talk_from_guest(&b->sim->carriers[p], STR(GUEST), STR(OURS),
						       &one, on_over, NULL);
		turn_until(b->loop, PATIENCE_MS, is_over);
		turn_until(b->loop, PATIENCE_MS, bench_idle(b));
		check(row, c->status == inbound[i / SIM_PROVIDERS].status);
		check_str(row, heard(b, c), str_of(inbound[i / SIM_PROVIDERS].heard));
		check_str(row, form_get(&b->last_question, "From"), STR(GUEST));
		check_str(row, form_get(&b->last_question, "Direction"), STR("inbound"));
		check(row, !b->forged && !b->told.len);
	}
	assert_int_equal(b->sim->ledger->calls->sum.inbound, COUNT(inbound) * SIM_PROVIDERS);
	assert_int_equal(b->sim->ledger->calls->sum.phones, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(follows_scripts, bench_set_up, bench_tear_down),
		cmocka_unit_test_setup_teardown(a_recording_has_a_url, bench_set_up,
						bench_tear_down),
		cmocka_unit_test_setup_teardown(a_circle_ends, bench_set_up, bench_tear_down),
		cmocka_unit_test_setup_teardown(another_script_in_the_middle, bench_set_up,
						bench_tear_down),
		cmocka_unit_test_setup_teardown(scripts_that_fail, bench_set_up, bench_tear_down),
		cmocka_unit_test_setup_teardown(guests_call, bench_set_up, bench_tear_down),
	};

	signal(SIGPIPE, SIG_IGN); /* connections that were reset are written to */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
