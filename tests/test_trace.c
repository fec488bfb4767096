/* test_trace.c - headers of a trace: those that are well formed, and those that are not. */
#include "testing.h"

#include "trace.h"

#define ID "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN "00f067aa0ba902b7"
#define ZEROS "00000000000000000000000000000000"

static const struct {
	const char *name, *trace, *parent, *traceparent, *id, *span;
} rows[] = {
	{ "none", "", "", "", "", "" },
	{ "W3C", "", "", "00-" ID "-" SPAN "-01", ID, SPAN },
	{ "not sampled", "", "", "00-" ID "-" SPAN "-00", ID, SPAN },
	{ "Datadog", "1234567890123456789", "987654321", "", "1234567890123456789", "987654321" },
	{ "Datadog goes first", "7", "8", "00-" ID "-" SPAN "-01", "7", "8" },
	{ "Datadog without a parent", "7", "", "", "7", "" },
	{ "Datadog with a broken parent", "7", "x", "", "7", "" },
	{ "the largest", "18446744073709551615", "", "", "18446744073709551615", "" },
	{ "one more", "18446744073709551616", "", "00-" ID "-" SPAN "-01", ID, SPAN },
	{ "too long", "118446744073709551615", "", "", "", "" },
	{ "zero", "0", "1", "", "", "" },
	{ "no number", "12a", "1", "", "", "" },
	{ "a later version, with more", "", "", "01-" ID "-" SPAN "-01-more", ID, SPAN },
	{ "this version has no more", "", "", "00-" ID "-" SPAN "-01-more", "", "" },
	{ "version ff", "", "", "ff-" ID "-" SPAN "-01", "", "" },
	{ "upper case", "", "", "00-4BF92F3577B34DA6A3CE929D0E0E4736-" SPAN "-01", "", "" },
	{ "a trace of zeros", "", "", "00-" ZEROS "-" SPAN "-01", "", "" },
	{ "a span of zeros", "", "", "00-" ID "-0000000000000000-01", "", "" },
	{ "short", "", "", "00-" ID "-" SPAN, "", "" },
	{ "a short trace", "", "", "00-4bf92f35-" SPAN "-01", "", "" },
	{ "a line end", "", "", "00-" ID "-" SPAN "-0\n", "", "" },
	{ "only dashes", "", "", "-------------------------------------------------------", "",
	  "" },
};

static void headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct trace t = trace_read(str_of(rows[i].trace), str_of(rows[i].parent),
					    str_of(rows[i].traceparent));

		check_str(rows[i].name, str_of(t.id), str_of(rows[i].id));
		check_str(rows[i].name, str_of(t.span), str_of(rows[i].span));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(headers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
