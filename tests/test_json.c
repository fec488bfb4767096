/* test_json.c - JSON: what the reader refuses, what it keeps, and that the writer reads back. */
#include "testing.h"

#include "json.h"

static void refusals(void **state)
{
	static const struct {
		const char *name;
		struct str text;
		bool ok;
	} rows[] = {
		{ "object", STR("{\"a\":1}"), true },
		{ "scalar", STR(" true "), true },
		{ "white space", STR("\t\r\n {} \n"), true },
		{ "empty", STR(""), false },
		{ "only white space", STR("  "), false },
		{ "cut off", STR("{\"a\":"), false },
		{ "cut off in a literal", STR("tru"), false },
		{ "trailing bytes", STR("{} x"), false },
		{ "two values", STR("{}{}"), false },
		{ "trailing comma", STR("[1,]"), false },
		{ "comment", STR("[1/*x*/]"), false },
		{ "single quotes", STR("{'a':1}"), false },
		{ "leading zero", STR("01"), false },
		{ "NaN", STR("NaN"), false },
		{ "raw NUL", STR("\"a\0b\""), false },
		{ "raw newline in a string", STR("\"a\nb\""), false },
		{ "escaped NUL", STR("\"a\\u0000b\""), false },
		{ "escaped backslash, then u0000", STR("\"a\\\\u0000b\""), true },
		{ "NUL in a key", STR("{\"a\\u0000\":1}"), false },
		{ "surrogate pair", STR("\"\\ud83c\\udf89\""), true },
		{ "high half alone", STR("\"\\ud83c\""), false },
		{ "high half and a letter", STR("\"\\ud83cx\""), false },
		{ "high half twice", STR("\"\\ud83c\\ud83c\""), false },
		{ "low half alone", STR("\"\\udf89\""), false },
		{ "invalid UTF-8", STR("\"\xff\""), false },
		{ "overlong UTF-8", STR("\"\xc0\xaf\""), false },
		{ "UTF-8 surrogate", STR("\"\xed\xa0\x80\""), false },
		{ "duplicate key", STR("{\"a\":1,\"b\":2,\"a\":3}"), false },
		{ "duplicate by escape", STR("{\"a\":1,\"\\u0061\":3}"), false },
		{ "same key, other objects", STR("[{\"a\":1},{\"a\":1}]"), true },
		{ "bad escape", STR("\"\\u12g4\""), false },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *why;
		const struct json *j = json_parse(a, rows[i].text, &why);

		check(rows[i].name, (j != NULL) == rows[i].ok);
		check(rows[i].name, (why == NULL) == rows[i].ok);
	}
	arena_free(a);
}

static void depth(void **state)
{
	struct arena *a = arena_new();
	char text[200];
	const char *why;

	(void)state;
	for (int levels = 31; levels <= 33; levels++) {
		memset(text, '[', (size_t)levels);
		memset(text + levels, ']', (size_t)levels);
		bool ok = json_parse(a, (struct str){ text, (size_t)levels * 2 }, &why) != NULL;

		check(levels == 33 ? "33 levels" : "32 levels", ok == (levels <= JSON_MAX_DEPTH));
	}
	check_str("reason", str_of(why), STR("more than 32 levels"));
	arena_free(a);
}

static void lookups(void **state)
{
	static const char text[] =
		"{\"data\":{\"payload\":{\"id\":\"x\",\"to\":[{\"n\":1},{\"n\":2}],"
		"\"cost\":null,\"big\":1e3,\"yes\":true}}}";
	struct arena *a = arena_new();
	const struct json *j = json_parse(a, str_of(text), NULL);
	const struct json *payload = json_path(j, "data", "payload", NULL);
	int64_t n;

	(void)state;
	check_str("string", json_str(payload, "id"), STR("x"));
	check("members", payload->num == 5);
	check("second", json_int(json_get(json_at(json_get(payload, "to"), 1), "n"), &n) && n == 2);
	check("past the end", !json_at(json_get(payload, "to"), 2));
	check("null is not a string", json_str(payload, "cost").p == NULL);
	check("bool", json_get(payload, "yes")->boolean);
	check("1e3 is not whole", !json_int(json_get(payload, "big"), &n));
	check_str("but kept as written", json_get(payload, "big")->text, STR("1e3"));
	check("path through a string", !json_path(j, "data", "payload", "id", "x", NULL));
	check("path of nothing", !json_path(NULL, "a", NULL));
	check("get from an array", !json_get(json_get(payload, "to"), "n"));
	check("at of an object", !json_at(payload, 0));
	arena_free(a);
}

static void whole_numbers(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t n;
	} rows[] = {
		{ "0", true, 0 },
		{ "-0", true, 0 },
		{ "21610", true, 21610 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 },
		{ "-9223372036854775809", false, 0 },
		{ "1.0", false, 0 },
		{ "\"1\"", false, 0 },
		{ "null", false, 0 },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t n = 0;

		check(rows[i].text,
		      json_int(json_parse(a, str_of(rows[i].text), NULL), &n) == rows[i].ok);
		check(rows[i].text, n == rows[i].n);
	}
	arena_free(a);
}

static void writing(void **state)
{
	struct arena *a = arena_new();
	struct buf b = buf_new(a, 4096);

	(void)state;
	json_open(&b, NULL, '{');
	json_put_str(&b, "s", STR("a\"b\\c\n\x01\x7f\xc3\xa9\0]"));
	json_put_int(&b, "i", INT64_MIN);
	json_open(&b, "list", '[');
	json_put_bool(&b, NULL, true);
	json_put_null(&b, NULL);
	json_open(&b, NULL, '{');
	json_close(&b, '}');
	json_put_raw(&b, NULL, STR("[1]"));
	json_put_str(&b, NULL, STR(""));
	json_close(&b, ']');
	json_open(&b, "empty", '[');
	json_close(&b, ']');
	json_put_bool(&b, "last", false);
	json_close(&b, '}');
	check_str("all kinds", buf_str(&b),
		  STR("{\"s\":\"a\\\"b\\\\c\\n\\u0001\x7f\xc3\xa9\\u0000]\","
		      "\"i\":-9223372036854775808,"
		      "\"list\":[true,null,{},[1],\"\"],\"empty\":[],\"last\":false}"));
	arena_free(a);
}

static void broken_text(void **state)
{
	static const struct {
		const char *name;
		struct str in, out;
	} rows[] = {
		{ "latin 1", STR("caf\xe9!"), STR("\"caf\xef\xbf\xbd!\"") },
		{ "cut off", STR("x\xf0\x9f"), STR("\"x\xef\xbf\xbd\xef\xbf\xbd\"") },
		{ "surrogate", STR("\xed\xa0\x80"),
		  STR("\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"") },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b = buf_new(a, 100);

		json_put_str(&b, NULL, rows[i].in);
		check_str(rows[i].name, buf_str(&b), rows[i].out);
		check(rows[i].name, json_parse(a, buf_str(&b), NULL));
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals), cmocka_unit_test(depth),
		cmocka_unit_test(lookups),  cmocka_unit_test(whole_numbers),
		cmocka_unit_test(writing),  cmocka_unit_test(broken_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
