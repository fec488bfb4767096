/* test_carrier_markup.c - what the simulated carriers mind about a script, by table. */
#include "testing.h"

#include "markup.h"

#define TWIML MARKUP_TWIML
#define TEXML MARKUP_TEXML
#define BOTH (MARKUP_TWIML | MARKUP_TEXML)
#define IN(words) "<Response>" words "</Response>"
#define URL "http://127.0.0.1/x?a=1&amp;b=2"

static const struct {
	const char *document, *complaint; /* a part of the only one; NULL: none */
	unsigned rules;
	bool dead; /* it cannot be followed at all */
} rows[] = {
	{ IN("<Say>Hello</Say>"), NULL, BOTH, false },
	{ "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" IN(
		  "<Say voice=\"woman\" language=\"fr-FR\""
		  " loop=\"2\">\u00c7a &lt;va&gt;</Say>"),
	  NULL, BOTH, false },
	{ IN("<Say voice=\"Polly.Joanna-Neural\">Hi</Say>"), NULL, BOTH, false },
	{ IN("<Say voice=\"Azure.en-US-AvaNeural\">Hi</Say>"), "voice=\"Azure", TWIML, false },
	{ IN("<Say voice=\"Google.en-US-Standard-C\">Hi</Say>"), "voice=\"Google", TEXML, false },
	{ IN("<Say voice=\"nobody\">Hi</Say>"), "cannot have this value", BOTH, false },
	{ IN("<Say language=\"english please\">Hi</Say>"), "language=", BOTH, false },
	{ IN("<Say loop=\"11\">Hi</Say>"), "loop=\"11\"", TEXML, false },
	{ IN("<Say colour=\"red\">Hi</Say>"), "line 1: <Say colour=\"red\">: is not known here.",
	  BOTH, false },
	{ IN("<Say></Say>"), "its text is missing", BOTH, false },
	{ IN("<say>Hi</say>"), "there is no such verb", BOTH, false },
	{ IN("Hi"), "no text may stand in it", BOTH, false },
	{ IN("<Pause/><Pause length=\"10\"/>"), NULL, BOTH, false },
	{ IN("<Pause length=\"0\"/>"), "length=\"0\"", BOTH, false },
	{ IN("<Pause length=\"181\"/>"), "length=\"181\"", TEXML, false },
	{ IN("<Pause>1</Pause>"), "no text may stand in it", BOTH, false },
	{ IN("<Gather numDigits=\"1\" action=\"" URL "\" method=\"POST\" timeout=\"5\" "
	     "finishOnKey=\"\" input=\"dtmf\"><Say>1?</Say><Pause/></Gather>"
	     "<Redirect method=\"POST\">" URL "</Redirect>"),
	  NULL, BOTH, false },
	{ IN("<Gather finishOnKey=\"*#\" validDigits=\"129*\"/>"), "validDigits", TWIML, false },
	{ IN("<Gather finishOnKey=\"*#\" validDigits=\"129*\"/>"), NULL, TEXML, false },
	{ IN("<Gather actionOnEmptyResult=\"true\" bargeIn=\"false\"/>"), NULL, TWIML, false },
	{ IN("<Gather numDigits=\"0\"/>"), "numDigits=\"0\"", BOTH, false },
	{ IN("<Gather timeout=\"121\"/>"), "timeout=\"121\"", TEXML, false },
	{ IN("<Gather timeout=\"soon\"/>"), "timeout=\"soon\"", BOTH, false },
	{ IN("<Gather action=\"/relative\"/>"), "action=\"/relative\"", BOTH, false },
	{ IN("<Gather method=\"post\"/>"), "method=\"post\"", BOTH, false },
	{ IN("<Gather finishOnKey=\"x\"/>"), "finishOnKey=\"x\"", BOTH, false },
	{ IN("<Gather><Gather/></Gather>"), "may not stand there", BOTH, false },
	{ IN("<Gather><Hangup/></Gather>"), "may not stand there", BOTH, false },
	{ IN("<Dial action=\"" URL
	     "\" timeout=\"20\" callerId=\"+13125550002\">+12125550123</Dial>"),
	  NULL, BOTH, false },
	{ IN("<Dial><Number>+12125550123</Number></Dial>"), NULL, BOTH, false },
	{ IN("<Dial>Jane</Dial>"), "its text is not what it must be", BOTH, false },
	{ IN("<Dial/>"), "its text is missing", BOTH, false },
	{ IN("<Dial timeout=\"4\">+12125550123</Dial>"), "timeout=\"4\"", TEXML, false },
	{ IN("<Number>+12125550123</Number>"), "may not stand there", BOTH, false },
	{ IN("<Record action=\"" URL "\" maxLength=\"60\" finishOnKey=\"#\" playBeep=\"true\"/>"),
	  NULL, BOTH, false },
	{ IN("<Record playBeep=\"yes\"/>"), "playBeep=\"yes\"", BOTH, false },
	{ IN("<Redirect>nowhere</Redirect>"), "its text is not what it must be", BOTH, false },
	{ IN("<Hangup/>"), NULL, BOTH, false },
	{ IN("<Hangup reason=\"busy\"/>"), "is not known here", BOTH, false },
	{ IN("<Reject reason=\"busy\"/>"), NULL, BOTH, false },
	{ IN("<Reject reason=\"asleep\"/>"), "reason=\"asleep\"", BOTH, false },
	{ IN("<Say>Hi</Say><Reject/>"), "only the first verb", BOTH, false },
	{ IN(""), NULL, BOTH, false },
	{ "<Response/>", NULL, BOTH, false },
	{ "", "not well-formed", BOTH, true },
	{ "Hello", "not well-formed", BOTH, true },
	{ "<Response><Say>Hi</Response>", "not well-formed", BOTH, true },
	{ "<Response><Say>R&eacute;n\u00e9</Say></Response>", "not well-formed", BOTH, true },
	{ "<Response><Say>a \xff b</Say></Response>", "not well-formed", BOTH, true },
	{ "<Response/><Response/>", "not well-formed", BOTH, true },
	{ "<html/>", "and not a <Response>", BOTH, true },
	{ "<!DOCTYPE a [<!ENTITY b \"c\">]><Response>&b;</Response>", "document type", BOTH, true },
	{ IN("<a><b><c><d><e><f><g><h/></g></f></e></d></c></b></a>"), "too many", BOTH, true },
};

static unsigned count(const struct markup *m)
{
	unsigned n = 0;

	for (const struct complaint *c = m->complaints; c; c = c->next)
		n++;
	return n;
}

static void check_row(struct arena *a, size_t i, unsigned rules)
{
	const char *row = rows[i].document, *want = rows[i].complaint;
	struct markup m = markup_read(a, str_of(row), rules);

	if (want && !m.complaints)
		fail_msg("row '%s' (%u): nothing was minded", row, rules);
	if (!want && m.complaints)
		fail_msg("row '%s' (%u): " STR_FMT, row, rules, STR_ARG(m.complaints->text));
	check(row, !want || strstr(m.complaints->text.p, want));
	check(row, count(&m) == (want != NULL));
	check(row, !m.root == rows[i].dead);
}

static void complaints(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (rows[i].rules & TWIML)
			check_row(a, i, TWIML);
		if (rows[i].rules & TEXML)
			check_row(a, i, TEXML);
	}
	arena_free(a);
}

static void all_complaints_in_their_order(void **state)
{
	struct arena *a = arena_new();
	struct markup m = markup_read(a,
				      STR("<Response>\n<Say b=\"1\">a<break/></Say>\n<Foo/>"
					  "</Response>"),
				      TWIML);

	(void)state;
	static const char *const want[] = {
		"line 2: <Say b=\"1\">: is not known here.",
		"line 2: <Say>: nothing may stand in it.",
		"line 2: <break>: there is no such verb.",
		"line 3: <Foo>: there is no such verb.",
	};
	const struct complaint *c = m.complaints;
	for (size_t i = 0; i < COUNT(want); i++, c = c->next)
		check_str(want[i], c ? c->text : STR(""), str_of(want[i]));
	assert_null(c);
	arena_free(a);
}

static void values(void **state)
{
	struct arena *a = arena_new();
	struct markup m = markup_read(
		a,
		STR("<Response><Gather numDigits=\"3\" action=\"http://a/b?c=1&amp;d=2\">"
		    "<Say> Caf\u00e9 &amp; <![CDATA[<b>]]>\n</Say></Gather></Response>"),
		TWIML);
	const struct element *gather = m.root->first;

	(void)state;
	assert_null(m.complaints);
	assert_int_equal(gather->kind, ELEMENT_GATHER);
	assert_int_equal(markup_number(gather, "numDigits", 9), 3);
	assert_int_equal(markup_number(gather, "timeout", 9), 9);
	check_str("action", markup_attribute(gather, "action", STR("")), STR("http://a/b?c=1&d=2"));
	check_str("words", gather->first->text, STR("Caf\u00e9 & <b>"));
	arena_free(a);
}

static void too_long(void **state)
{
	struct arena *a = arena_new();
	struct buf b = buf_new(a, 1 << 20);
	struct markup m;

	(void)state;
	buf_put(&b, STR("<Response>"));
	for (int i = 0; i < 5000; i++)
		buf_put(&b, STR("<Say>Hello again</Say>"));
	buf_put(&b, STR("</Response>"));
	m = markup_read(a, buf_str(&b), TWIML);
	assert_null(m.root);
	assert_non_null(strstr(m.complaints->text.p, "64 KiB"));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complaints),
		cmocka_unit_test(all_complaints_in_their_order),
		cmocka_unit_test(values),
		cmocka_unit_test(too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
