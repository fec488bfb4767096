/* test_limiter.c - how often a caller may ask, on a virtual clock. */
#include "testing.h"

#include "limiter.h"

#define ANA "Bearer mk_ana"
#define HERE "192.0.2.1"

static struct limiter_verdict ask(struct limiter *l, const char *authorization, const char *address,
				  int64_t now_ms)
{
	return limiter_take(l, str_of(authorization), str_of(address), now_ms);
}

/* Asks `num` times at once: how many were admitted. */
static unsigned admitted(struct limiter *l, const char *authorization, int64_t now_ms, unsigned num)
{
	unsigned n = 0;

	for (unsigned i = 0; i < num; i++)
		n += ask(l, authorization, HERE, now_ms).admitted;
	return n;
}

/* 10 s worth at once, then the rate, whatever the steps of the clock; never more than that. */
static void pace(void **state)
{
	static const int64_t steps[] = { 1, 7, 100, 999, 1000, 5000 };

	(void)state;
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct limiter *l = limiter_new(20);
		int64_t now = 1000000;
		unsigned n = 0;

		check("burst", admitted(l, ANA, now, 1000) == 200);
		for (int64_t end = now + 60000; now < end;) {
			now += steps[i];
			while (ask(l, ANA, HERE, now).admitted)
				n++;
		}
		check("rate", n >= 1200 && n <= 1220);
		check("silent for long", admitted(l, ANA, now + 3600000, 1000) == 200);
		check("the clock may stand, or step back", admitted(l, ANA, now, 10) == 0);
		limiter_free(l);
	}
}

static void what_is_told(void **state)
{
	struct limiter *l = limiter_new(1);
	struct limiter_verdict v = ask(l, "", HERE, 5);

	(void)state;
	check("one of ten", v.admitted && v.left == 9 && v.full_s == 1);
	for (int i = 0; i < 9; i++)
		v = ask(l, "", HERE, 5);
	check("the last", v.admitted && v.left == 0 && v.full_s == 10);
	v = ask(l, "", HERE, 5);
	check("none", !v.admitted && v.left == 0 && v.full_s == 10);
	v = ask(l, "", HERE, 1004);
	check("not yet", !v.admitted && v.full_s == 10);
	v = ask(l, "", HERE, 1005);
	check("one more", v.admitted && v.left == 0);
	limiter_free(l);
}

static void callers_are_apart(void **state)
{
	struct limiter *l = limiter_new(1);

	(void)state;
	check("Ana", admitted(l, ANA, 1, 50) == 10);
	check("Ben, from the same address", admitted(l, "Bearer mk_ben", 1, 50) == 10);
	check("the address itself paid for both", ask(l, "", HERE, 1).left == 7);
	limiter_free(l);
}

/* Ever new ones from one address: one caller's worth of them. */
static void made_up(void **state)
{
	struct limiter *l = limiter_new(1);
	char key[40];
	unsigned n = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		snprintf(key, sizeof(key), "Bearer %d", i);
		n += ask(l, key, HERE, 1).admitted;
	}
	check("from one address", n == 10);
	limiter_free(l);
}

/* The table overflows with others: who has used theirs up gets nothing from that. */
static void not_washed_out(void **state)
{
	struct limiter *l = limiter_new(1);
	char address[40];

	(void)state;
	check("Ana", admitted(l, ANA, 1, 50) == 10);
	for (int i = 0; i < 20 * LIMITER_CALLERS; i++) {
		snprintf(address, sizeof(address), "2001:db8::%x", (unsigned)i);
		check("a new one may", ask(l, "", address, 1).admitted);
	}
	check("Ana has none", admitted(l, ANA, 1, 50) == 0);
	limiter_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pace),
		cmocka_unit_test(what_is_told),
		cmocka_unit_test(callers_are_apart),
		cmocka_unit_test(made_up),
		cmocka_unit_test(not_washed_out),
	};

	return cmocka_run_group_tests_name("limiter", tests, NULL, NULL);
}
