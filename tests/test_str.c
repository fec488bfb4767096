/* test_str.c - strings, buffers and arenas: cutting, numbers, UTF-8 and what happens when full. */
#include "testing.h"

#include "buf.h"
#include "http.h"

static void numbers(void **state)
{
	static const struct {
		const char *name, *text;
		bool ok;
		long long n;
	} rows[] = {
		{ "zero", "0", true, 0 },
		{ "leading zeros", "007", true, 7 },
		{ "largest", "9223372036854775807", true, 9223372036854775807 },
		{ "one too many", "9223372036854775808", false, 0 },
		{ "far too many", "99999999999999999999999", false, 0 },
		{ "empty", "", false, 0 },
		{ "minus", "-1", false, 0 },
		{ "plus", "+1", false, 0 },
		{ "space behind", "1 ", false, 0 },
		{ "letter", "1a", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		long long n = 0;

		check(rows[i].name, str_number(str_of(rows[i].text), &n) == rows[i].ok);
		check(rows[i].name, n == rows[i].n);
	}
}

static void text(void **state)
{
	static const struct {
		const char *name;
		struct str s;
		bool ok;
	} rows[] = {
		{ "empty", STR(""), true },
		{ "ascii", STR("a\tb\n\x7f"), true },
		{ "accents", STR("caf\xc3\xa9"), true },
		{ "emoji", STR("\xf0\x9f\x8e\x89"), true },
		{ "highest", STR("\xf4\x8f\xbf\xbf"), true },
		{ "before the surrogates", STR("\xed\x9f\xbf"), true },
		{ "NUL", STR("a\0b"), false },
		{ "cut off", STR("\xc3"), false },
		{ "cut off in the middle", STR("\xe2\x82"), false },
		{ "lone continuation", STR("\x80"), false },
		{ "overlong slash, 2 bytes", STR("\xc0\xaf"), false },
		{ "overlong slash, 3 bytes", STR("\xe0\x80\xaf"), false },
		{ "overlong, 4 bytes", STR("\xf0\x80\x80\xaf"), false },
		{ "surrogate", STR("\xed\xa0\x80"), false },
		{ "past the last", STR("\xf4\x90\x80\x80"), false },
		{ "five bytes", STR("\xf8\x88\x80\x80\x80"), false },
		{ "latin 1", STR("caf\xe9 noir"), false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(rows[i].name, str_is_text(rows[i].s) == rows[i].ok);
}

static void cutting(void **state)
{
	struct str rest = STR("a,,bc");

	(void)state;
	check_str("first", str_cut(&rest, ','), STR("a"));
	check_str("empty one", str_cut(&rest, ','), STR(""));
	check_str("last", str_cut(&rest, ','), STR("bc"));
	check_str("nothing left", str_cut(&rest, ','), STR(""));
	check_str("trim", str_trim(STR(" \t\r\na b \v\f")), STR("a b"));
	check_str("trim to nothing", str_trim(STR("  ")), STR(""));
	check_str("from past the end", str_from(STR("abc"), 9), STR(""));
	check_str("of null", str_of(NULL), STR(""));
}

static void comparing(void **state)
{
	(void)state;
	check("fold", str_eq_fold(STR("X-Twilio-Signature"), STR("x-twilio-SIGNATURE")));
	check("fold is ASCII only", !str_eq_fold(STR("\xc3\x89"), STR("\xc3\xa9")));
	check("fold @ and `", !str_eq_fold(STR("@"), STR("`")));
	check("prefix first", str_cmp(STR("From"), STR("FromCity")) < 0);
	check("by bytes", str_cmp(STR("\xc3"), STR("a")) > 0);
	check("equal", str_cmp(STR("a"), STR("a")) == 0);
	check("starts",
	      str_starts(STR("msg_1"), STR("msg_")) && !str_starts(STR("ms"), STR("msg")));
	check("ends", str_ends(STR("a.case"), STR(".case")) && !str_ends(STR("e"), STR("se")));
	check("is", str_is(STR("a"), "a") && !str_is(STR("a\0"), "a"));
}

static void full_buffer(void **state)
{
	struct arena *a = arena_new();
	struct buf b = buf_new(a, 600);

	(void)state;
	for (int i = 0; i < 60; i++)
		buf_put(&b, STR("0123456789"));
	check("just fits", !buf_full(&b) && b.len == 600);
	buf_char(&b, 'x');
	check("one more", buf_full(&b) && b.len == 600);
	b = buf_new(a, 4);
	buf_put(&b, STR("abc"));
	buf_put(&b, STR("defg"));
	buf_put(&b, STR("h"));
	check("no gap in the middle", buf_full(&b));
	check_str("keeps what it had", buf_str(&b), STR("abc"));
	arena_free(a);
}

static void formatting(void **state)
{
	struct arena *a = arena_new();
	struct buf b = buf_new(a, 4096);
	struct str s = arena_printf(a, "%0300d", 7);

	(void)state;
	check("longer than the first try", s.len == 300 && s.p[299] == '7' && s.p[300] == '\0');
	buf_printf(&b, "%s-%d", "a", 1);
	buf_printf(&b, "%0400d", 8);
	check("longer in a buffer", b.len == 403 && b.p[402] == '8');
	check_str("copied", arena_copy(a, STR("x\0y")), STR("x\0y"));
	check("aligned", ((uintptr_t)arena_alloc(a, 3) & 15) == 0);
	arena_free(a);
	arena_free(NULL);
}

static void headers(void **state)
{
	static const struct http_header h[] = {
		{ STR("Content-Type"), STR("text/plain") },
		{ STR("content-type"), STR("second") },
	};

	(void)state;
	check_str("first of two", http_find(h, 2, STR("CONTENT-TYPE")), STR("text/plain"));
	check("none", http_find(h, 2, STR("Accept")).p == NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),     cmocka_unit_test(text),
		cmocka_unit_test(cutting),     cmocka_unit_test(comparing),
		cmocka_unit_test(full_buffer), cmocka_unit_test(formatting),
		cmocka_unit_test(headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
