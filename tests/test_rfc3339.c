/* test_rfc3339.c - times, with fractions and offsets, and what is none. */
#include "rfc3339.h"
#include "testing.h"

static void times(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		long long ms;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", true, 0 },
		{ "2026-02-02T02:50:02.148+00:00", true, 1770000602148 },
		{ "2026-02-02T02:50:02.1Z", true, 1770000602100 },
		{ "2026-02-02T02:50:02.148999Z", true, 1770000602148 },
		{ "2026-02-02T04:50:02+02:00", true, 1770000602000 },
		{ "2026-02-01T21:20:02-05:30", true, 1770000602000 },
		{ "2026-02-02t02:50:02z", true, 1770000602000 },
		{ "2024-02-29T00:00:00Z", true, 1709164800000 },
		{ "", false, 0 },
		{ "2026-02-02", false, 0 },
		{ "2026-02-02T02:50:02", false, 0 },
		{ "2026-02-02T02:50Z", false, 0 },
		{ "2026-13-02T02:50:02Z", false, 0 },
		{ "2026-02-29T00:00:00Z", false, 0 },
		{ "2100-02-29T00:00:00Z", false, 0 },
		{ "2026-04-31T00:00:00Z", false, 0 },
		{ "2026-02-00T00:00:00Z", false, 0 },
		{ "2026-02-02T24:50:02Z", false, 0 },
		{ "2026-02-02T02:50:02+24:00", false, 0 },
		{ "2026-02-02T02:50:02+02:60", false, 0 },
		{ "2026-02-02T02:50:02Zx", false, 0 },
		{ "2026-02-02T02:50:02+02:00x", false, 0 },
		{ "2026-02-02T02:50:02+0200", false, 0 },
		{ "+026-02-02T02:50:02Z", false, 0 },
		{ "tomorrow", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t ms = 0;

		check(rows[i].text, rfc3339_parse(str_of(rows[i].text), &ms) == rows[i].ok);
		check(rows[i].text, !rows[i].ok || ms == rows[i].ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(times) };

	return cmocka_run_group_tests_name("rfc3339", tests, NULL, NULL);
}
