/*
 * test_carrier_calls.c - calls at the simulated carriers over real HTTP: how they end, what is told
 * of them meanwhile, what is counted, and what faults do to all that.
 */
#include "call_bench.h"

#include <signal.h>

static const struct page simple[] = { { "/voice", "<Response><Say>Hello</Say></Response>" },
				      { NULL, NULL } };

/* ---- how it ends ---- */

static const struct {
	enum phone_call does;
	enum call_status status;
	const char *told; /* i: initiated, r: ringing, i: in-progress, then the end */
	unsigned sip;
	bool rings;
} ends[] = {
	{ PHONE_ANSWERS, CALL_COMPLETED, "iric", 0, true },
	{ PHONE_MACHINE, CALL_COMPLETED, "iric", 0, true },
	{ PHONE_RINGS, CALL_NO_ANSWER, "irn", 487, true },
	{ PHONE_WAITS, CALL_NO_ANSWER, "irn", 487, true },
	{ PHONE_BUSY, CALL_BUSY, "ib", 486, false },
	{ PHONE_REJECTS, CALL_BUSY, "irb", 603, true },
	{ PHONE_UNREACHABLE, CALL_FAILED, "if", 404, false },
};

static void calls_end(void **state)
{
	struct bench *b = *state;

	b->pages = simple;
	for (size_t i = 0; i < COUNT(ends) * SIM_PROVIDERS; i++) {
		int p = (int)(i % SIM_PROVIDERS);
		size_t row = i / SIM_PROVIDERS;
		const char *name = phone_call_name(ends[row].does);
		uint64_t rang = b->sim->ledger->calls->sum.rang[p];

		plan_phone(b, GUEST, ends[row].does, "");
		const struct call *c = call_through(b, p, true);
		check(name, c && c->status == ends[row].status);
		check_str(name, buf_str(&b->told), str_of(ends[row].told));
		check(name, c->sip == ends[row].sip);
		check(name, b->sim->ledger->calls->sum.rang[p] == rang + ends[row].rings);
		check(name, !c->error_num && !b->forged && !c->talk);
		check(name, !c->answered_ms == (c->status != CALL_COMPLETED));
		check(name, (c->duration_s > 0) == (c->status == CALL_COMPLETED));
		check_str(name, c->token, STR("att_1"));
	}
}

static void who_answered_is_told(void **state)
{
	static const char *const words[SIM_PROVIDERS] = { "machine_end_beep", "machine" };
	struct bench *b = *state;

	b->pages = simple;
	for (int p = 0; p < SIM_PROVIDERS; p++) {
		plan_phone(b, GUEST, PHONE_MACHINE, "1");
		const struct call *c = call_through(b, p, true);
		check_str("machine", form_get(&b->last_question, "AnsweredBy"), str_of(words[p]));
		check_str("it presses nothing", heard(b, c), STR("say:Hello"));
		plan_phone(b, GUEST, PHONE_ANSWERS, "");
		call_through(b, p, true);
		check_str("human", form_get(&b->last_question, "AnsweredBy"), STR("human"));
		call_through(b, p, false);
		assert_null(form_get(&b->last_question, "AnsweredBy").p);
	}
}

static void a_plan_is_for_so_many_calls(void **state)
{
	struct bench *b = *state;
	struct phones *phones = b->sim->ledger->phones;

	b->pages = simple;
	plan_phone(b, GUEST, PHONE_BUSY, "");
	phones_at(phones, phones_find(phones, STR(GUEST)))->plan.left = 2;
	assert_int_equal(call_through(b, SIM_TWILIO, false)->status, CALL_BUSY);
	assert_int_equal(call_through(b, SIM_TELNYX, false)->status, CALL_BUSY);
	assert_int_equal(call_through(b, SIM_TWILIO, false)->status, CALL_COMPLETED);
}

/* Other calls with the same words are doubled; calls that nobody answered are not. */
static void calls_are_counted(void **state)
{
	struct bench *b = *state;
	const struct call_summary *sum = &b->sim->ledger->calls->sum;

	b->pages = simple;
	call_through(b, SIM_TWILIO, false);
	assert_int_equal(sum->doubled, 0);
	plan_phone(b, GUEST, PHONE_RINGS, "");
	call_through(b, SIM_TWILIO, false);
	assert_int_equal(sum->doubled, 0);
	plan_phone(b, GUEST, PHONE_ANSWERS, "");
	call_through(b, SIM_TELNYX, false);
	assert_int_equal(sum->doubled, 1);
	assert_int_equal(sum->answered, 2);
	assert_int_equal(sum->rang[SIM_TWILIO], 2);
	assert_int_equal(sum->most, 3);
	assert_int_equal(sum->phones, 1);
}

/* ---- what is done to it ---- */

static void hands_on(void **state)
{
	static const struct page pages[] = {
		{ "/voice", "<Response><Gather numDigits=\"2\" action=\"@/key\" timeout=\"60\"/>"
			    "</Response>" },
		{ "/key", "<Response><Pause length=\"100\"/></Response>" },
		{ NULL, NULL },
	};
	struct bench *b = *state;
	struct call *c;

	b->pages = pages;
	plan_phone(b, GUEST, PHONE_WAITS, "");
	c = create_call(b, SIM_TWILIO, false);
	turn_until(b->loop, PATIENCE_MS, c->status == CALL_RINGING);
	talk_pick_up(c->talk);
	turn_until(b->loop, PATIENCE_MS, c->talk->gather);
	talk_press(c->talk, STR("12"));
	assert_null(c->talk->gather);
	talk_press(c->talk, STR("3"));
	turn_until(b->loop, PATIENCE_MS, b->questions == 2);
	check_str("digits", buf_str(&b->keys), STR("12"));
	talk_hang_up(c->talk);
	assert_int_equal(c->status, CALL_COMPLETED);
	assert_true(c->by_phone);
	turn_until(b->loop, PATIENCE_MS, bench_idle(b));
	check_str("told", buf_str(&b->told), STR("iric"));
	assert_non_null(strstr(heard(b, c).p, "key:1 key:2 key:3!"));

	c = create_call(b, SIM_TELNYX, false);
	turn_until(b->loop, PATIENCE_MS, c->status == CALL_RINGING);
	talk_hang_up(c->talk);
	assert_int_equal(c->status, CALL_BUSY);
	turn_until(b->loop, PATIENCE_MS, bench_idle(b));
}

static void the_api_ends_it(void **state)
{
	struct bench *b = *state;
	struct call *c;

	b->pages = simple;
	for (int p = 0; p < SIM_PROVIDERS; p++) {
		plan_phone(b, GUEST, PHONE_WAITS, "");
		c = create_call(b, p, false);
		struct str id = b->sim->carriers[p].formats->calls->id(b->arena, c);
		const char *path = arena_printf(b->arena,
						p == SIM_TWILIO ? TWILIO_CALLS "/%s.json" :
								  TELNYX_CALLS "/%s",
						id.p)
					   .p;
		turn_until(b->loop, PATIENCE_MS, c->status == CALL_RINGING);
		bench_ask(b, p, path, STR("Status=canceled"), false);
		assert_int_equal(b->status, 200);
		assert_int_equal(c->status, CALL_CANCELED);
		bench_ask(b, p, path, STR("Status=completed"), false);
		assert_int_equal(b->status, p == SIM_TWILIO ? 400 : 422);
		assert_non_null(strstr(b->body.p, p == SIM_TWILIO ? "21220" : "90018"));
		turn_until(b->loop, PATIENCE_MS, bench_idle(b));
		check_str("told", buf_str(&b->told), STR("irc"));
		bench_ask(b, p, path, STR(""), false);
		assert_non_null(strstr(b->body.p, "\"status\":\"canceled\""));
	}
}

/* ---- faults ---- */

static const struct {
	const char *rule;
	int status[SIM_PROVIDERS]; /* of the create; 0: no answer */
	const char *told;
	unsigned forged;
	bool rings;
} faults[] = {
	{ "", { 201, 200 }, "iric", 0, true },
	{ "{\"kind\":\"reset\"}", { 0, 0 }, "", 0, false },
	{ "{\"kind\":\"reset_after_accept\"}", { 0, 0 }, "iric", 0, true },
	{ "{\"kind\":\"hang_before_accept\"}", { 0, 0 }, "", 0, false },
	{ "{\"kind\":\"hang_after_accept\",\"ms\":20}", { 0, 0 }, "iric", 0, true },
	{ "{\"kind\":\"status\",\"http_status\":500}", { 500, 500 }, "", 0, false },
	{ "{\"kind\":\"status\",\"http_status\":500,\"channel\":\"voice\"}",
	  { 500, 500 },
	  "",
	  0,
	  false },
	{ "{\"kind\":\"status\",\"http_status\":500,\"channel\":\"sms\"}",
	  { 201, 200 },
	  "iric",
	  0,
	  true },
	{ "{\"kind\":\"status_after_accept\",\"http_status\":503}", { 503, 503 }, "iric", 0, true },
	{ "{\"kind\":\"throttle\"}", { 429, 429 }, "", 0, false },
	{ "{\"kind\":\"malformed_2xx\"}", { 201, 200 }, "iric", 0, true },
	{ "{\"kind\":\"empty_2xx\"}", { 201, 200 }, "iric", 0, true },
	{ "{\"kind\":\"slow\",\"ms\":50}", { 201, 200 }, "iric", 0, true },
	{ "{\"kind\":\"callbacks_off\"}", { 201, 200 }, "", 0, true },
	{ "{\"kind\":\"callbacks_duplicate\"}", { 201, 200 }, "iirriicc", 0, true },
	{ "{\"kind\":\"callbacks_early\"}", { 201, 200 }, "iric", 0, true },
	{ "{\"kind\":\"callbacks_late\",\"ms\":20}", { 201, 200 }, "iric", 0, true },
	{ "{\"kind\":\"callbacks_forged\"}", { 201, 200 }, "iric", 5, true },
	{ "{\"kind\":\"final\",\"status\":\"failed\"}", { 201, 200 }, "if", 0, false },
	{ "{\"kind\":\"final\",\"status\":\"undelivered\"}", { 201, 200 }, "irn", 0, true },
	{ "{\"kind\":\"final\",\"status\":\"failed\",\"channel\":\"sms\"}",
	  { 201, 200 },
	  "iric",
	  0,
	  true },
};

static void faults_strike_calls(void **state)
{
	struct bench *b = *state;

	b->pages = simple;
	for (size_t i = 0; i < COUNT(faults) * SIM_PROVIDERS; i++) {
		int p = (int)(i % SIM_PROVIDERS);
		size_t row = i / SIM_PROVIDERS;
		const char *rule = faults[row].rule;
		uint64_t rang = b->sim->ledger->calls->sum.rang[p];

		set_faults(b, p, rule);
		call_through(b, p, false);
		check(rule, b->status == faults[row].status[p]);
		check_str(rule, buf_str(&b->told), str_of(faults[row].told));
		check(rule, b->forged == faults[row].forged);
		check(rule, b->sim->ledger->calls->sum.rang[p] == rang + faults[row].rings);
	}
	set_faults(b, SIM_TWILIO, "{\"kind\":\"callbacks_reorder\"}");
	call_through(b, SIM_TWILIO, false);
	check("out of order", b->told.len == 4 && memcmp(b->told.p, "iric", 4) != 0);
}

/* The whole must also end in the middle of everything. */
static void reset_in_flight(void **state)
{
	struct bench *b = *state;

	b->pages = simple;
	for (int p = 0; p < SIM_PROVIDERS; p++) {
		plan_phone(b, GUEST, PHONE_WAITS, "");
		set_faults(b, p,
			   "{\"kind\":\"hang_after_accept\"},{\"kind\":\"callbacks_late\","
			   "\"ms\":60000},{\"kind\":\"callbacks_duplicate\"}");
		create_call(b, p, false);
		set_faults(b, p, "");
		create_call(b, p, false);
		plan_phone(b, GUEST, PHONE_ANSWERS, "");
		create_call(b, p, false);
	}
	assert_non_null(b->sim->talks);
	carriers_reset(b->sim);
	assert_null(b->sim->talks);
	assert_int_equal(b->sim->ledger->calls->num, 0);
	create_call(b, SIM_TWILIO, false); /* and tear_down() stops it all */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(calls_end, bench_set_up, bench_tear_down),
		cmocka_unit_test_setup_teardown(who_answered_is_told, bench_set_up,
						bench_tear_down),
		cmocka_unit_test_setup_teardown(a_plan_is_for_so_many_calls, bench_set_up,
						bench_tear_down),
		cmocka_unit_test_setup_teardown(calls_are_counted, bench_set_up, bench_tear_down),
		cmocka_unit_test_setup_teardown(hands_on, bench_set_up, bench_tear_down),
		cmocka_unit_test_setup_teardown(the_api_ends_it, bench_set_up, bench_tear_down),
		cmocka_unit_test_setup_teardown(faults_strike_calls, bench_set_up, bench_tear_down),
		cmocka_unit_test_setup_teardown(reset_in_flight, bench_set_up, bench_tear_down),
	};

	signal(SIGPIPE, SIG_IGN); /* connections that were reset are written to */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
