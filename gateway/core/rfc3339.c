/* rfc3339.c - reads a time from left to right, each part with its bounds. */
#include "rfc3339.h"

#include <time.h>

/* Takes `digits` digits and, if `by` is not empty, one of its characters off the front. */
static bool take(struct str *s, size_t digits, const char *by, int *out)
{
	long long n;

	if (s->len < digits || !str_number((struct str){ s->p, digits }, &n))
		return false;
	*out = (int)n;
	*s = str_from(*s, digits);
	if (!*by)
		return true;
	if (!s->len || !*s->p || !strchr(by, *s->p))
		return false;
	*s = str_from(*s, 1);
	return true;
}

/* Takes what stands behind the decimal point, as milliseconds. */
static int take_fraction(struct str *s)
{
	int ms = 0, worth = 100;

	if (!s->len || *s->p != '.')
		return 0;
	*s = str_from(*s, 1);
	for (; s->len && *s->p >= '0' && *s->p <= '9'; *s = str_from(*s, 1)) {
		ms += (*s->p - '0') * worth;
		worth /= 10;
	}
	return ms;
}

/* Takes "Z" or "+02:00", as minutes. */
static bool take_offset(struct str *s, int *minutes)
{
	int hour, minute, sign = s->len && *s->p == '-' ? -1 : 1;

	*minutes = 0;
	if (str_eq_fold(*s, STR("Z")))
		return true;
	if (!s->len || !memchr("+-", *s->p, 2))
		return false;
	*s = str_from(*s, 1);
	if (!take(s, 2, ":", &hour) || !take(s, 2, "", &minute))
		return false;
	*minutes = sign * (hour * 60 + minute);
	return s->len == 0 && hour <= 23 && minute <= 59;
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

bool rfc3339_parse(struct str s, int64_t *out_ms)
{
	struct tm t = { 0 };
	int ms, offset;

	if (!take(&s, 4, "-", &t.tm_year) || !take(&s, 2, "-", &t.tm_mon) ||
	    !take(&s, 2, "Tt ", &t.tm_mday) || !take(&s, 2, ":", &t.tm_hour) ||
	    !take(&s, 2, ":", &t.tm_min) || !take(&s, 2, "", &t.tm_sec))
		return false;
	ms = take_fraction(&s);
	if (!take_offset(&s, &offset) || t.tm_mon < 1 || t.tm_mon > 12 || t.tm_mday < 1 ||
	    t.tm_mday > days_in(t.tm_year, t.tm_mon) || t.tm_hour > 23 || t.tm_min > 59 ||
	    t.tm_sec > 60)
		return false;
	t.tm_year -= 1900;
	t.tm_mon -= 1;
	*out_ms = (int64_t)timegm(&t) * 1000 + ms - (int64_t)offset * 60000;
	return true;
}

struct str rfc3339_write(struct arena *a, int64_t ms)
{
	int part = (int)((ms % 1000 + 1000) % 1000); /* before 1970 too */
	time_t seconds = (ms - part) / 1000;
	struct tm utc;
	char text[32];
	size_t len = strftime(text, sizeof(text), "-%m-%dT%H:%M:%S", gmtime_r(&seconds, &utc));

	return arena_printf(a, "%04d%.*s.%03dZ", utc.tm_year + 1900, (int)len, text, part);
}
