/* test_log.c - the log: guests' numbers masked, lines whole, JSON that parses; and the errors. */
#include "turns.h"

#include <stdlib.h>

#include "buf.h"
#include "err.h"
#include "log.h"

static void masking(void **state)
{
	static const struct {
		const char *name, *text, *masked;
	} rows[] = {
		{ "E.164", "+12125550199", "+*********99" },
		{ "bare", "2125550199", "********99" },
		{ "in a sentence", "to=+12125550199 from=+447400123456",
		  "to=+*********99 from=+**********56" },
		{ "in JSON", "{\"to\":\"+12125550199\"}", "{\"to\":\"+*********99\"}" },
		{ "in a query", "?To=%2B12125550199&From=%2b447400123456",
		  "?To=%2B*********99&From=%2b**********56" },
		{ "seven digits", "5550199", "*****99" },
		{ "six digits: a code or a time", "555019", "555019" },
		{ "at the end of a word", "tel:2125550199.", "tel:********99." },
		{ "two in a row", "2125550199,2125550188", "********99,********88" },
		{ "behind a tab", "\t2125550199", "\t********99" },
		{ "an id of ours", "msg_01kge3h90071g7rq2ab3cdefgh",
		  "msg_01kge3h90071g7rq2ab3cdefgh" },
		{ "an id that is all digits", "msg_01234567890123456789012345",
		  "msg_01234567890123456789012345" },
		{ "a carrier's id", "SM0123456789abcdef0123456789abcdef",
		  "SM0123456789abcdef0123456789abcdef" },
		{ "an id that begins with digits", "40385f64-5717-4562-b3fc-2c963f66afa6",
		  "40385f64-5717-4562-b3fc-2c963f66afa6" },
		{ "digits, then a letter", "12345678a", "12345678a" },
		{ "a date", "2026-11-21T18:30:00.123Z", "2026-11-21T18:30:00.123Z" },
		{ "a port and a status", "port=8080 status=200", "port=8080 status=200" },
		{ "empty", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char out[200];

		log_mask(rows[i].text, out, sizeof(out));
		check_str(rows[i].name, str_of(out), str_of(rows[i].masked));
	}
}

/* Whatever fits, no more, and never more than the two last digits of what was cut. */
static void mask_bounds(void **state)
{
	(void)state;
	for (size_t size = 1; size < 16; size++) {
		char out[16];

		memset(out, 'x', sizeof(out));
		log_mask("+12125550199", out, size);
		check("ends", strlen(out) == (size - 1 < 12 ? size - 1 : 12));
		check("masked", size < 4 || (out[1] == '*' && out[2] == '*'));
	}
}

static struct str line(struct arena *a, bool json, const char *event, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static struct str line(struct arena *a, bool json, const char *event, const char *fmt, ...)
{
	struct capture c;
	char *text = arena_zero(a, 20000);
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, 20000, fmt, args);
	va_end(args);
	log_setup(json, LOG_INFO_);
	capture_begin(&c);
	log_line(LOG_WARN_, event, "%s", text);
	log_setup(false, LOG_INFO_);
	return capture_end(&c, a);
}

static void json_lines(void **state)
{
	static const struct {
		const char *name, *pairs, *key, *value;
	} rows[] = {
		{ "one pair", "a=1", "a", "1" },
		{ "the last of three", "a=1 b=2 c=3", "c", "3" },
		{ "a value with spaces", "why=no route to host lane=work", "why",
		  "no route to host" },
		{ "what follows it", "why=no route to host lane=work", "lane", "work" },
		{ "an equals sign in a value", "url=/a?b=c x=1", "url", "/a?b=c" },
		{ "upper case is no key", "why=A B=C x=1", "why", "A B=C" },
		{ "quotes", "why=say \"hi\"", "why", "say \"hi\"" },
		{ "backslash", "why=C:\\temp", "why", "C:\\temp" },
		{ "newline", "why=one\ntwo", "why", "one\ntwo" },
		{ "control bytes", "why=\x01\x1f\x7f", "why", "\x01\x1f\x7f" },
		{ "UTF-8",
		  "why=Gr\xc3\xbc\xc3\x9f"
		  "e",
		  "why",
		  "Gr\xc3\xbc\xc3\x9f"
		  "e" },
		{ "empty value", "why= x=1", "why", "" },
		{ "a number", "to=+12125550199", "to", "+*********99" },
		{ "the event", "a=1", "event", "something" },
		{ "the level", "a=1", "status", "warn" },
		{ "the service", "a=1", "service", "maitred" },
		{ "what it is about", "a=1", "message", "something" },
		{ "a message of ours", "a=1 message=msg_1", "message", "msg_1" },
		{ "a dotted key", "a=1 http.request_id=req_1 b=2", "http.request_id", "req_1" },
		{ "a trace in decimal", "a=1 dd.trace_id=1234567890123456789", "dd.trace_id",
		  "1234567890123456789" },
		{ "no measure", "a=1 xduration=1234567890", "xduration", "********90" },
		{ "a duration in ns is a number", "a=1 duration=1234567890", "duration",
		  "1234567890" },
		{ "a status is a number", "http.status_code=503", "http.status_code", "503" },
		{ "a status that is none", "http.status_code=x", "http.status_code", "x" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str text = line(a, true, "something", "%s", rows[i].pairs);
		const char *why;
		const struct json *j = json_parse(a, text, &why);

		if (!j)
			fail_msg("row '%s': %s: " STR_FMT, rows[i].name, why, STR_ARG(text));
		check_str(rows[i].name, json_get(j, rows[i].key)->text, str_of(rows[i].value));
		check(rows[i].name, (json_get(j, rows[i].key)->type == JSON_NUMBER) ==
					    !!strstr(rows[i].name, "is a number"));
		check(rows[i].name, memchr(text.p, '\n', text.len) == text.p + text.len - 1);
		check(rows[i].name,
		      json_str(j, "timestamp").len == strlen("2026-11-21T18:30:00.123Z"));
	}
	arena_free(a);
}

/* However long, and whatever is in it: one line of JSON. */
static void long_lines(void **state)
{
	static const char *const fills[] = { "x", "\x01", "\"", "\xc3\xbc", "\xff", "9 " };
	static const size_t lengths[] = { 100, 4000, 4095, 4096, 5000, 9000 };
	struct arena *a = arena_new();

	(void)state;
	for (size_t f = 0; f < COUNT(fills); f++)
		for (size_t n = 0; n < COUNT(lengths); n++) {
			struct buf b = buf_new(a, 20000);
			const char *why;

			for (size_t i = 0; i < lengths[n]; i++)
				buf_printf(&b, "%s", fills[f]);
			struct str text = line(a, true, "long", "why=" STR_FMT,
					       STR_ARG(buf_str(&b)));
			const struct json *j = json_parse(a, text, &why);

			if (!j)
				fail_msg("%zu times %s: %s", lengths[n], fills[f], why);
			check_str("event", json_str(j, "event"), STR("long"));
			check(fills[f], text.p[text.len - 1] == '\n');
		}
	arena_free(a);
}

static void readable_lines(void **state)
{
	struct arena *a = arena_new();
	struct str text = line(a, false, "message_settled", "to=+12125550199 why=no answer");

	(void)state;
	check("time", text.len > 8 && text.p[2] == ':' && text.p[5] == ':');
	check_str("the rest", str_from(text, 8),
		  STR(" warn  message_settled to=+*********99 why=no answer\n"));
	arena_free(a);
}

static void levels(void **state)
{
	struct arena *a = arena_new();
	struct capture c;

	(void)state;
	log_setup(false, LOG_WARN_);
	capture_begin(&c);
	log_debug("no", "a=%d", 1);
	log_info("no", "a=%d", 1);
	log_warn("yes", "a=%d", 1);
	log_error("yes", "a=%d", 1);
	struct str text = capture_end(&c, a);
	check("two", strstr(text.p, "warn  yes") && strstr(text.p, "error yes"));
	check("not four", !strstr(text.p, "no a="));
	arena_free(a);
}

/* Every failure has a status, a code of its own, and words. */
static void errors(void **state)
{
	(void)state;
	for (int i = ERR_NONE + 1; i < ERR_NUM; i++) {
		const struct err_info *e = err_info((enum err)i);

		check(e->code, e->http_status >= 400 && e->http_status <= 599);
		check(e->code, *e->title);
		check(e->code, e->retry == (e->http_status == 503 || i == ERR_IN_FLIGHT));
		check(e->code, e->code[strspn(e->code, "abcdefghijklmnopqrstuvwxyz_")] == '\0');
		for (int k = ERR_NONE; k < i; k++)
			check(e->code, strcmp(e->code, err_info((enum err)k)->code) != 0);
	}
	check("none", err_info(ERR_NONE)->http_status == 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masking),	  cmocka_unit_test(mask_bounds),
		cmocka_unit_test(json_lines),	  cmocka_unit_test(long_lines),
		cmocka_unit_test(readable_lines), cmocka_unit_test(levels),
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
