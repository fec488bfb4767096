/* test_listing.c - asking carriers what guests wrote: questions, pages, and texts as webhooks. */
#include "testing.h"

#include "provider.h"
#include "rfc2822.h"

#define SINCE_MS INT64_C(1770000602500) /* 2026-02-02T02:50:02.5Z */

static const struct carrier_account account = {
	.base_url = { "https://api.example.com", 23 },
	.id = { "AC1", 3 },
	.user = { "AC1", 3 },
	.secret = { "token", 5 },
};

static void questions(void **state)
{
	static const struct {
		const char *name;
		const struct provider *provider;
		const char *next, *url;
	} rows[] = {
		{ "Twilio", &twilio, "",
		  "https://api.example.com/2010-04-01/Accounts/AC1/Messages.json?"
		  "DateSent%3E=2026-02-02T02%3A50%3A02Z&DateSent%3C=2026-02-02T03%3A50%3A03Z&"
		  "PageSize=50" },
		{ "Twilio's next page", &twilio,
		  "/2010-04-01/Accounts/AC1/Messages.json?Page=1&PageToken=PASM1",
		  "https://api.example.com/2010-04-01/Accounts/AC1/Messages.json?Page=1&"
		  "PageToken=PASM1" },
		{ "Telnyx", &telnyx, "",
		  "https://api.example.com/v2/detail_records?filter%5Brecord_type%5D=messaging&"
		  "filter%5Bdirection%5D=inbound&"
		  "filter%5Bcreated_at%5D%5Bgte%5D=2026-02-02T02%3A50%3A02.500Z&"
		  "filter%5Bcreated_at%5D%5Blte%5D=2026-02-02T03%3A50%3A02.500Z&"
		  "page%5Bsize%5D=50&page%5Bnumber%5D=1" },
		{ "Telnyx's next page", &telnyx, "2",
		  "https://api.example.com/v2/detail_records?filter%5Brecord_type%5D=messaging&"
		  "filter%5Bdirection%5D=inbound&"
		  "filter%5Bcreated_at%5D%5Bgte%5D=2026-02-02T02%3A50%3A02.500Z&"
		  "filter%5Bcreated_at%5D%5Blte%5D=2026-02-02T03%3A50%3A02.500Z&"
		  "page%5Bsize%5D=50&page%5Bnumber%5D=2" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *a = arena_new();
		const struct listing l = { SINCE_MS, SINCE_MS + 3600000, str_of(rows[i].next) };
		struct http_request r;

		rows[i].provider->build_list(a, &account, &l, &r);
		check_str(rows[i].name, r.url, str_of(rows[i].url));
		check_str(rows[i].name, r.method, STR("GET"));
		check(rows[i].name, r.header_num == 2 && !r.body.len);
		arena_free(a);
	}
}

#define ENTRY(sid, direction)                                                                      \
	"{\"sid\":\"" sid "\",\"direction\":\"" direction                                          \
	"\",\"to\":\"+13125550002\",\"from\":\"+12125550199\",\"body\":\"hi\"}"
#define LIST(messages, next) "{\"messages\":[" messages "],\"next_page_uri\":" next "}"
#define RECORD(uuid, direction)                                                                    \
	"{\"uuid\":\"" uuid "\",\"direction\":\"" direction "\",\"cld\":\"+17735550002\"}"
#define RECORDS(records, page, pages)                                                              \
	"{\"data\":[" records "],\"meta\":{\"page_number\":" page ",\"total_pages\":" pages "}}"
#define NEXT "/2010-04-01/Accounts/AC1/Messages.json?Page=1"

static void pages(void **state)
{
	static const struct {
		const char *name;
		const struct provider *provider;
		int status;
		const char *body, *ids, *next; /* ids NULL: it did not say */
	} rows[] = {
		{ "nothing", &twilio, 200, LIST("", "null"), "", "" },
		{ "ours and theirs", &twilio, 200,
		  LIST(ENTRY("SM3", "inbound") "," ENTRY("SM2", "outbound-api") "," ENTRY(
			       "SM1", "inbound"),
		       "null"),
		  "SM3 +13125550002,SM1 +13125550002,", "" },
		{ "more", &twilio, 200, LIST("", "\"" NEXT "\""), "", NEXT },
		{ "more, somewhere else", &twilio, 200, LIST("", "\"https://evil.example/\""), NULL,
		  "" },
		{ "an error", &twilio, 500, LIST("", "null"), NULL, "" },
		{ "not a list", &twilio, 200, "{}", NULL, "" },
		{ "cut off", &twilio, 200, "{\"messages\":[", NULL, "" },
		{ "nothing", &telnyx, 200, RECORDS("", "1", "0"), "", "" },
		{ "ours and theirs", &telnyx, 200,
		  RECORDS(RECORD("u2", "outbound") "," RECORD("u1", "inbound"), "1", "1"),
		  "u1 +17735550002,", "" },
		{ "more", &telnyx, 200, RECORDS("", "1", "3"), "", "2" },
		{ "the last page", &telnyx, 200, RECORDS("", "3", "3"), "", "" },
		{ "no word of pages", &telnyx, 200, "{\"data\":[]}", NULL, "" },
		{ "an error", &telnyx, 401, RECORDS("", "1", "1"), NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *a = arena_new();
		const struct http_response r = { .status = rows[i].status,
						 .body = str_of(rows[i].body) };
		struct listed_page page;
		struct buf ids = buf_new(a, 200);
		bool said = rows[i].provider->parse_list(a, &r, &page);

		check(rows[i].name, said == (rows[i].ids != NULL));
		for (size_t k = 0; said && k < page.num; k++)
			buf_printf(&ids, STR_FMT " " STR_FMT ",", STR_ARG(page.at[k].carrier_id),
				   STR_ARG(page.at[k].number));
		if (said) {
			check_str(rows[i].name, buf_str(&ids), str_of(rows[i].ids));
			check_str(rows[i].name, page.next, str_of(rows[i].next));
		}
		arena_free(a);
	}
}

/* A page with more entries than were asked for is not read beyond its room. */
static void too_many(void **state)
{
	struct arena *a = arena_new();
	struct buf list = buf_new(a, 20000), records = buf_new(a, 20000);
	struct listed_page page;

	(void)state;
	for (int i = 0; i <= LISTED_MAX; i++) {
		buf_printf(&list, "%s" ENTRY("SM", "inbound"), i ? "," : "");
		buf_printf(&records, "%s" RECORD("u", "inbound"), i ? "," : "");
	}
	const struct http_response t = {
		.status = 200,
		.body = arena_printf(a, LIST(STR_FMT, "null"), STR_ARG(buf_str(&list))),
	};
	const struct http_response x = {
		.status = 200,
		.body = arena_printf(a, RECORDS(STR_FMT, "1", "1"), STR_ARG(buf_str(&records))),
	};

	check("all fit the buffers", !buf_full(&list) && !buf_full(&records));
	check("Twilio", !twilio.parse_list(a, &t, &page));
	check("Telnyx", !telnyx.parse_list(a, &x, &page));
	arena_free(a);
}

/* A text that was fetched, journalled and read again says what it said. */
static void texts(void **state)
{
	static const struct {
		const char *name;
		const struct provider *provider;
		const char *body, *id;
		unsigned media;
	} rows[] = {
		{ "Twilio", &twilio,
		  "{\"sid\":\"SM1\",\"account_sid\":\"AC1\",\"direction\":\"inbound\","
		  "\"from\":\"+12125550199\",\"to\":\"+13125550002\",\"body\":\"caf\\u00e9 & 1=1"
		  "\\n\",\"num_media\":\"2\",\"date_sent\":\"Mon, 02 Feb 2026 02:50:03 +0000\"}",
		  "SM1", 2 },
		{ "Telnyx", &telnyx,
		  "{\"data\":{\"id\":\"u1\",\"direction\":\"inbound\",\"from\":{\"phone_number\":"
		  "\"+12125550199\",\"carrier\":\"T-Mobile\"},\"to\":[{\"phone_number\":"
		  "\"+13125550002\",\"status\":\"webhook_delivered\"}],\"text\":\"caf\\u00e9 & "
		  "1=1\\n\",\"media\":[{\"url\":\"https://m.example/1\"},{\"url\":null}],"
		  "\"received_at\":\"2026-02-02T02:50:03.000+00:00\"}}",
		  "u1", 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *a = arena_new();
		const struct http_response r = { .status = 200, .body = str_of(rows[i].body) };
		struct http_request webhook;
		const char *why = NULL;
		struct event e;

		check(rows[i].name, rows[i].provider->parse_reply(a, &r, &webhook));
		check(rows[i].name, rows[i].provider->parse_webhook(a, &webhook, &e, &why));
		check(rows[i].name, e.kind == EVENT_REPLY && e.media_num == rows[i].media);
		check_str(rows[i].name, e.carrier_id, str_of(rows[i].id));
		check_str(rows[i].name, e.from, STR("+12125550199"));
		check_str(rows[i].name, e.to, STR("+13125550002"));
		check_str(rows[i].name, e.body, STR("caf\xc3\xa9 & 1=1\n"));
		check(rows[i].name, e.occurred_ms == INT64_C(1770000603000));
		arena_free(a);
	}
}

/* What is not a guest's text is none. */
static void no_texts(void **state)
{
	static const struct {
		const struct provider *provider;
		int status;
		const char *body;
	} rows[] = {
		{ &twilio, 404, "{\"code\":20404}" },
		{ &twilio, 200, "{\"sid\":\"SM1\",\"direction\":\"outbound-api\"}" },
		{ &twilio, 200, "[" },
		{ &telnyx, 404, "{\"errors\":[]}" },
		{ &telnyx, 200, "{\"data\":{\"id\":\"u1\",\"direction\":\"outbound\"}}" },
		{ &telnyx, 200, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *a = arena_new();
		const struct http_response r = { .status = rows[i].status,
						 .body = str_of(rows[i].body) };
		struct http_request webhook;

		check(rows[i].body, !rows[i].provider->parse_reply(a, &r, &webhook));
		arena_free(a);
	}
}

static void dates(void **state)
{
	static const struct {
		const char *text;
		int64_t ms; /* 0: not one */
	} rows[] = {
		{ "Mon, 02 Feb 2026 02:50:02 +0000", INT64_C(1770000602000) },
		{ "Thu, 29 Feb 2024 23:59:59 +0000", INT64_C(1709251199000) },
		{ "Mon, 02 Feb 2026 02:50:02 +0100", 0 },
		{ "Mon, 02 Feb 2026 02:50:02", 0 },
		{ "Mon, 02 Feb 2026 02:50:02 +0000 and more and more and more", 0 },
		{ "2026-02-02T02:50:02Z", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t ms = 0;

		check(rows[i].text, rfc2822_parse(str_of(rows[i].text), &ms) == (rows[i].ms != 0));
		check(rows[i].text, ms == rows[i].ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions), cmocka_unit_test(pages),	 cmocka_unit_test(too_many),
		cmocka_unit_test(texts),     cmocka_unit_test(no_texts), cmocka_unit_test(dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
