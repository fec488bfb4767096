/* test_sql_reminders.c - when a guest is reminded of a booking, also when the clocks change. */
#include "testing.h"

#include "pg.h"

#define BOTH "{1d,3h}"

/* clang-format off */
static const struct {
	const char *name, *zone, *reminders, *starts, *now;
	const char *next; /* NULL: none */
} rows[] = {
	{ "a day before", "America/New_York", BOTH, "2026-07-12 19:00-04", "2026-07-01 00:00Z",
	  "2026-07-11 19:00-04" },
	{ "then three hours before", "America/New_York", BOTH, "2026-07-12 19:00-04",
	  "2026-07-11 19:00-04", "2026-07-12 16:00-04" },
	{ "then no more", "America/New_York", BOTH, "2026-07-12 19:00-04", "2026-07-12 16:00-04",
	  NULL },
	{ "booked too late for the first", "America/New_York", BOTH, "2026-07-12 19:00-04",
	  "2026-07-12 09:00-04", "2026-07-12 16:00-04" },
	{ "booked at the last moment", "America/New_York", BOTH, "2026-07-12 19:00-04",
	  "2026-07-12 18:00-04", NULL },
	{ "in the past", "America/New_York", BOTH, "2026-07-12 19:00-04", "2026-07-13 19:00-04",
	  NULL },
	/* a day is one of the venue's clock: 23 hours, or 25 */
	{ "the night that loses an hour", "America/New_York", BOTH, "2026-03-08 19:00-04",
	  "2026-03-01 00:00Z", "2026-03-07 19:00-05" },
	{ "the night that gains one", "America/New_York", BOTH, "2026-11-01 19:00-05",
	  "2026-10-25 00:00Z", "2026-10-31 19:00-04" },
	{ "hours are hours", "America/New_York", "{3h}", "2026-03-08 04:00-04", "2026-03-01 00:00Z",
	  "2026-03-08 00:00-05" },
	{ "at an hour that was not there the day before", "America/New_York", "{1d}",
	  "2026-03-09 02:30-04", "2026-03-01 00:00Z", "2026-03-08 03:30-04" },
	{ "at an hour that was there twice the day before", "America/New_York", "{1d}",
	  "2026-11-02 01:30-05", "2026-10-25 00:00Z", "2026-11-01 01:30-05" },
	/* zones */
	{ "Los Angeles", "America/Los_Angeles", BOTH, "2026-03-08 19:00-07", "2026-03-01 00:00Z",
	  "2026-03-07 19:00-08" },
	{ "Phoenix changes no clocks", "America/Phoenix", BOTH, "2026-03-08 19:00-07",
	  "2026-03-01 00:00Z", "2026-03-07 19:00-07" },
	{ "Paris, on another day", "Europe/Paris", BOTH, "2026-03-29 19:00+02", "2026-03-01 00:00Z",
	  "2026-03-28 19:00+01" },
	{ "St. John's, half an hour apart", "America/St_Johns", BOTH, "2026-07-12 19:00-02:30",
	  "2026-07-01 00:00Z", "2026-07-11 19:00-02:30" },
	{ "Lord Howe, whose clocks change by half an hour", "Australia/Lord_Howe", BOTH,
	  "2026-10-04 19:00+11", "2026-10-01 00:00Z", "2026-10-03 19:00+10:30" },
	/* schedules */
	{ "a week before", "UTC", "{7d,1d}", "2026-07-12 19:00Z", "2026-07-01 00:00Z",
	  "2026-07-05 19:00Z" },
	{ "in any order", "UTC", "{1h,12h,2d}", "2026-07-12 19:00Z", "2026-07-11 00:00Z",
	  "2026-07-12 07:00Z" },
	{ "never", "UTC", "{}", "2026-07-12 19:00Z", "2026-07-01 00:00Z", NULL },
};
/* clang-format on */

static struct arena *arena;

static int each(void **state)
{
	(void)state;
	arena = arena_new();
	pg_empty();
	pg_venue("acc_a", "+12125550100", "+12125550101");
	return 0;
}

static int after_each(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void reminders(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		pg_run(pg_text(arena, "UPDATE accounts SET zone = '%s', reminders = '%s'",
			       rows[i].zone, rows[i].reminders));
		struct str next = pg_value(
			arena,
			pg_text(arena,
				"SELECT coalesce(rfc3339(next_reminder('acc_a', '%s', '%s')), '')",
				rows[i].starts, rows[i].now));
		struct str want = STR("");

		if (rows[i].next)
			want = pg_value(arena,
					pg_text(arena, "SELECT rfc3339('%s')", rows[i].next));
		check_str(rows[i].name, next, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reminders, each, after_each),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
