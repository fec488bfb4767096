/* test_signatures.c - webhook signatures against vectors made with the carriers' own libraries. */
#include "testing.h"

#include "provider.h"
#include "secret.h"

/*
 * Twilio's library for Node accepts this one, because it also tries the URL in another spelling. We
 * compare with the bytes that came and nothing else: it is the library that guesses.
 */
static bool is_stricter(const char *name)
{
	return strcmp(name, "query-percent27-signed-raw") == 0;
}

static void add_header(struct http_request *r, struct http_header *headers, const char *name,
		       struct str value)
{
	r->headers = headers;
	if (value.p)
		headers[r->header_num++] = (struct http_header){ str_of(name), value };
}

static void check_twilio(struct arena *a, const struct json *row)
{
	const char *name = arena_cstr(a, json_str(row, "name")), *why;
	struct carrier_account account = {
		.webhook_secrets = { STR("another token, as while rotating"),
				     json_str(row, "auth_token") },
		.webhook_secret_num = 2,
	};
	struct http_header headers[2];
	struct http_request r = {
		.method = json_str(row, "method"),
		.url = json_str(row, "url"),
		.body = json_str(row, "body"),
	};
	bool want = json_get(row, "valid")->boolean && !is_stricter(name);
	enum webhook_verdict verdict;

	add_header(&r, headers, "x-twilio-signature", json_str(row, "signature"));
	add_header(&r, headers, "Content-Type", json_str(row, "content_type"));
	verdict = twilio.verify_webhook(a, &account, &r, 0, &why);
	check(name, verdict == (want ? WEBHOOK_VALID : WEBHOOK_FORGED));
	check(name, (why == NULL) == want);
}

static void of_twilio(void **state)
{
	struct arena *a = arena_new();
	const struct json *rows = read_rows(a, "fixtures/vectors/twilio-signature.json");

	(void)state;
	for (const struct json *row = rows->first; row; row = row->next)
		check_twilio(a, row);
	check("all of them", rows->num >= 58);
	arena_free(a);
}

static void check_telnyx(struct arena *a, const struct json *row)
{
	const char *name = arena_cstr(a, json_str(row, "name")), *why;
	struct carrier_account account = {
		.webhook_secrets = { STR("PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw="),
				     json_str(row, "public_key_b64") },
		.webhook_secret_num = 2,
	};
	struct http_header headers[2];
	struct http_request r = { .method = STR("POST"), .body = json_str(row, "body") };
	bool want = json_get(row, "valid")->boolean;
	bool stale = strstr(name, "-301s") || strstr(name, "timestamp-millis");
	int64_t now_s;

	check(name, json_int(json_get(row, "now"), &now_s));
	add_header(&r, headers, "Telnyx-Signature-Ed25519", json_str(row, "signature_b64"));
	add_header(&r, headers, "telnyx-timestamp", json_str(row, "timestamp"));
	check(name,
	      telnyx.verify_webhook(a, &account, &r, now_s, &why) == (want  ? WEBHOOK_VALID :
								      stale ? WEBHOOK_STALE :
									      WEBHOOK_FORGED));
	check(name, (why == NULL) == want);
}

static void of_telnyx(void **state)
{
	struct arena *a = arena_new();
	const struct json *rows = read_rows(a, "fixtures/vectors/telnyx-signature.json");

	(void)state;
	for (const struct json *row = rows->first; row; row = row->next)
		check_telnyx(a, row);
	check("all of them", rows->num >= 29);
	arena_free(a);
}

/* A form that is signed over `signed_text`, whatever stands in `body`. */
static enum webhook_verdict verify_form(struct str url, struct str body, struct str signed_text)
{
	struct arena *a = arena_new();
	struct carrier_account account = {
		.id = STR("AC1"),
		.webhook_secrets = { STR("token") },
		.webhook_secret_num = 1,
	};
	uint8_t mac[SHA1_BYTES];
	struct http_header headers[2];
	struct http_request r = { .method = STR("POST"), .url = url, .body = body };
	enum webhook_verdict verdict;
	const char *why;

	secret_hmac_sha1(STR("token"), signed_text, mac);
	add_header(&r, headers, "X-Twilio-Signature",
		   secret_base64(a, (struct str){ (const char *)mac, sizeof(mac) }));
	add_header(&r, headers, "Content-Type",
		   STR("Application/X-WWW-Form-Urlencoded; charset=utf-8"));
	verdict = twilio.verify_webhook(a, &account, &r, 0, &why);
	arena_free(a);
	return verdict;
}

static void twilio_traps(void **state)
{
	static const struct {
		const char *name;
		struct str url, body, signed_text;
		bool valid;
	} rows[] = {
		{ "plain", STR("https://h/x"), STR("A=1"), STR("https://h/xA1"), true },
		{ "our account", STR("https://h/x"), STR("AccountSid=AC1"),
		  STR("https://h/xAccountSidAC1"), true },
		{ "foreign account", STR("https://h/x"), STR("AccountSid=AC2"),
		  STR("https://h/xAccountSidAC2"), false },
		{ "ours and a foreign one", STR("https://h/x"),
		  STR("AccountSid=AC1&AccountSid=AC2"),
		  STR("https://h/xAccountSidAC1AccountSidAC2"), false },
		{ "NUL does not end what is signed", STR("https://h/x"), STR("%00=evil&A=1"),
		  STR("https://h/x"), false },
		{ "NUL is signed too", STR("https://h/x"), STR("%00=e&A=1"),
		  STR("https://h/x\0eA1"), true },
		{ "user name in the URL", STR("https://u@h/x"), STR("A=1"), STR("https://u@h/xA1"),
		  false },
		{ "at sign in the query", STR("https://h/x?a@b"), STR("A=1"),
		  STR("https://h/x?a@bA1"), true },
		{ "fragment", STR("https://h/x#f"), STR("A=1"), STR("https://h/x#fA1"), false },
		{ "no scheme", STR("h/x"), STR("A=1"), STR("h/xA1"), false },
		{ "https port added", STR("https://h/x"), STR("A=1"), STR("https://h:443/xA1"),
		  true },
		{ "http port added", STR("http://h/x"), STR("A=1"), STR("http://h:80/xA1"), true },
		{ "other port added", STR("https://h/x"), STR("A=1"), STR("https://h:8443/xA1"),
		  false },
		{ "colon in the path", STR("https://h/x:y"), STR("A=1"), STR("https://h/x:yA1"),
		  true },
		{ "no path", STR("https://h"), STR("A=1"), STR("https://hA1"), true },
		{ "broken escape", STR("https://h/x"), STR("A=%zz"), STR("https://h/xA%zz"),
		  false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(rows[i].name, verify_form(rows[i].url, rows[i].body, rows[i].signed_text) ==
					    (rows[i].valid ? WEBHOOK_VALID : WEBHOOK_FORGED));
}

static void twilio_bounds(void **state)
{
	struct arena *a = arena_new();
	struct buf body = buf_new(a, 100000), text = buf_new(a, 100000);

	(void)state;
	buf_put(&text, STR("https://h/x"));
	for (int i = 100; i < 356; i++) {
		buf_printf(&body, "&p%d=1", i);
		buf_printf(&text, "p%d1", i);
	}
	check("256 parameters",
	      verify_form(STR("https://h/x"), buf_str(&body), buf_str(&text)) == WEBHOOK_VALID);
	buf_put(&body, STR("&p356=1"));
	buf_put(&text, STR("p3561"));
	check("257 parameters",
	      verify_form(STR("https://h/x"), buf_str(&body), buf_str(&text)) == WEBHOOK_FORGED);
	body = buf_new(a, 100000);
	for (int i = 0; i < 66000; i++)
		buf_char(&body, 'a');
	text = buf_new(a, 100000);
	buf_put(&text, STR("https://h/x"));
	buf_put(&text, buf_str(&body));
	check("65,000 bytes",
	      verify_form(STR("https://h/x"), buf_str(&body), buf_str(&text)) == WEBHOOK_FORGED);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_twilio),
		cmocka_unit_test(of_telnyx),
		cmocka_unit_test(twilio_traps),
		cmocka_unit_test(twilio_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
