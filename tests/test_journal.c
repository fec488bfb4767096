/* test_journal.c - when a guest wrote, and whose turn it is to answer HELP. */
#include "testing.h"

#include "helping.h"
#include "journal.h"

static void said(void **state)
{
	static const struct {
		const char *name;
		int64_t occurred_ms, received_ms, said_ms;
	} rows[] = {
		{ "no time", 0, 1000000, 1000000 },
		{ "at once", 999900, 1000000, 1000000 },
		{ "a minute", 940000, 1000000, 1000000 },
		{ "late", 939999, 1000000, 939999 },
		{ "a carrier's clock is ahead", 1000900, 1000000, 1000000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct event e = { .occurred_ms = rows[i].occurred_ms };

		check(rows[i].name, journal_said_ms(&e, rows[i].received_ms) == rows[i].said_ms);
	}
}

static void helping(void **state)
{
	static const struct {
		const char *name;
		const struct provider *provider;
		const char *body;
		enum carrier_consent carrier_says;
		const char *where;
	} rows[] = {
		{ "Twilio does, but on toll-free", &twilio, "help", CONSENT_UNSAID, "toll_free" },
		{ "Twilio's other word", &twilio, "INFO", CONSENT_UNSAID, "toll_free" },
		{ "Telnyx does, but on toll-free", &telnyx, "Help!", CONSENT_UNSAID, "toll_free" },
		{ "not a word of Telnyx's", &telnyx, "info", CONSENT_UNSAID, "any" },
		{ "Twilio says that it did", &twilio, "help", CONSENT_HELP, NULL },
		{ "Telnyx says that it did", &telnyx, "help", CONSENT_HELP, NULL },
		{ "a word set up at the carrier", &telnyx, "aide", CONSENT_HELP, NULL },
		{ "an ordinary question", &telnyx, "help me find you", CONSENT_UNSAID, NULL },
		{ "STOP is never ours to confirm", &twilio, "stop", CONSENT_UNSAID, NULL },
		{ "nor START", &telnyx, "start", CONSENT_UNSAID, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct event e = { .kind = EVENT_REPLY,
					 .body = str_of(rows[i].body),
					 .consent = rows[i].carrier_says };

		check_str(rows[i].name, str_of(helping_where(rows[i].provider, &e)),
			  str_of(rows[i].where));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(said),
		cmocka_unit_test(helping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
