/* test_status.c - statuses: their order, and that each name reads back. */
#include "testing.h"

#include "status.h"

static void order(void **state)
{
	static const struct {
		const char *name;
		enum delivery_status lower, higher;
	} rows[] = {
		{ "queued, sending", DELIVERY_QUEUED, DELIVERY_SENDING },
		{ "sending, sent", DELIVERY_SENDING, DELIVERY_SENT },
		{ "sent, unconfirmed", DELIVERY_SENT, DELIVERY_UNCONFIRMED },
		{ "unconfirmed, failed", DELIVERY_UNCONFIRMED, DELIVERY_FAILED },
		{ "unconfirmed, undelivered", DELIVERY_UNCONFIRMED, DELIVERY_UNDELIVERED },
		{ "failed, delivered", DELIVERY_FAILED, DELIVERY_DELIVERED },
		{ "undelivered, delivered", DELIVERY_UNDELIVERED, DELIVERY_DELIVERED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(rows[i].name, delivery_rank(rows[i].lower) < delivery_rank(rows[i].higher));
	check("the first failure stays",
	      delivery_rank(DELIVERY_FAILED) == delivery_rank(DELIVERY_UNDELIVERED));
}

static void names(void **state)
{
	enum delivery_status s;

	(void)state;
	for (int i = DELIVERY_QUEUED; i <= DELIVERY_DELIVERED; i++) {
		const char *name = delivery_name((enum delivery_status)i);

		check(name, delivery_from_name(str_of(name), &s) && (int)s == i);
		check(name, delivery_is_final((enum delivery_status)i) == (i > DELIVERY_SENT));
	}
	check("unknown name", !delivery_from_name(STR("gone"), &s));
	check("empty name", !delivery_from_name(STR(""), &s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
