/* test_breaker.c - when a carrier is out, for how long, and how it comes back. */
#include "testing.h"

#include "breaker.h"

static const char *why;

/* Outcomes by a letter, 0.1 s apart: + ok, - failed, s slow, t throttled, u not tried. */
static enum breaker_change note_all(struct breaker *b, const char *outcomes, int64_t *now_ms)
{
	enum breaker_change last = BREAKER_SAME;

	for (; *outcomes; outcomes++) {
		enum breaker_outcome o = *outcomes == '+' ? BREAKER_OK :
					 *outcomes == 's' ? BREAKER_SLOW :
					 *outcomes == 't' ? BREAKER_THROTTLED :
					 *outcomes == 'u' ? BREAKER_UNTRIED :
							    BREAKER_FAILED;

		last = breaker_note(b, o, *now_ms += 100, 0, &why);
	}
	return last;
}

static const struct {
	const char *name, *outcomes;
	bool open;
} rows[] = {
	{ "nothing happened", "", false },
	{ "all well", "++++++++++", false },
	{ "four in a row", "----", false },
	{ "five in a row", "-----", true },
	{ "five in a row after many that were well", "++++++++++++++++++++++++++++++-----", true },
	{ "slow ones count", "sssss", true },
	{ "mixed", "-s-s-", true },
	{ "a success opens nothing", "----+", false },
	{ "but the next failure does", "----+-", true },
	{ "four of five succeed", "++++-++++-++++-", false },
	{ "three of four succeed", "+++-+++-+++-", true },
	{ "too few to say", "-+-+", false },
	{ "throttled for long", "tttttttttttttttt", false },
	{ "held back by others of ours", "uuuuuuuuuu", false },
	{ "... that says nothing of those that were tried", "--u--", false },
	{ "... and five failures are five", "--uu---", true },
	{ "throttled in between", "--tt--tt-", true },
};

static void opening(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct breaker b = { 0 };
		int64_t now = 1000000;

		note_all(&b, rows[i].outcomes, &now);
		check(rows[i].name, b.open == rows[i].open);
	}
}

/* What is long ago says nothing. */
static void window(void **state)
{
	struct breaker b = { 0 };
	int64_t now = 1000000;

	(void)state;
	note_all(&b, "++++++-", &now);
	now += 40000;
	note_all(&b, "++++-", &now);
	check("four of five, and another one forgotten", !b.open);
}

/* 5 s, 10 s, 20 s ... 300 s, the half of each at random; only a try after that time counts. */
static void longer_each_time(void **state)
{
	struct breaker b = { 0 };
	int64_t now = 1000000, most = 5000;

	(void)state;
	note_all(&b, "-----", &now);
	for (int i = 0; i < 10; i++) {
		check("at least half of it", b.open_until_ms - now == most / 2);
		check("an old request's end changes nothing",
		      breaker_note(&b, BREAKER_FAILED, now + 1, 7, &why) == BREAKER_SAME);
		now = b.open_until_ms;
		b.probe = true;
		check("tried and failed",
		      breaker_note(&b, BREAKER_FAILED, now, 0, &why) == BREAKER_OPENED && !b.probe);
		most = most * 2 > 300000 ? 300000 : most * 2;
	}
	breaker_note(&b, BREAKER_FAILED, b.open_until_ms, 4000000000U, &why);
	check("at most all of it", b.open_until_ms - now <= 600000);
	check("tried and well",
	      breaker_note(&b, BREAKER_OK, b.open_until_ms, 0, &why) == BREAKER_CLOSED);
	check("as new", !b.open && !b.times && b.shift == 80);
}

/* A carrier that is not quite well loses a part of its share, and gets it back by steps. */
static void shifting(void **state)
{
	struct breaker b = { 0 };
	int64_t now = 1000000;
	unsigned steps = 0;

	(void)state;
	check("a failure among many", note_all(&b, "++++++++++-", &now) == BREAKER_SHIFTED);
	check("a step", b.shift == 20);
	check("one step at a time", note_all(&b, "t", &now) == BREAKER_SAME && b.shift == 20);
	for (int i = 0; i < 10; i++) {
		now += 2000;
		note_all(&b, "t", &now);
	}
	check("never all of it", b.shift == 80);
	for (; b.shift && steps < 100; steps++) {
		now += 10000;
		check("back", breaker_tick(&b, now, 100, &why) == BREAKER_SHIFTED);
		check("not sooner", breaker_tick(&b, now + 9999, 100, &why) == BREAKER_SAME);
	}
	check("by steps", steps == 8);
}

/* 429: fewer at a time; more again, second by second, up to where no limit is needed. */
static void limiting(void **state)
{
	struct breaker b = { .in_flight = 19 };
	int64_t now = 1000000;
	unsigned before = 14;

	(void)state;
	note_all(&b, "ttt", &now);
	check("three tenths fewer, once", b.limit == 14);
	for (int i = 0; b.limit && i < 100; i++) {
		breaker_tick(&b, now += 1000, 100, &why);
		check("more", b.limit > before || !b.limit);
		before = b.limit;
	}
	check("no limit any more", !b.limit);
	b.in_flight = 0;
	for (int i = 0; i < 5; i++) {
		now += 1000;
		note_all(&b, "t", &now);
	}
	check("always one", b.limit == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opening),	    cmocka_unit_test(window),
		cmocka_unit_test(longer_each_time), cmocka_unit_test(shifting),
		cmocka_unit_test(limiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
