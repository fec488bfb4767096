/*
 * phone.cc - the C face of libphonenumber; no exception leaves this file. Without memory
 * the process ends, as everywhere: it would be believed that a good number is none.
 */
#include "phone.h"

#include <phonenumbers/phonenumberutil.h>
#include <unicode/uclean.h>

#include <cassert>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <string>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace
{

/* ICU, in which it matches, would go on as if nothing had matched. */
void *icu_alloc(const void *, size_t size)
{
	void *p = std::malloc(size);

	return p ? p : (std::abort(), nullptr);
}

void *icu_realloc(const void *, void *old, size_t size)
{
	void *p = std::realloc(old, size);

	return p ? p : (std::abort(), nullptr);
}

void icu_free(const void *, void *p)
{
	std::free(p);
}

bool tell_icu()
{
	UErrorCode status = U_ZERO_ERROR;

	u_setMemoryFunctions(nullptr, icu_alloc, icu_realloc, icu_free, &status);
	return U_SUCCESS(status);
}

const bool icu_told = tell_icu();

enum phone_line line_of(PhoneNumberUtil::PhoneNumberType type)
{
	switch (type) {
	case PhoneNumberUtil::MOBILE:
		return LINE_MOBILE;
	case PhoneNumberUtil::FIXED_LINE:
		return LINE_FIXED;
	case PhoneNumberUtil::FIXED_LINE_OR_MOBILE:
		return LINE_FIXED_OR_MOBILE;
	case PhoneNumberUtil::UNKNOWN:
		return LINE_UNKNOWN;
	default:
		return LINE_OTHER;
	}
}

const char *reason(PhoneNumberUtil::ErrorType error)
{
	switch (error) {
	case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR:
		return "This country code does not exist. Write + and the country code first.";
	case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
	case PhoneNumberUtil::TOO_SHORT_NSN:
		return "This phone number is too short.";
	case PhoneNumberUtil::TOO_LONG_NSN:
		return "This phone number is too long.";
	default:
		return "This is not a phone number.";
	}
}

const char *length_reason(const PhoneNumberUtil &util, const PhoneNumber &number)
{
	switch (util.IsPossibleNumberWithReason(number)) {
	case PhoneNumberUtil::TOO_SHORT:
	case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY:
		return "This phone number is too short. Is the area code there?";
	case PhoneNumberUtil::TOO_LONG:
		return "This phone number is too long.";
	default:
		return "This phone number does not exist. Check its digits.";
	}
}

/* Copies with its NUL, or fails when there is no room. */
template <size_t N> bool put(char (&out)[N], const std::string &s)
{
	if (s.size() >= N)
		return false;
	std::memcpy(out, s.c_str(), s.size() + 1);
	return true;
}

/*
 * +1 and ten digits that do not begin with the trunk prefix, as whoever stored a number writes it:
 * taken as Parse() takes it, which looks for all other ways to write one in 100,000 instructions.
 */
bool parse_plain(const std::string &text, PhoneNumber *number)
{
	if (text.size() != 12 || text.compare(0, 2, "+1") != 0 || text[2] < '2' ||
	    text.find_first_not_of("0123456789", 2) != std::string::npos)
		return false;
	number->set_country_code(1);
	number->set_national_number(std::stoull(text.substr(2)));
	return true;
}

PhoneNumberUtil::ErrorType parse(const std::string &text, const std::string &region,
				 PhoneNumber *number)
{
	return parse_plain(text, number) ?
		       PhoneNumberUtil::NO_PARSING_ERROR :
		       PhoneNumberUtil::GetInstance()->Parse(text, region, number);
}

/* NULL, or why not. */
const char *read(const std::string &text, const std::string &region, struct phone *out)
{
	const PhoneNumberUtil &util = *PhoneNumberUtil::GetInstance();
	PhoneNumber number;
	std::string e164;
	const PhoneNumberUtil::ErrorType error = parse(text, region, &number);

	if (error != PhoneNumberUtil::NO_PARSING_ERROR)
		return reason(error);
	if (number.has_extension())
		return "Leave out the extension: texts and calls go to the number before it.";
	if (!util.IsValidNumber(number))
		return length_reason(util, number);
	util.Format(number, PhoneNumberUtil::E164, &e164);
	return put(out->e164, e164) ? nullptr : "This is not a phone number.";
}

void describe(const std::string &e164, struct phone_details *out)
{
	const PhoneNumberUtil &util = *PhoneNumberUtil::GetInstance();
	PhoneNumber number;
	std::string national, country;

	if (parse(e164, "ZZ", &number) != PhoneNumberUtil::NO_PARSING_ERROR)
		return;
	util.Format(number, PhoneNumberUtil::NATIONAL, &national);
	util.GetRegionCodeForNumber(number, &country);
	out->line = line_of(util.GetNumberType(number));
	/* Numbers of no country, such as +800, have the region "001". */
	put(out->region, country.size() == 2 ? country : "ZZ");
	if (!put(out->national, national))
		put(out->national, e164);
}

} // namespace

extern "C" bool phone_parse(const char *text, const char *region, struct phone *out,
			    const char **why)
{
	assert(icu_told);
	*out = phone();
	*why = "This is not a phone number.";
	if (strnlen(text, 65) > 64 || std::strlen(region) != 2)
		return false;
	try {
		const std::string upper = { (char)std::toupper((unsigned char)region[0]),
					    (char)std::toupper((unsigned char)region[1]) };

		*why = read(text, upper, out);
	} catch (const std::bad_alloc &) {
		std::abort();
	} catch (const std::exception &) {
		*why = "This phone number could not be read.";
	}
	if (*why)
		*out = phone();
	return !*why;
}

extern "C" void phone_describe(const struct phone *phone, struct phone_details *out)
{
	*out = phone_details();
	try {
		describe(phone->e164, out);
	} catch (const std::bad_alloc &) {
		std::abort();
	} catch (const std::exception &) {
		*out = phone_details();
	}
}

extern "C" const char *phone_line_name(enum phone_line line)
{
	switch (line) {
	case LINE_MOBILE:
		return "mobile";
	case LINE_FIXED:
		return "fixed line";
	case LINE_FIXED_OR_MOBILE:
		return "mobile or fixed line";
	case LINE_OTHER:
		return "other";
	default:
		return "unknown";
	}
}
