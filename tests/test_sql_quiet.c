/* test_sql_quiet.c - quiet hours, in the venue's zone and the guest's. */
#include "testing.h"

#include "pg.h"

static struct arena *arena;

static int each(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int after_each(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* Between 21:00 and 08:00; New York leaves daylight saving time on 2026-11-01, 02:00. */
static const struct {
	const char *name, *at, *zones, *until; /* NULL: it is not quiet */
} nights[] = {
	{ "in the evening", "2026-07-12 20:59-04", "America/New_York", NULL },
	{ "from then", "2026-07-12 21:00-04", "America/New_York", "2026-07-13 08:00-04" },
	{ "after midnight", "2026-07-13 00:30-04", "America/New_York", "2026-07-13 08:00-04" },
	{ "to the minute", "2026-07-13 07:59-04", "America/New_York", "2026-07-13 08:00-04" },
	{ "until then", "2026-07-13 08:00-04", "America/New_York", NULL },
	{ "the night that is an hour longer", "2026-10-31 22:00-04", "America/New_York",
	  "2026-11-01 08:00-05" },
	{ "the hour that comes twice", "2026-11-01 01:30-04", "America/New_York",
	  "2026-11-01 08:00-05" },
	{ "the night that is an hour shorter", "2026-03-07 22:00-05", "America/New_York",
	  "2026-03-08 08:00-04" },
	{ "no daylight saving time", "2026-07-12 21:00-07", "America/Phoenix",
	  "2026-07-13 08:00-07" },
	/* the venue in New York, the guest elsewhere: the stricter */
	{ "the guest sleeps longer", "2026-07-13 08:00-04", "America/New_York America/Los_Angeles",
	  "2026-07-13 11:00-04" },
	{ "the venue sleeps first", "2026-07-12 21:00-04", "America/New_York America/Los_Angeles",
	  "2026-07-13 11:00-04" },
	{ "whichever is named first", "2026-07-12 21:00-04", "America/Los_Angeles America/New_York",
	  "2026-07-13 11:00-04" },
	{ "both are awake", "2026-07-12 13:00-04", "America/New_York America/Los_Angeles", NULL },
	{ "a code with two zones", "2026-07-13 07:30-05",
	  "America/Chicago America/Chicago America/Denver", "2026-07-13 08:00-06" },
	{ "far away", "2026-07-12 12:00-04", "America/New_York Pacific/Guam",
	  "2026-07-12 18:00-04" },
	/* what is not known */
	{ "no zone of the guest", "2026-07-12 21:00-04", "America/New_York ",
	  "2026-07-13 08:00-04" },
	{ "no such zone", "2026-07-12 21:00-04", "Mars/Base America/New_York",
	  "2026-07-13 08:00-04" },
	{ "nothing", "2026-07-12 21:00-04", "", NULL },
};

static struct str quiet(const char *at, const char *zones, const char *starts, const char *ends)
{
	return pg_value(arena, pg_text(arena,
				       "SELECT coalesce(rfc3339(quiet_until('%s', '%s', '%s', "
				       "'%s')), '')",
				       at, zones, starts, ends));
}

static void quiet_hours(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(nights); i++) {
		struct str want = STR("");

		if (nights[i].until)
			want = pg_value(arena,
					pg_text(arena, "SELECT rfc3339('%s')", nights[i].until));
		check_str(nights[i].name, quiet(nights[i].at, nights[i].zones, "21:00", "08:00"),
			  want);
	}
	check_str("by day", quiet("2026-07-12 12:00Z", "UTC", "11:30", "14:00"),
		  STR("2026-07-12T14:00:00.000Z"));
	check_str("by day, over", quiet("2026-07-12 14:00Z", "UTC", "11:30", "14:00"), STR(""));
	check_str("never", quiet("2026-07-12 12:00Z", "UTC", "12:00", "12:00"), STR(""));
	check_str("until an hour that does not exist",
		  quiet("2026-03-08 01:00-05", "America/New_York", "21:00", "02:30"),
		  STR("2026-03-08T07:30:00.000Z"));
	check("reminders keep them, a table that is ready does not",
	      pg_number("SELECT count(*) FROM unnest('{reminder,confirmation,table_ready,message,"
			"help}'::text[]) k WHERE keeps_quiet(k)") == 2);
}

/* PostgreSQL knows every zone of the area codes. */
static void zones(void **state)
{
	struct str file = read_file(arena, "providers/area_zones.tsv");

	(void)state;
	str_cut(&file, '\n');
	while (file.len) {
		struct str row = str_cut(&file, '\n'), area = str_cut(&row, '\t');

		while (row.len) {
			struct str zone = str_cut(&row, ' ');

			check(arena_cstr(arena, area),
			      pg_number(pg_text(arena,
						"SELECT count(now() AT TIME ZONE '" STR_FMT "')",
						STR_ARG(zone))) == 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(quiet_hours, each, after_each),
		cmocka_unit_test_setup_teardown(zones, each, after_each),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
