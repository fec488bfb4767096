/* test_zone.c - area_zones.tsv: all of it is found; other numbers have no zone. */
#include "testing.h"

#include "zone.h"

static const struct {
	const char *phone, *zones;
} rows[] = {
	{ "+12125550001", "America/New_York" },
	{ "+13125550001", "America/Chicago" },
	{ "+13035550001", "America/Denver" },
	{ "+12135550001", "America/Los_Angeles" },
	{ "+18085550001", "Pacific/Honolulu" },
	{ "+14165550001", "America/Toronto" },
	{ "+13065550001", "America/Regina" },
	/* no daylight saving time, but for the Navajo nation */
	{ "+16025550001", "America/Phoenix" },
	{ "+19285550001", "America/Phoenix America/Denver" },
	/* two zones */
	{ "+18505550001", "America/Chicago America/New_York" },
	{ "+17015550001", "America/Chicago America/Denver" },
	{ "+12085550001", "America/Boise America/Los_Angeles" },
	/* none: toll-free, no such code, other countries, no number */
	{ "+18005550001", "" },
	{ "+18885550001", "" },
	{ "+19995550001", "" },
	{ "+10005550001", "" },
	{ "+442079460001", "" },
	{ "+121255500012", "" },
	{ "+1212555001", "" },
	{ "12125550001", "" },
	{ "+1", "" },
	{ "+1a125550001", "" },
	{ "", "" },
};

static void numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str(rows[i].phone, phone_zones(str_of(rows[i].phone)), str_of(rows[i].zones));
}

static void every_row(void **state)
{
	struct arena *a = arena_new();
	struct str file = read_file(a, "providers/area_zones.tsv");
	int num = 0;

	(void)state;
	str_cut(&file, '\n');
	for (; file.len; num++) {
		struct str row = str_cut(&file, '\n'), area = str_cut(&row, '\t');
		struct str phone = arena_printf(a, "+1" STR_FMT "5550001", STR_ARG(area));

		check_str(phone.p, phone_zones(phone), row);
	}
	check("all", num == 441);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(every_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
