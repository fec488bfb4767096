/* test_segment.c - segments as Twilio's own calculator counts them, and what is too long. */
#include "testing.h"

#include "segment.h"

static void check_vector(struct arena *a, const struct json *row)
{
	const char *name = arena_cstr(a, json_str(row, "name"));
	const struct json *want = json_get(row, "twilio");
	struct segments s = segment_count(json_str(row, "text"));
	int64_t chars, units, segments;

	check(name, json_int(json_get(row, "chars"), &chars) && s.characters == chars);
	check(name, json_int(json_get(want, "units"), &units) && s.units == units);
	check(name, json_int(json_get(want, "segments"), &segments) && s.segments == segments);
	check_str(name, str_of(encoding_name(s.encoding)), json_str(want, "encoding"));
}

static void vectors(void **state)
{
	struct arena *a = arena_new();
	const struct json *rows = read_rows(a, "fixtures/vectors/segments.json");

	(void)state;
	for (const struct json *row = rows->first; row; row = row->next)
		check_vector(a, row);
	check("all of them", rows->num >= 34);
	arena_free(a);
}

static void the_alphabet(void **state)
{
	static const struct {
		const char *name, *text;
		unsigned septets; /* 0: not in it */
	} rows[] = {
		{ "basic, all beyond ASCII", "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà", 39 },
		{ "extension", "^{}\\[]~|€\f", 20 },
		{ "ends of ASCII", " @$_'\"\n\r", 8 },
		{ "backtick", "`", 0 },
		{ "tab", "\t", 0 },
		{ "escape", "\x1b", 0 },
		{ "delete", "\x7f", 0 },
		{ "small c with cedilla", "ç", 0 },
		{ "curly quote", "’", 0 },
		{ "no-break space", "\xc2\xa0", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct segments s = segment_count(str_of(rows[i].text));

		check(rows[i].name, (s.encoding == ENCODING_GSM7) == (rows[i].septets > 0));
		check(rows[i].name, !rows[i].septets || s.units == rows[i].septets);
	}
}

static void edges(void **state)
{
	struct segments s = segment_count(STR(""));

	(void)state;
	check("empty text has one segment", s.segments == 1 && s.units == 0);
	s = segment_count(STR("\xff"));
	check("broken UTF-8 is counted, not looped over", s.characters == 1);
}

static void refusals(void **state)
{
	static const struct {
		const char *name, *unit;
		unsigned times;
		const char *refusal;
	} rows[] = {
		{ "10 segments", "a", 1530, NULL },
		{ "11 segments", "a", 1531,
		  "The text is about 1 characters too long: at most 1530 can be sent." },
		{ "1600 characters", "a", 1600,
		  "The text is about 70 characters too long: at most 1530 can be sent." },
		{ "10 segments of UCS-2", "я", 670, NULL },
		{ "11 segments of UCS-2", "я", 700,
		  "The text is about 30 characters too long: with emoji or characters outside the "
		  "basic SMS alphabet, at most 670 can be sent." },
		{ "pairs that do not fill their parts", "🎉", 335,
		  "The text is about 1 characters too long: with emoji or characters outside the "
		  "basic SMS alphabet, at most 670 can be sent." },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b = buf_new(a, 10000);
		struct segments s;

		for (unsigned k = 0; k < rows[i].times; k++)
			buf_put(&b, str_of(rows[i].unit));
		s = segment_count(buf_str(&b));
		check_str(rows[i].name, str_of(segment_refusal(a, &s)), str_of(rows[i].refusal));
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(the_alphabet),
		cmocka_unit_test(edges),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
