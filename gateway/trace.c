/* trace.c - reads the headers of a trace strictly, since what is in them goes into the log. */
#include "trace.h"

#include <stdio.h>

#define TRACEPARENT_LEN 55 /* 00-<32>-<16>-<2> */

/* Lower-case hexadecimal, not all of it zero, as https://www.w3.org/TR/trace-context/ has it. */
static bool is_hex(struct str s, size_t len, bool may_be_zero)
{
	bool zero = true;

	for (size_t i = 0; i < s.len; i++) {
		if (!strchr("0123456789abcdef", s.p[i]) || !s.p[i])
			return false;
		zero &= s.p[i] == '0';
	}
	return s.len == len && (may_be_zero || !zero);
}

/* A number of 64 bits other than 0, in decimal. */
static bool is_number(struct str s)
{
	static const char most[] = "18446744073709551615";

	if (!s.len || s.len > sizeof(most) - 1 || s.p[0] == '0')
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.len < sizeof(most) - 1 || memcmp(s.p, most, s.len) <= 0;
}

static void set(struct trace *t, struct str id, struct str span)
{
	snprintf(t->id, sizeof(t->id), STR_FMT, STR_ARG(id));
	snprintf(t->span, sizeof(t->span), STR_FMT, STR_ARG(span));
}

/* Versions to come may add more behind; version ff is none. */
static bool read_traceparent(struct trace *t, struct str text)
{
	struct str rest = text, version = str_cut(&rest, '-'), id = str_cut(&rest, '-'),
		   span = str_cut(&rest, '-'), flags = str_cut(&rest, '-');
	bool known = str_is(version, "00");

	if (!is_hex(version, 2, true) || str_is(version, "ff") || !is_hex(id, 32, false) ||
	    !is_hex(span, 16, false) || !is_hex(flags, 2, true) ||
	    (known && text.len != TRACEPARENT_LEN))
		return false;
	set(t, id, span);
	return true;
}

struct trace trace_read(struct str datadog_trace, struct str datadog_parent, struct str traceparent)
{
	struct trace t = { 0 };

	if (is_number(datadog_trace))
		set(&t, datadog_trace, is_number(datadog_parent) ? datadog_parent : STR(""));
	else
		read_traceparent(&t, traceparent);
	return t;
}
