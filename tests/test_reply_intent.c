/* test_reply_intent.c - what guests answer, and what it is taken for. */
#include "testing.h"

#include "reply_intent.h"

static const struct {
	const char *body;
	int digit, slot;
	const char *word;
} rows[] = {
	/* digits */
	{ "1", 1, 0, NULL },
	{ " 2 \n", 2, 0, NULL },
	{ "9.", 9, 0, NULL },
	{ "(1)", 1, 0, NULL },
	{ "#9", 9, 0, NULL },
	{ "11", 1, 1, NULL },
	{ "12", 2, 1, NULL },
	{ "19", 9, 1, NULL },
	{ "29!", 9, 2, NULL },
	{ "99", 9, 9, NULL },
	/* that nobody asked for */
	{ "3", 0, 0, NULL },
	{ "13", 0, 0, NULL },
	{ "01", 0, 0, NULL },
	{ "111", 0, 0, NULL },
	{ "1 2", 0, 0, NULL },
	{ "", 0, 0, NULL },
	{ "...", 0, 0, NULL },
	{ "1 please", 0, 0, NULL },
	{ "table for 2", 0, 0, NULL },
	/* words, which name no question */
	{ "Yes", 1, -1, NULL },
	{ "YES!", 1, -1, NULL },
	{ "ok", 1, -1, NULL },
	{ "On my way", 1, -1, NULL },
	{ "S\u00ed", 1, -1, NULL },
	{ "S\u00cd", 1, -1, NULL },
	{ "si", 1, -1, NULL },
	{ "Oui", 1, -1, NULL },
	{ "J'arrive", 1, -1, NULL },
	{ "J\u2019arrive!", 1, -1, NULL },
	{ "m\u00e1s tiempo", 2, -1, NULL },
	{ "More time", 2, -1, NULL },
	/* words that may mean anything */
	{ "no", 0, 0, NULL },
	{ "yes we will be there in 10", 0, 0, NULL },
	{ "not coming", 0, 0, NULL },
	{ "si pero tarde", 0, 0, NULL },
	{ "thanks", 0, 0, NULL },
	/* an opt-out that may be more */
	{ "Cancel", 0, 0, "CANCEL" },
	{ " QUIT.", 0, 0, "QUIT" },
	{ "end", 0, 0, "END" },
	{ "cancel my table", 0, 0, NULL },
	{ "STOP", 0, 0, NULL },
};

static void replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct reply_intent r = reply_intent_read(str_of(rows[i].body));

		check(rows[i].body, r.digit == rows[i].digit);
		check(rows[i].body, r.slot == rows[i].slot);
		check_str(rows[i].body, str_of(r.word), str_of(rows[i].word));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(replies) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
