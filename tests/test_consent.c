/* test_consent.c - which messages of a guest say something about being texted. */
#include "testing.h"

#include "consent.h"

static const struct {
	const char *body;
	enum carrier_consent carrier_says, means;
	const char *word;
} rows[] = {
	/* every word, and how people write them */
	{ "STOP", CONSENT_UNSAID, CONSENT_STOP, "STOP" },
	{ "stop", CONSENT_UNSAID, CONSENT_STOP, "STOP" },
	{ "Stop.", CONSENT_UNSAID, CONSENT_STOP, "STOP" },
	{ "  \"STOP!!\" \n", CONSENT_UNSAID, CONSENT_STOP, "STOP" },
	{ "STOPALL", CONSENT_UNSAID, CONSENT_STOP, "STOPALL" },
	{ "stop all", CONSENT_UNSAID, CONSENT_STOP, "STOP ALL" },
	{ "unsubscribe", CONSENT_UNSAID, CONSENT_STOP, "UNSUBSCRIBE" },
	{ "cancel", CONSENT_UNSAID, CONSENT_STOP, "CANCEL" },
	{ "End", CONSENT_UNSAID, CONSENT_STOP, "END" },
	{ "quit", CONSENT_UNSAID, CONSENT_STOP, "QUIT" },
	{ "revoke", CONSENT_UNSAID, CONSENT_STOP, "REVOKE" },
	{ "OptOut", CONSENT_UNSAID, CONSENT_STOP, "OPTOUT" },
	{ "START", CONSENT_UNSAID, CONSENT_START, "START" },
	{ "unstop", CONSENT_UNSAID, CONSENT_START, "UNSTOP" },
	{ "help", CONSENT_UNSAID, CONSENT_HELP, "HELP" },
	{ "Info?", CONSENT_UNSAID, CONSENT_HELP, "INFO" },
	/* what only holds a word */
	{ "", CONSENT_UNSAID, CONSENT_UNSAID, NULL },
	{ "...", CONSENT_UNSAID, CONSENT_UNSAID, NULL },
	{ "Please stop", CONSENT_UNSAID, CONSENT_UNSAID, NULL },
	{ "stop by at 7?", CONSENT_UNSAID, CONSENT_UNSAID, NULL },
	{ "don't cancel", CONSENT_UNSAID, CONSENT_UNSAID, NULL },
	{ "stopp", CONSENT_UNSAID, CONSENT_UNSAID, NULL },
	{ "s t o p", CONSENT_UNSAID, CONSENT_UNSAID, NULL },
	{ "9", CONSENT_UNSAID, CONSENT_UNSAID, NULL },
	/* YES is START at Twilio, and here an ordinary answer */
	{ "YES", CONSENT_UNSAID, CONSENT_UNSAID, NULL },
	{ "YES", CONSENT_START, CONSENT_UNSAID, NULL },
	{ "1", CONSENT_START, CONSENT_UNSAID, NULL },
	{ "start", CONSENT_START, CONSENT_START, "START" },
	/* words that were set up at the carrier */
	{ "ARRET", CONSENT_STOP, CONSENT_STOP, "STOP" },
	{ "aide", CONSENT_HELP, CONSENT_HELP, "HELP" },
	{ "", CONSENT_STOP, CONSENT_STOP, "STOP" },
	/* the guest's own word counts before the carrier's reading of it */
	{ "stop", CONSENT_HELP, CONSENT_STOP, "STOP" },
	{ "start", CONSENT_STOP, CONSENT_START, "START" },
};

static void reading(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *word = "not set";

		check(rows[i].body, consent_read(str_of(rows[i].body), rows[i].carrier_says,
						 &word) == rows[i].means);
		check_str(rows[i].body, str_of(word), str_of(rows[i].word));
	}
}

static void names(void **state)
{
	(void)state;
	check("nothing said", consent_name(CONSENT_UNSAID) == NULL);
	check_str("stop", str_of(consent_name(CONSENT_STOP)), STR("stop"));
	check_str("start", str_of(consent_name(CONSENT_START)), STR("start"));
	check_str("help", str_of(consent_name(CONSENT_HELP)), STR("help"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
