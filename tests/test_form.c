/* test_form.c - forms: decoded once, bounded, and written back. */
#include "testing.h"

#include "form.h"

static void reading(void **state)
{
	static const struct {
		const char *name, *body;
		bool ok;
		size_t num;
		struct str first_name, first_value;
	} rows[] = {
		{ "empty body", "", true, 0, STR(""), STR("") },
		{ "one", "a=1", true, 1, STR("a"), STR("1") },
		{ "plus is a space", "Body=a+b", true, 1, STR("Body"), STR("a b") },
		{ "%2B is a plus", "Body=a%2Bb", true, 1, STR("Body"), STR("a+b") },
		{ "decoded once", "Body=%252B", true, 1, STR("Body"), STR("%2B") },
		{ "lower-case hex", "b=%c3%a9", true, 1, STR("b"), STR("\xc3\xa9") },
		{ "name is decoded", "a%5B%5D=1", true, 1, STR("a[]"), STR("1") },
		{ "no equals sign", "Empty", true, 1, STR("Empty"), STR("") },
		{ "empty name", "=x", true, 1, STR(""), STR("x") },
		{ "equals in the value", "a=b=c", true, 1, STR("a"), STR("b=c") },
		{ "empty fields are skipped", "&&a=1&&", true, 1, STR("a"), STR("1") },
		{ "NUL stays", "a=%00", true, 1, STR("a"), STR("\0") },
		{ "escape cut off", "a=%4", false, 0, STR(""), STR("") },
		{ "escape at the end", "a=%", false, 0, STR(""), STR("") },
		{ "not hexadecimal", "a=%zz", false, 0, STR(""), STR("") },
		{ "broken name", "%f=1", false, 0, STR(""), STR("") },
		{ "four fields", "a=1&b=2&c=3&d=4", true, 4, STR("a"), STR("1") },
		{ "five fields", "a=1&b=2&c=3&d=4&e=5", false, 0, STR(""), STR("") },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct form f;

		check(rows[i].name, form_parse(a, str_of(rows[i].body), 4, &f) == rows[i].ok);
		if (!rows[i].ok)
			continue;
		check(rows[i].name, f.num == rows[i].num);
		if (!f.num)
			continue;
		check_str(rows[i].name, f.fields[0].name, rows[i].first_name);
		check_str(rows[i].name, f.fields[0].value, rows[i].first_value);
	}
	arena_free(a);
}

static void looking_up(void **state)
{
	struct arena *a = arena_new();
	struct form f;

	(void)state;
	check("parses", form_parse(a, STR("a=1&b=&a=2"), 8, &f));
	check_str("first of two", form_get(&f, "a"), STR("1"));
	check("empty is there", form_get(&f, "b").p != NULL);
	check("none is not", form_get(&f, "c").p == NULL);
	arena_free(a);
}

static void writing(void **state)
{
	struct arena *a = arena_new();
	struct buf b = buf_new(a, 1000);
	struct form f;

	(void)state;
	form_put(&b, "To", STR("+12125550001"));
	form_put(&b, "Body", STR("a b&c=d%\xc3\xa9~-._"));
	form_put(&b, "Empty", STR(""));
	check_str("encoded", buf_str(&b),
		  STR("To=%2B12125550001&Body=a%20b%26c%3Dd%25%C3%A9~-._&Empty="));
	check("reads back", form_parse(a, buf_str(&b), 3, &f));
	check_str("reads back", form_get(&f, "Body"), STR("a b&c=d%\xc3\xa9~-._"));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading),
		cmocka_unit_test(looking_up),
		cmocka_unit_test(writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
