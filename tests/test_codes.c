/* test_codes.c - codes.tsv: all of it is found, the important rows are right, unknown ones safe. */
#include "testing.h"

#include "codes.h"

/* The n-th of a row's tab-separated fields. */
static struct str field(struct str row, int n)
{
	struct str s = str_cut(&row, '\t');

	while (n-- > 0)
		s = str_cut(&row, '\t');
	return s;
}

static void every_row(void **state)
{
	struct arena *a = arena_new();
	struct str file = read_file(a, "providers/codes.tsv");
	int rows = 0;

	(void)state;
	str_cut(&file, '\n');
	while (file.len) {
		struct str row = str_cut(&file, '\n');
		const char *carrier = arena_cstr(a, field(row, 0)),
			   *code = arena_cstr(a, field(row, 1));
		const struct code *found = code_find(carrier, str_of(code));

		check(code, found && str_is(field(row, 2), found->title));
		check_str(code, str_of(found->class_name), field(row, 3));
		check_str(code, str_of(handling_name(found->handling)), field(row, 7));
		check(code, found->alarm == str_is(field(row, 8), "yes"));
		check(code, found->never_left == str_is(field(row, 9), "yes"));
		check_str(code, str_of(found->sentence), field(row, 10));
		/* alerts.sql tells by that word whose fault it is */
		if (found->alarm && found->handling == HANDLING_OTHER_CARRIER)
			check(code, strstr(found->sentence, "manager") != NULL);
		rows++;
	}
	check("those that the carriers publish, and 6 ends of a call for each", rows == 296 + 12);
	arena_free(a);
}

/* Rules that hold for whole classes, so that a new row cannot break them by accident. */
static void classes(void **state)
{
	struct arena *a = arena_new();
	struct str file = read_file(a, "providers/codes.tsv");

	(void)state;
	str_cut(&file, '\n');
	while (file.len) {
		struct str row = str_cut(&file, '\n');
		const char *code = arena_cstr(a, field(row, 1));
		const struct code *c = code_find(arena_cstr(a, field(row, 0)), str_of(code));
		bool moves_on = c->handling == HANDLING_OTHER_CARRIER ||
				c->handling == HANDLING_BACK_OFF;
		struct str class = str_of(c->class_name);

		check(code, !str_is(class, "opted-out") || c->handling == HANDLING_OPTED_OUT);
		check(code, !str_is(class, "content-blocked") || c->handling == HANDLING_END);
		check(code, !str_is(class, "permanent-for-recipient") || !moves_on);
		check(code, !str_is(class, "try-voice") || c->handling == HANDLING_LANDLINE);
		check(code, !str_is(class, "ambiguous-reconcile-first") || !moves_on);
		check(code, !c->never_left || moves_on);
		check(code, str_is(field(row, 6), "yes") == moves_on);
	}
	arena_free(a);
}

static void important(void **state)
{
	static const struct {
		const char *carrier, *code;
		enum handling handling;
		bool alarm, never_left;
	} rows[] = {
		{ "twilio", "21610", HANDLING_OPTED_OUT, false, false },
		{ "twilio", "30004", HANDLING_OPTED_OUT, false, false },
		{ "telnyx", "40300", HANDLING_OPTED_OUT, false, false },
		{ "twilio", "30007", HANDLING_END, false, false },
		{ "telnyx", "40002", HANDLING_END, false, false },
		{ "telnyx", "40020", HANDLING_END, true, false },
		{ "twilio", "21211", HANDLING_END, false, false },
		{ "telnyx", "40310", HANDLING_END, false, false },
		{ "twilio", "21614", HANDLING_LANDLINE, false, false },
		{ "twilio", "30006", HANDLING_LANDLINE, false, false },
		{ "telnyx", "40001", HANDLING_LANDLINE, false, false },
		{ "twilio", "21612", HANDLING_OTHER_CARRIER, false, true },
		{ "twilio", "30034", HANDLING_OTHER_CARRIER, true, true },
		{ "telnyx", "40305", HANDLING_OTHER_CARRIER, true, true },
		{ "twilio", "20003", HANDLING_OTHER_CARRIER, true, true },
		{ "telnyx", "20100", HANDLING_OTHER_CARRIER, true, true },
		{ "twilio", "20429", HANDLING_BACK_OFF, false, true },
		{ "telnyx", "10011", HANDLING_BACK_OFF, false, true },
		{ "twilio", "30001", HANDLING_BACK_OFF, false, true },
		{ "twilio", "30036", HANDLING_OTHER_CARRIER, false, true },
		{ "twilio", "30500", HANDLING_OTHER_CARRIER, false, true },
		{ "telnyx", "40014", HANDLING_BACK_OFF, false, true },
		{ "twilio", "30410", HANDLING_ASK_CARRIER, false, false },
		{ "twilio", "20500", HANDLING_ASK_CARRIER, false, false },
		{ "telnyx", "10007", HANDLING_ASK_CARRIER, false, false },
		{ "twilio", "30003", HANDLING_END, false, false },
		{ "twilio", "30005", HANDLING_END, false, false },
		{ "twilio", "30008", HANDLING_END, false, false },
		{ "telnyx", "40008", HANDLING_END, false, false },
		{ "telnyx", "40333", HANDLING_END, true, false },
		{ "twilio", "call-busy", HANDLING_END, false, false },
		{ "twilio", "call-no-answer", HANDLING_END, false, false },
		{ "telnyx", "call-rejected", HANDLING_END, false, false },
		{ "telnyx", "call-not-found", HANDLING_END, false, false },
		{ "twilio", "call-failed", HANDLING_OTHER_CARRIER, false, true },
		{ "telnyx", "call-failed", HANDLING_OTHER_CARRIER, false, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct code *c = code_find(rows[i].carrier, str_of(rows[i].code));

		check(rows[i].code, c != NULL);
		check(rows[i].code, c->handling == rows[i].handling);
		check(rows[i].code, c->alarm == rows[i].alarm);
		check(rows[i].code, c->never_left == rows[i].never_left);
	}
}

static void unknown(void **state)
{
	static const struct {
		const char *name;
		int status;
		enum handling handling;
		bool alarm;
	} rows[] = {
		{ "a receipt", 0, HANDLING_END, false },
		{ "accepted", 201, HANDLING_NOTE, false },
		{ "redirected", 302, HANDLING_ASK_CARRIER, false },
		{ "bad request", 400, HANDLING_OTHER_CARRIER, false },
		{ "unauthorised", 401, HANDLING_OTHER_CARRIER, true },
		{ "forbidden", 403, HANDLING_OTHER_CARRIER, true },
		{ "gave up waiting", 408, HANDLING_ASK_CARRIER, false },
		{ "too many", 429, HANDLING_BACK_OFF, false },
		{ "last of the refusals", 499, HANDLING_OTHER_CARRIER, false },
		{ "fault", 500, HANDLING_ASK_CARRIER, false },
		{ "no such status", 999, HANDLING_ASK_CARRIER, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct code *c = code_or_default("twilio", STR("99999"), rows[i].status);

		check(rows[i].name, c->handling == rows[i].handling && c->alarm == rows[i].alarm);
		check(rows[i].name, !c->never_left);
		check(rows[i].name, str_ends(str_of(c->sentence), STR(".")));
	}
	check("no code", !code_find("twilio", STR("")));
	check("code of the other carrier", !code_find("telnyx", STR("21610")));
	check("no such carrier", !code_find("acme", STR("21610")));
	check("far too long", !code_find("twilio", STR("21610216102161021610216102161021610")));
	check("NUL inside", !code_find("twilio", STR("21610\0x")));
	check("a known code keeps its row",
	      code_or_default("twilio", STR("21610"), 500)->handling == HANDLING_OPTED_OUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row),
		cmocka_unit_test(classes),
		cmocka_unit_test(important),
		cmocka_unit_test(unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
