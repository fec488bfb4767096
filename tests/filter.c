/*
 * filter.c - linked into every cmocka test: `make test T=test_json:*depth*` sets TEST_FILTER, and
 * only the tests that match it run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

__attribute__((constructor)) static void filter_from_environment(void)
{
	const char *pattern = getenv("TEST_FILTER");
	if (pattern && *pattern)
		cmocka_set_test_filter(pattern);
}
