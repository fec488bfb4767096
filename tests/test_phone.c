/* test_phone.c - what staff type as a phone number, and what we make of it. */
#include "testing.h"

#include "phone.h"

static void good(void **state)
{
	static const struct {
		const char *name, *text, *region, *e164, *national, *in;
		enum phone_line line;
	} rows[] = {
		{ "as staff write it", "(212) 555-0001", "US", "+12125550001", "(212) 555-0001",
		  "US", LINE_FIXED_OR_MOBILE },
		{ "dots", "212.555.0001", "US", "+12125550001", "(212) 555-0001", "US",
		  LINE_FIXED_OR_MOBILE },
		{ "with the 1", "1 212 555 0001", "US", "+12125550001", "(212) 555-0001", "US",
		  LINE_FIXED_OR_MOBILE },
		{ "spaces around", "  2125550001 ", "US", "+12125550001", "(212) 555-0001", "US",
		  LINE_FIXED_OR_MOBILE },
		{ "lower-case region", "2125550001", "us", "+12125550001", "(212) 555-0001", "US",
		  LINE_FIXED_OR_MOBILE },
		{ "a plus wins", "+44 7400 123456", "US", "+447400123456", "07400 123456", "GB",
		  LINE_MOBILE },
		{ "British, at home", "07400 123456", "GB", "+447400123456", "07400 123456", "GB",
		  LINE_MOBILE },
		{ "fixed line", "020 7031 3000", "GB", "+442070313000", "020 7031 3000", "GB",
		  LINE_FIXED },
		{ "011 dials abroad", "011 44 7400 123456", "US", "+447400123456", "07400 123456",
		  "GB", LINE_MOBILE },
		{ "toll-free", "800-555-0199", "US", "+18005550199", "(800) 555-0199", "US",
		  LINE_OTHER },
		{ "full-width digits", "２１２５５５０００１", "US", "+12125550001",
		  "(212) 555-0001", "US", LINE_FIXED_OR_MOBILE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct phone_details d;
		struct phone p;
		const char *why;

		check(rows[i].name, phone_parse(rows[i].text, rows[i].region, &p, &why));
		check(rows[i].name, why == NULL);
		phone_describe(&p, &d);
		check_str(rows[i].name, str_of(p.e164), str_of(rows[i].e164));
		check_str(rows[i].name, str_of(d.national), str_of(rows[i].national));
		check_str(rows[i].name, str_of(d.region), str_of(rows[i].in));
		check(rows[i].name, d.line == rows[i].line);
	}
}

static void bad(void **state)
{
	static const struct {
		const char *name, *text, *region, *why;
	} rows[] = {
		{ "empty", "", "US", "This is not a phone number." },
		{ "words", "call me", "US", "This is not a phone number." },
		{ "area code missing", "555-0001", "US",
		  "This phone number is too short. Is the area code there?" },
		{ "a digit too many", "212 555 00011", "US", "This phone number is too long." },
		{ "area code does not exist", "012 555 0001", "US",
		  "This phone number does not exist. Check its digits." },
		{ "unknown country code", "+999 123456789", "US",
		  "This country code does not exist. Write + and the country code first." },
		{ "unknown region", "212 555 0001", "XX",
		  "This country code does not exist. Write + and the country code first." },
		{ "extension", "212 555 0001 x12", "US",
		  "Leave out the extension: texts and calls go to the number before it." },
		{ "far too long",
		  "21255500011111111111111111111111111111111111111111111111111111111", "US",
		  "This is not a phone number." },
		{ "no region", "212 555 0001", "", "This is not a phone number." },
		{ "broken UTF-8", "\xff\xfe", "US", "This is not a phone number." },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct phone p;
		const char *why = NULL;

		check(rows[i].name, !phone_parse(rows[i].text, rows[i].region, &p, &why));
		check_str(rows[i].name, str_of(why), str_of(rows[i].why));
		check(rows[i].name, p.e164[0] == '\0');
	}
}

static void names(void **state)
{
	(void)state;
	check_str("mobile", str_of(phone_line_name(LINE_MOBILE)), STR("mobile"));
	check_str("fixed", str_of(phone_line_name(LINE_FIXED)), STR("fixed line"));
	check_str("either", str_of(phone_line_name(LINE_FIXED_OR_MOBILE)),
		  STR("mobile or fixed line"));
	check_str("unknown", str_of(phone_line_name(LINE_UNKNOWN)), STR("unknown"));
}

/* Numbers as they are stored are taken apart without libphonenumber's parser: to the same end. */
static void stored(void **state)
{
	(void)state;
	for (unsigned area = 100; area < 1000; area++) {
		char plain[16], spaced[24];
		struct phone a, b;
		const char *why_a, *why_b;

		snprintf(plain, sizeof(plain), "+1%u5550123", area);
		snprintf(spaced, sizeof(spaced), "+1 %u 555-0123", area);
		bool good_a = phone_parse(plain, "US", &a, &why_a);
		bool good_b = phone_parse(spaced, "US", &b, &why_b);

		check(plain, good_a == good_b && (good_a || strcmp(why_a, why_b) == 0));
		check_str(plain, str_of(a.e164), str_of(b.e164));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(stored),
		cmocka_unit_test(bad),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
