/* test_budget.c - connections of each worker: what a plan allows, split, or a problem. */
#include "testing.h"

#include "budget.h"
#include "db.h"

static void shares(void **state)
{
	static const struct {
		const char *name;
		long allowed, processes, workers;
		unsigned share;
		const char *problem; /* a part of it; NULL: none */
	} rows[] = {
		{ "nothing is said", 0, 2, 1, DB_CONNECTIONS_MAX, NULL },
		{ "nothing is said, many", 0, 100, 64, DB_CONNECTIONS_MAX, NULL },
		{ "Essential-0, web and worker, deploying", 20, 4, 1, 4, NULL },
		{ "the same of two threads", 20, 4, 2, 0,
		  "need 3 each, and 2 are for operators: 26" },
		{ "just enough", 26, 4, 2, 3, NULL },
		{ "Standard-0", 120, 6, 2, DB_CONNECTIONS_MAX, NULL },
		{ "one that is alone", 9, 1, 1, 7, NULL },
		{ "less than operators have", 1, 1, 1, 0, "is too low: 1 workers" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf problems = buf_new(a, 1000);
		const struct config c = { .database_connections = rows[i].allowed,
					  .processes = rows[i].processes,
					  .workers = rows[i].workers };
		unsigned share = budget_share(&c, &problems);
		const char *said = arena_cstr(a, buf_str(&problems));

		check(rows[i].name, rows[i].problem || share == rows[i].share);
		check(rows[i].name,
		      rows[i].problem ? strstr(said, rows[i].problem) != NULL : !*said);
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(shares) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
