/* test_carrier_faults.c - the simulated carriers' ledger, opt-outs and fault rules, by table. */
#include "testing.h"

#include "faults.h"
#include "ledger.h"

#define GUEST "+12125550123"
#define OURS "+12125550100"

/* ---- the ledger ---- */

static const char *const urls[] = {
	"",
	"http://a/b",
	"http://a/b?x=1",
	"http://a/b?attempt=",
	"http://a/b?attempt=att_1",
	"http://a/b?account=acc_1&attempt=att_1#rc=3&rp=all",
	"http://a/b?attempt=att_1&account=acc_1",
	"http://a/b?reattempt=att_1",
	"http://a/attempt=2?x=1",
};

static void callback_urls_survive(void **state)
{
	struct ledger *l = ledger_new(1);
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++) {
		const struct text_draft d = {
			.to = STR(GUEST),
			.from = STR(OURS),
			.body = STR("x"),
			.url = str_of(urls[i]),
			.failover = str_of(urls[COUNT(urls) - 1 - i]),
		};
		const struct text *t = ledger_add(l, &d);

		check_str(urls[i], text_url(a, l, t, &t->url), d.url);
		check_str(urls[i], text_url(a, l, t, &t->failover), d.failover);
		check(urls[i],
		      str_is(text_token(t), strstr(urls[i], "&attempt=att_1") ||
							    strstr(urls[i], "?attempt=att_1") ?
						    "att_1" :
						    ""));
	}
	arena_free(a);
	ledger_free(l);
}

static void ledger_counts(void **state)
{
	enum { TEXTS = 30000, PHONES = 1000 };
	struct ledger *l = ledger_new(1);
	struct arena *a = arena_new();

	(void)state;
	for (int i = 0; i < TEXTS; i++) {
		const struct text_draft d = {
			.provider = i % 3 ? SIM_TWILIO : SIM_TELNYX,
			.to = arena_printf(a, "+1212%07d", i % PHONES),
			.from = STR(OURS),
			.body = arena_printf(a, "text %d", i < 5000 ? 0 : i),
			.now_ms = 1000 + i,
		};
		struct text *t = ledger_add(l, &d);

		assert_ptr_equal(ledger_by_id(l, t->id), t);
		if (i % 10)
			ledger_reach(l, t, 2000 + i);
	}
	/* of the first 5000, of one body, 4500 arrived, and 900 phones had it for the first time */
	assert_int_equal(l->sum.doubled, 4500 - 900);
	assert_int_equal(l->sum.phones, 900);
	assert_int_equal(l->sum.most, TEXTS / PHONES);
	assert_int_equal(l->sum.reached[SIM_TWILIO], 18000);
	assert_int_equal(l->sum.reached[SIM_TELNYX], 9000);
	for (uint32_t seq = 1; seq <= l->seq; seq++)
		assert_int_equal(ledger_by_seq(l, seq)->seq, seq);

	const struct text *t = ledger_at(l, phones_at(l->phones, 7)->latest);
	unsigned thread = 1;
	for (; t->earlier != TEXT_NONE; t = ledger_at(l, t->earlier))
		thread++;
	assert_int_equal(thread, TEXTS / PHONES);
	assert_null(ledger_by_id(l, (const uint8_t[TEXT_ID_BYTES]){ 1 }));
	arena_free(a);
	ledger_free(l);
}

static void opt_outs(void **state)
{
	struct phones *p = phones_new();
	uint32_t guest = phones_add(p, STR(GUEST)), ours = phones_add(p, STR(OURS));
	int provider;
	uint32_t number;

	(void)state;
	assert_false(phones_opted_out(p, SIM_TWILIO, STR(GUEST), STR(OURS)));
	phones_block(p, guest, SIM_TWILIO, ours, true);
	assert_true(phones_opted_out(p, SIM_TWILIO, STR(GUEST), STR(OURS)));
	assert_false(phones_opted_out(p, SIM_TELNYX, STR(GUEST), STR(OURS)));
	assert_false(phones_opted_out(p, SIM_TWILIO, STR(OURS), STR(GUEST)));
	assert_true(phones_block_at(p, guest, 0, &provider, &number));
	assert_int_equal(number, ours);
	assert_false(phones_block_at(p, guest, 1, &provider, &number));
	phones_block(p, guest, SIM_TWILIO, ours, false);
	assert_false(phones_opted_out(p, SIM_TWILIO, STR(GUEST), STR(OURS)));
	assert_false(phones_block_at(p, guest, 0, &provider, &number));
	phones_free(p);
}

/* ---- faults ---- */

static const struct {
	const char *name, *json, *field; /* field NULL: acceptable */
} parse_rows[] = {
	{ "none", "{\"faults\":[]}", NULL },
	{ "refuse", "{\"faults\":[{\"kind\":\"refuse\"}]}", NULL },
	{ "all options",
	  "{\"seed\":7,\"faults\":[{\"kind\":\"status\",\"http_status\":500,\"code\":\"20500\","
	  "\"percent\":50,\"count\":3,\"to\":\"+15005550006\",\"for_ms\":9,\"on\":\"all\"}]}",
	  NULL },
	{ "final", "{\"faults\":[{\"kind\":\"final\",\"status\":\"failed\",\"code\":30001}]}",
	  NULL },
	{ "no list", "{}", "faults" },
	{ "not a list", "{\"faults\":1}", "faults" },
	{ "seed", "{\"seed\":\"x\",\"faults\":[]}", "seed" },
	{ "no kind", "{\"faults\":[{}]}", "faults[0].kind" },
	{ "unknown kind", "{\"faults\":[{\"kind\":\"none\"}]}", "faults[0].kind" },
	{ "not an object", "{\"faults\":[3]}", "faults[0].kind" },
	{ "second", "{\"faults\":[{\"kind\":\"reset\"},{\"kind\":\"slow\"}]}", "faults[1].ms" },
	{ "percent 0", "{\"faults\":[{\"kind\":\"reset\",\"percent\":0}]}", "faults[0].percent" },
	{ "count 0", "{\"faults\":[{\"kind\":\"reset\",\"count\":0}]}", "faults[0].count" },
	{ "status", "{\"faults\":[{\"kind\":\"status\",\"http_status\":200}]}",
	  "faults[0].http_status" },
	{ "not its option", "{\"faults\":[{\"kind\":\"refuse\",\"ms\":1}]}", "faults[0].ms" },
	{ "unknown option", "{\"faults\":[{\"kind\":\"reset\",\"tu\":1}]}", "faults[0].tu" },
	{ "no final", "{\"faults\":[{\"kind\":\"final\"}]}", "faults[0].status" },
	{ "not final", "{\"faults\":[{\"kind\":\"final\",\"status\":\"sent\"}]}",
	  "faults[0].status" },
	{ "code", "{\"faults\":[{\"kind\":\"final\",\"status\":\"failed\",\"code\":\"x\"}]}",
	  "faults[0].code" },
};

static void fault_rules_parse(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(parse_rows); i++) {
		const char *why, *field = NULL;
		const struct json *j = json_parse(a, str_of(parse_rows[i].json), &why);
		struct faults f;

		check(parse_rows[i].name, j);
		why = faults_parse(a, j, &f, &field);
		check(parse_rows[i].name, !why == !parse_rows[i].field);
		if (why)
			check_str(parse_rows[i].name, str_of(field), str_of(parse_rows[i].field));
	}
	arena_free(a);
}

static struct faults faults_of(struct arena *a, const char *json)
{
	const char *why, *field;
	struct faults f;

	why = faults_parse(a, json_parse(a, str_of(json), &why), &f, &field);
	if (why)
		fail_msg("%s: %s", json, why);
	return f;
}

static void faults_strike_as_told(void **state)
{
	struct arena *a = arena_new();
	struct faults f = faults_of(a, "{\"faults\":[{\"kind\":\"reset\",\"count\":2},"
				       "{\"kind\":\"empty_2xx\",\"to\":\"" GUEST "\"},"
				       "{\"kind\":\"throttle\",\"on\":\"read\",\"for_ms\":100}]}");
	static const struct {
		const char *to;
		enum fault_on on;
		int64_t now_ms;
		enum fault_kind strikes;
	} rows[] = {
		{ OURS, FAULT_ON_READ, 0, FAULT_THROTTLE },
		{ OURS, FAULT_ON_SEND, 0, FAULT_RESET },
		{ "", FAULT_ON_SEND, 0, FAULT_RESET },
		{ OURS, FAULT_ON_SEND, 0, FAULT_NONE },
		{ GUEST, FAULT_ON_SEND, 0, FAULT_EMPTY_2XX },
		{ "", FAULT_ON_SEND, 0, FAULT_NONE },
		{ OURS, FAULT_ON_READ, 99, FAULT_THROTTLE },
		{ OURS, FAULT_ON_READ, 100, FAULT_NONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct fault *hit = faults_strike_on(&f, rows[i].on, FAULTS_API,
							   str_of(rows[i].to), rows[i].now_ms);
		char row[8];

		snprintf(row, sizeof(row), "%zu", i);
		check(row, (hit ? hit->kind : FAULT_NONE) == rows[i].strikes);
	}
	arena_free(a);
}

static void chance_is_repeatable(void **state)
{
	struct arena *a = arena_new();
	const char *json = "{\"seed\":42,\"faults\":[{\"kind\":\"reset\",\"percent\":30}]}";
	struct faults one = faults_of(a, json), two = faults_of(a, json);
	int struck = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		bool hit = faults_strike(&one, FAULTS_API, STR(""), 0);

		assert_int_equal(hit, faults_strike(&two, FAULTS_API, STR(""), 0) != NULL);
		struck += hit;
	}
	assert_in_range(struck, 250, 350);
	assert_int_equal(one.rules[0].struck, struck);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(callback_urls_survive),
		cmocka_unit_test(ledger_counts),
		cmocka_unit_test(opt_outs),
		cmocka_unit_test(fault_rules_parse),
		cmocka_unit_test(faults_strike_as_told),
		cmocka_unit_test(chance_is_repeatable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
