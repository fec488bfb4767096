/* test_csv.c - the cells of a CSV file: quoted where they have to be, and never a formula. */
#include "testing.h"

#include "csv.h"

static const struct {
	const char *name, *cell, *written;
} cells[] = {
	{ "nothing", "", "" },
	{ "a word", "Ana", "Ana" },
	{ "spaces stay", " Ana  Li ", " Ana  Li " },
	{ "other letters", "Zo\xc3\xab", "Zo\xc3\xab" },
	{ "a comma", "Li, Ana", "\"Li, Ana\"" },
	{ "quotes", "Ana \"A\" Li", "\"Ana \"\"A\"\" Li\"" },
	{ "nothing but quotes", "\"\"", "\"\"\"\"\"\"" },
	{ "a line end", "a\nb", "\"a\nb\"" },
	{ "another", "a\r\nb", "\"a\r\nb\"" },
	{ "a formula", "=1+1", "'=1+1" },
	{ "a formula with quotes", "=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"" },
	{ "a sum", "+1", "'+1" },
	{ "a number below nothing", "-1", "'-1" },
	{ "a function", "@SUM(A1)", "'@SUM(A1)" },
	{ "behind a tab", "\t=1", "'\t=1" },
	{ "behind a return", "\r=1", "\"'\r=1\"" },
	{ "behind a line end", "\n=1", "\"'\n=1\"" },
	{ "not at its beginning", "1=1", "1=1" },
	{ "an apostrophe", "'=1", "'=1" },
};

static void writing(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(cells); i++) {
		struct buf b = buf_new(a, 100);

		csv_put(&b, str_of(cells[i].cell));
		check_str(cells[i].name, buf_str(&b), str_of(cells[i].written));
	}
	arena_free(a);
}

static void lines(void **state)
{
	struct arena *a = arena_new();
	struct buf b = buf_new(a, 100);

	(void)state;
	csv_put_end(&b);
	check_str("as RFC 4180 has them", buf_str(&b), STR("\r\n"));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writing),
		cmocka_unit_test(lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
