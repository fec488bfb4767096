/* test_proxy.c - whose address is believed, by a corpus of headers, most of them forged. */
#include "testing.h"

#include "proxy.h"

#define PEER "203.0.113.9"
#define CF_EDGE "162.158.1.2" /* Cloudflare's */
#define CF_EDGE6 "2606:4700::1"
#define SECRET "x-cloudflare-secret", "the-secret-of-our-zone"
#define OTHER "x-cloudflare-secret", "the-secret-of-another"
#define XFF(list) "x-forwarded-for", list
#define CF(address) "cf-connecting-ip", address

enum { NO, YES, CLOUDFLARE };

static const struct {
	const char *name;
	int trust;
	const char *peer;
	const char *headers[10];
	const char *client;
} rows[] = {
	{ "nobody in front: what is said is forged",
	  NO,
	  PEER,
	  { XFF("198.51.100.1"), CF("198.51.100.2"), SECRET, "x-real-ip", "1.2.3.4" },
	  PEER },
	{ "no header at all", YES, PEER, { NULL }, PEER },
	{ "the router's", YES, PEER, { XFF("198.51.100.1") }, "198.51.100.1" },
	{ "behind forged ones",
	  YES,
	  PEER,
	  { XFF("1.2.3.4, 5.6.7.8, 198.51.100.1") },
	  "198.51.100.1" },
	{ "in two headers", YES, PEER, { XFF("1.2.3.4"), XFF("198.51.100.1") }, "198.51.100.1" },
	{ "of version 6", YES, PEER, { XFF("1.2.3.4,2001:db8::7") }, "2001:db8::7" },
	{ "no address", YES, PEER, { XFF("1.2.3.4, unknown") }, PEER },
	{ "nothing behind the comma", YES, PEER, { XFF("1.2.3.4,") }, "1.2.3.4" },
	{ "a line of the log", YES, PEER, { XFF("1.2.3.4 event=forged") }, PEER },
	{ "too long",
	  YES,
	  PEER,
	  { XFF("1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc") },
	  PEER },
	{ "Forwarded and X-Real-IP are nobody's",
	  YES,
	  PEER,
	  { "forwarded", "for=1.2.3.4", "x-real-ip", "1.2.3.4", XFF("198.51.100.1") },
	  "198.51.100.1" },
	{ "Cloudflare's header means nothing there",
	  YES,
	  PEER,
	  { CF("1.2.3.4"), XFF(CF_EDGE), SECRET },
	  CF_EDGE },
	{ "Cloudflare and Heroku",
	  CLOUDFLARE,
	  "10.1.2.3",
	  { CF("198.51.100.1"), XFF("1.2.3.4, 198.51.100.1, " CF_EDGE), SECRET },
	  "198.51.100.1" },
	{ "with the secret to come",
	  CLOUDFLARE,
	  "10.1.2.3",
	  { CF("198.51.100.1"), XFF(CF_EDGE), "x-cloudflare-secret", "the-one-to-come-of-it" },
	  "198.51.100.1" },
	{ "by version 6",
	  CLOUDFLARE,
	  "10.1.2.3",
	  { CF("2001:db8::5"), XFF(CF_EDGE6), SECRET },
	  "2001:db8::5" },
	{ "Cloudflare connects to us",
	  CLOUDFLARE,
	  CF_EDGE,
	  { CF("198.51.100.1"), XFF("1.2.3.4, 198.51.100.1"), SECRET },
	  "198.51.100.1" },
	{ "somebody else's Cloudflare",
	  CLOUDFLARE,
	  "10.1.2.3",
	  { CF("1.2.3.4"), XFF(CF_EDGE), OTHER },
	  CF_EDGE },
	{ "without the secret", CLOUDFLARE, "10.1.2.3", { CF("1.2.3.4"), XFF(CF_EDGE) }, CF_EDGE },
	{ "an empty one",
	  CLOUDFLARE,
	  "10.1.2.3",
	  { CF("1.2.3.4"), XFF(CF_EDGE), "x-cloudflare-secret", "" },
	  CF_EDGE },
	{ "both secrets in one",
	  CLOUDFLARE,
	  "10.1.2.3",
	  { CF("1.2.3.4"), XFF(CF_EDGE), "x-cloudflare-secret",
	    "the-secret-of-our-zone,the-one-to-come-of-it" },
	  CF_EDGE },
	{ "two secrets",
	  CLOUDFLARE,
	  "10.1.2.3",
	  { CF("1.2.3.4"), XFF(CF_EDGE), OTHER, SECRET },
	  CF_EDGE },
	{ "past Cloudflare, with a secret that leaked",
	  CLOUDFLARE,
	  "10.1.2.3",
	  { CF("1.2.3.4"), XFF("198.51.100.1"), SECRET },
	  "198.51.100.1" },
	{ "who says that it is Cloudflare",
	  CLOUDFLARE,
	  "10.1.2.3",
	  { CF("1.2.3.4"), XFF(CF_EDGE ", 198.51.100.1"), SECRET },
	  "198.51.100.1" },
	{ "two of Cloudflare's headers",
	  CLOUDFLARE,
	  "10.1.2.3",
	  { CF("1.2.3.4"), CF("198.51.100.1"), XFF(CF_EDGE), SECRET },
	  CF_EDGE },
	{ "no address from Cloudflare",
	  CLOUDFLARE,
	  "10.1.2.3",
	  { CF("x"), XFF(CF_EDGE), SECRET },
	  CF_EDGE },
};

static void corpus(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct proxy p = {
			.trusted = rows[i].trust != NO,
			.cloudflare = rows[i].trust == CLOUDFLARE,
			.secrets = STR("the-secret-of-our-zone , the-one-to-come-of-it"),
		};
		struct http_header headers[5];
		struct http_request r = { .headers = headers };

		for (size_t k = 0; k < 10 && rows[i].headers[k]; k += 2)
			headers[r.header_num++] = (struct http_header){
				str_of(rows[i].headers[k]), str_of(rows[i].headers[k + 1])
			};
		check_str(rows[i].name, proxy_client(&p, str_of(rows[i].peer), &r),
			  str_of(rows[i].client));
	}
}

static void scheme(void **state)
{
	static const struct {
		const char *name, *value;
		bool trusted, http;
	} schemes[] = {
		{ "http", "http", true, true },
		{ "https", "https", true, false },
		{ "forged, then the router's", "https, http", true, true },
		{ "none", NULL, true, false }, /* a probe of the machine itself */
		{ "nobody in front", "http", false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(schemes); i++) {
		const struct proxy p = { .trusted = schemes[i].trusted };
		struct http_header header = { STR("x-forwarded-proto"), str_of(schemes[i].value) };
		struct http_request r = { .headers = &header, .header_num = !!schemes[i].value };

		check(schemes[i].name, proxy_saw_http(&p, &r) == schemes[i].http);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(corpus),
		cmocka_unit_test(scheme),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
