/* test_fields.c - the fields of a JSON body, read by a route's table on a real server. */
#include "turns.h"

#include "fields.h"
#include "reply.h"
#include "router.h"
#include "wire.h"

enum { TO, BODY, KIND, AT, SMS, TEMPLATE };

static const struct field fields[] = {
	[TO] = { "to", FIELD_PHONE, true, 0, 0, NULL, "" },
	[BODY] = { "body", FIELD_TEXT, false, 2, 5, NULL, "" },
	[KIND] = { "kind", FIELD_CHOICE, false, 0, 0, "small large", "" },
	[AT] = { "at", FIELD_TIME, false, 0, 0, NULL, "" },
	[SMS] = { "sms", FIELD_SMS, false, 2, 1600, NULL, "" },
	[TEMPLATE] = { "template", FIELD_TEMPLATE, false, 2, 40, NULL, "" },
	{ .name = NULL },
};

/* Answers with what was read, "-" for what was not given. */
static void echo(struct exchange *x)
{
	struct field_value v[FIELDS_MAX];

	if (!fields_read(x, "US", v))
		return;
	for (int i = TO; i <= AT; i++)
		if (!v[i].given)
			v[i].text = STR("-");
	exchange_reply(x, 200, STR("text/plain"),
		       arena_printf(x->arena,
				    STR_FMT "|" STR_FMT "|" STR_FMT "|%lld" STR_FMT STR_FMT,
				    STR_ARG(v[TO].text), STR_ARG(v[BODY].text),
				    STR_ARG(v[KIND].text), (long long)v[AT].number,
				    STR_ARG(v[SMS].text), STR_ARG(v[TEMPLATE].text)));
}

static const struct route routes[] = { { "POST", "/", ANYONE, echo, .fields = fields } };

static void handle(struct exchange *x)
{
	router_handle(routes, COUNT(routes), x);
}

static struct answer post(struct house *h, const char *type, const char *body)
{
	return wire_ask(h, arena_printf(h->arena,
					"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\n"
					"Content-Length: %zu\r\n\r\n%s",
					type, strlen(body), body));
}

#define TO_GUEST "\"to\":\"2125550199\""
#define GUEST "+12125550199"
#define X10 "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define X1500 X100 X100 X100 X100 X100 X100 X100 X100 X100 X100 X100 X100 X100 X100 X100

static void accepted(void **state)
{
	static const struct {
		const char *name, *body, *read;
	} rows[] = {
		{ "only what is required", "{" TO_GUEST "}", GUEST "|-|-|0" },
		{ "null is not given", "{" TO_GUEST ",\"body\":null,\"at\":null}", GUEST "|-|-|0" },
		{ "as people write it", "{\"to\":\"(212) 555-0199\"}", GUEST "|-|-|0" },
		{ "from abroad", "{\"to\":\"+44 7400 123456\"}", "+447400123456|-|-|0" },
		{ "shortest", "{" TO_GUEST ",\"body\":\"ab\"}", GUEST "|ab|-|0" },
		{ "longest", "{" TO_GUEST ",\"body\":\"abcde\"}", GUEST "|abcde|-|0" },
		{ "characters, not bytes", "{" TO_GUEST ",\"body\":\"\xc3\xbc\xc3\xbc\xc3\xbc\"}",
		  GUEST "|\xc3\xbc\xc3\xbc\xc3\xbc|-|0" },
		{ "escapes", "{" TO_GUEST ",\"body\":\"\\u00fc\\n\"}", GUEST "|\xc3\xbc\n|-|0" },
		{ "choice", "{" TO_GUEST ",\"kind\":\"large\"}", GUEST "|-|large|0" },
		{ "any order", "{\"kind\":\"small\"," TO_GUEST "}", GUEST "|-|small|0" },
		{ "time", "{" TO_GUEST ",\"at\":\"2100-01-01T00:00:00Z\"}",
		  GUEST "|-|-|4102444800000" },
		{ "time with an offset", "{" TO_GUEST ",\"at\":\"2100-01-01T02:30:00+02:30\"}",
		  GUEST "|-|-|4102444800000" },
		{ "time with a fraction", "{" TO_GUEST ",\"at\":\"2100-01-01T00:00:00.5Z\"}",
		  GUEST "|-|-|4102444800500" },
		{ "10 segments", "{" TO_GUEST ",\"sms\":\"" X1500 X10 X10 X10 "\"}",
		  GUEST "|-|-|0" X1500 X10 X10 X10 },
		{ "a digit is asked for", "{" TO_GUEST ",\"sms\":\"Reply 9 to cancel\"}",
		  GUEST "|-|-|0Reply 9 to cancel" },
		{ "a template stays as it is",
		  "{" TO_GUEST ",\"template\":\"Reply {yes}, {no}{} {x } {\"}",
		  GUEST "|-|-|0Reply {yes}, {no}{} {x } {" },
	};
	struct house h = house_open(
		&(struct server_settings){ .handle = handle, .body_max = 4000 });

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct answer r = post(&h, "application/json", rows[i].body);

		if (r.status != 200)
			fail_msg("row '%s': " STR_FMT, rows[i].name, STR_ARG(r.body));
		check_str(rows[i].name, r.body, str_of(rows[i].read));
	}
	house_close(&h);
}

static const struct {
	const char *name, *body;
	int status;
	const char *param, *detail; /* a part of it */
} refusals[] = {
	{ "empty", "", 400, NULL, "The body is not JSON we accept: " },
	{ "no JSON", "to=1", 400, NULL, "The body is not JSON we accept: " },
	{ "an array", "[]", 400, NULL, "must be an object" },
	{ "a key twice", "{" TO_GUEST "," TO_GUEST "}", 400, NULL, "" },
	{ "cut off", "{" TO_GUEST, 400, NULL, "" },
	{ "missing", "{}", 422, "to", "to is missing." },
	{ "null", "{\"to\":null}", 422, "to", "to is missing." },
	{ "unknown", "{" TO_GUEST ",\"bdoy\":\"x\"}", 422, "bdoy", "no field of this name" },
	{ "unknown before missing", "{\"too\":1}", 422, "too", "no field of this name" },
	{ "case matters", "{\"To\":\"2125550199\"}", 422, "To", "no field of this name" },
	{ "a number", "{\"to\":2125550199}", 422, "to", "to must be a string." },
	{ "true", "{" TO_GUEST ",\"body\":true}", 422, "body", "body must be a string." },
	{ "an object", "{" TO_GUEST ",\"at\":{}}", 422, "at", "at must be a string." },
	{ "too short", "{" TO_GUEST ",\"body\":\"a\"}", 422, "body",
	  "body must have 2 to 5 characters; it has 1." },
	{ "too long", "{" TO_GUEST ",\"body\":\"abcdef\"}", 422, "body",
	  "body must have 2 to 5 characters; it has 6." },
	{ "short text", "{" TO_GUEST ",\"sms\":\"a\"}", 422, "sms",
	  "sms must have 2 to 1600 characters; it has 1." },
	{ "11 segments", "{" TO_GUEST ",\"sms\":\"" X1500 X10 X10 X10 "x\"}", 422, "sms",
	  "about 1 characters too long" },
	{ "opts out", "{" TO_GUEST ",\"sms\":\"Reply CANCEL\"}", 422, "sms",
	  "Do not ask guests to reply CANCEL" },
	{ "a variable is one in a template only", "{" TO_GUEST ",\"sms\":\"Reply {yes}\"}", 422,
	  "sms", "to reply YES" },
	{ "long template", "{" TO_GUEST ",\"template\":\"" X10 X10 X10 X10 "{\"}", 422, "template",
	  "template must have 2 to 40 characters; it has 41." },
	{ "a template opts out", "{" TO_GUEST ",\"template\":\"Reply {yes} or CANCEL\"}", 422,
	  "template", "Do not ask guests to reply CANCEL" },
	{ "no variable", "{" TO_GUEST ",\"template\":\"Reply { yes}\"}", 422, "template",
	  "to reply YES" },
	{ "no phone", "{\"to\":\"call me\"}", 422, "to",
	  "to is not a telephone number we can use: " },
	{ "empty phone", "{\"to\":\"\"}", 422, "to", "not a telephone number" },
	{ "long phone", "{\"to\":\"11111111111111111111111111111111111111111\"}", 422, "to",
	  "it is too long" },
	{ "no choice", "{" TO_GUEST ",\"kind\":\"medium\"}", 422, "kind",
	  "kind must be one of: small large." },
	{ "two choices", "{" TO_GUEST ",\"kind\":\"small large\"}", 422, "kind", "must be one of" },
	{ "no time", "{" TO_GUEST ",\"at\":\"tomorrow\"}", 422, "at", "a time like" },
	{ "a date", "{" TO_GUEST ",\"at\":\"2100-01-01\"}", 422, "at", "a time like" },
	{ "no zone", "{" TO_GUEST ",\"at\":\"2100-01-01T00:00:00\"}", 422, "at", "a time like" },
	{ "no such day", "{" TO_GUEST ",\"at\":\"2100-02-30T00:00:00Z\"}", 422, "at",
	  "a time like" },
	{ "long ago", "{" TO_GUEST ",\"at\":\"2020-01-01T00:00:00Z\"}", 422, "at",
	  "must be in the future" },
};

static void refused(void **state)
{
	struct house h = house_open(
		&(struct server_settings){ .handle = handle, .body_max = 4000 });

	(void)state;
	for (size_t i = 0; i < COUNT(refusals); i++) {
		struct answer r = post(&h, "application/json", refusals[i].body);
		const char *why;
		const struct json *problem = json_parse(h.arena, r.body, &why);
		struct str detail = json_str(problem, "detail");

		if (r.status != refusals[i].status)
			fail_msg("row '%s': %d " STR_FMT, refusals[i].name, r.status,
				 STR_ARG(r.body));
		check_str(refusals[i].name, json_str(problem, "param"), str_of(refusals[i].param));
		if (!strstr(arena_cstr(h.arena, detail), refusals[i].detail))
			fail_msg("row '%s': " STR_FMT, refusals[i].name, STR_ARG(detail));
	}
	house_close(&h);
}

static void content_types(void **state)
{
	static const struct {
		const char *type;
		int status;
	} rows[] = {
		{ "application/json", 200 },  { "application/json; charset=utf-8", 200 },
		{ "Application/JSON", 200 },  { "application/json ;charset=utf-8", 200 },
		{ "text/json", 415 },	      { "application/x-www-form-urlencoded", 415 },
		{ "application/jsonx", 415 }, { "", 415 },
	};
	struct house h = house_open(&(struct server_settings){ .handle = handle });

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(rows[i].type,
		      post(&h, rows[i].type, "{" TO_GUEST "}").status == rows[i].status);
	house_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted),
		cmocka_unit_test(refused),
		cmocka_unit_test(content_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
