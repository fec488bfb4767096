/* test_budget.c - connections of each worker: what a plan allows, split, or a problem. */
#include "testing.h"

#include "budget.h"
#include "db.h"

static void shares(void **state)
{
	static const struct {
		const char *name;
		long allowed, processes, workers;
		bool pooled;
		unsigned share;
		const char *problem; /* a part of it; NULL: none */
	} rows[] = {
		{ "nothing is said", 0, 2, 1, false, DB_CONNECTIONS_MAX, NULL },
		{ "nothing is said, many", 0, 100, 64, false, DB_CONNECTIONS_MAX, NULL },
		{ "Essential-0, web and worker, deploying", 20, 4, 1, false, 4, NULL },
		{ "the same of two threads", 20, 4, 2, false, 0,
		  "need 3 each, and 2 are for operators: 26" },
		{ "just enough", 26, 4, 2, false, 3, NULL },
		{ "Standard-0", 120, 6, 2, false, DB_CONNECTIONS_MAX, NULL },
		{ "one that is alone", 9, 1, 1, false, 7, NULL },
		{ "a pooler: one each is direct", 10, 4, 2, true, DB_CONNECTIONS_MAX, NULL },
		{ "a pooler, too few", 9, 4, 2, true, 0,
		  "need 1 each, and 2 are for operators: 10" },
		{ "less than operators have", 1, 1, 1, false, 0, "is too low: 1 workers" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf problems = buf_new(a, 1000);
		const struct config c = { .database_connections = rows[i].allowed,
					  .processes = rows[i].processes,
					  .workers = rows[i].workers,
					  .database_direct_url = rows[i].pooled ? STR("host=x") :
										  STR("") };
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
