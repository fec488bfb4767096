/* rfc2822.c - reads a date by its one form. */
#include "rfc2822.h"

#include <time.h>

bool rfc2822_parse(struct str s, int64_t *out_ms)
{
	struct tm tm = { 0 };
	char text[40];

	if (s.len >= sizeof(text))
		return false;
	memcpy(text, s.p ? s.p : "", s.len);
	text[s.len] = '\0';
	const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S +0000", &tm);
	if (!end || *end)
		return false;
	*out_ms = (int64_t)timegm(&tm) * 1000;
	return true;
}
