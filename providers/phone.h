/*
 * phone.h - telephone numbers, by libphonenumber: what staff type, as E.164.
 */
#ifndef PHONE_H
#define PHONE_H

#ifdef __cplusplus
extern "C" {
#endif

#include <stdbool.h>

#define PHONE_MAX 17 /* "+" and 15 digits and a NUL: E.164 */

enum phone_line { LINE_UNKNOWN, LINE_MOBILE, LINE_FIXED, LINE_FIXED_OR_MOBILE, LINE_OTHER };

struct phone {
	char e164[PHONE_MAX];
};

struct phone_details {
	char national[32]; /* "(212) 555-0100" */
	char region[3];	   /* "US" */
	enum phone_line line;
};

/*
 * Reads `text` (NUL-terminated, at most 64 bytes) as dialled in `region` ("US"; a leading + wins).
 * True and `*out` when it is a valid number; false and `*why`, a static sentence, when not.
 */
bool phone_parse(const char *text, const char *region, struct phone *out, const char **why);

/* What is known of a number that phone_parse() accepted: costs as much again. */
void phone_describe(const struct phone *phone, struct phone_details *out);

const char *phone_line_name(enum phone_line line); /* "mobile", "fixed line" */

#ifdef __cplusplus
}
#endif
#endif
