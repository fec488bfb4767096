/* test_stream.c - the bytes of a stream of events, and the id that a client sends back. */
#include "testing.h"

#include "stream_text.h"

static void places(void **state)
{
	static const struct {
		const char *text;
		bool fine;
		struct place is;
	} rows[] = {
		{ "746-9223372036854775807", true, { 746, INT64_MAX } },
		{ "0-0", true, { 0, 0 } },
		{ "9223372036854775807-1", true, { INT64_MAX, 1 } },
		{ "9223372036854775808-1", false, { 0 } },
		{ "1-9223372036854775808", false, { 0 } },
		{ "", false, { 0 } },
		{ "-", false, { 0 } },
		{ "7", false, { 0 } },
		{ "7-", false, { 0 } },
		{ "-7", false, { 0 } },
		{ "7-8-9", false, { 0 } },
		{ "-7-8", false, { 0 } },
		{ "7--8", false, { 0 } },
		{ "+7-8", false, { 0 } },
		{ "7 -8", false, { 0 } },
		{ "7-8x", false, { 0 } },
		{ "hello", false, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct place at = { 0 };

		check(rows[i].text, place_read(str_of(rows[i].text), &at) == rows[i].fine);
		check(rows[i].text, at.xid == rows[i].is.xid && at.seq == rows[i].is.seq);
	}
}

/* Whatever stands in it, an event is one: a line end would begin a field, an empty line another. */
static void events(void **state)
{
	struct arena *a = arena_new();
	struct buf b = buf_new(a, 1000);

	(void)state;
	stream_put_event(&b, (struct place){ 7, 8 }, STR("message.sent"), STR("{\"a\":\n\r\n1}"));
	check_str("event", buf_str(&b),
		  STR("id: 7-8\nevent: message.sent\ndata: {\"a\":   1}\n\n"));
	b = buf_new(a, 1000);
	stream_put_event(&b, (struct place){ 7, 8 }, STR("x\ndata: y"), STR("{}"));
	check_str("type", buf_str(&b), STR("id: 7-8\nevent: x data: y\ndata: {}\n\n"));
	b = buf_new(a, 1000);
	stream_put_place(&b, (struct place){ 7, INT64_MAX }, "hello");
	check_str("hello", buf_str(&b),
		  STR("id: 7-9223372036854775807\nevent: hello\ndata: "
		      "{\"id\":\"7-9223372036854775807\",\"type\":\"hello\"}\n\n"));
	b = buf_new(a, 1000);
	stream_put_end(&b, STR("key_revoked"));
	check_str("end", buf_str(&b), STR("event: end\ndata: {\"why\":\"key_revoked\"}\n\n"));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
