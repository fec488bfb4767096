/* test_token.c - session tokens: what we made reads back, and nothing that an attacker makes. */
#include "testing.h"

#include <openssl/hmac.h>

#include "id.h"
#include "secret.h"
#include "token.h"

#define NOW 1770000000
#define KEY_1 "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
#define KEY_2 "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
#define SES "ses_01kgf0000000000000000000ab"
#define USR "usr_01kgf0000000000000000000cd"
#define ACC "acc_01kgf0000000000000000000ef"
#define HEADER "{\"alg\":\"HS256\",\"kid\":\"one\",\"typ\":\"JWT\"}"
#define IDS "\"iss\":\"maitred\",\"jti\":\"" SES "\",\"sub\":\"" USR "\"}"
#define AUD "\"aud\":\"maitred-staff\","
#define EXP "\"exp\":1770003600,"
#define IAT "\"iat\":1770000000,"
#define CLAIMS "{\"acc\":\"" ACC "\"," AUD EXP IAT IDS

static struct arena *a;
static struct token_keys keys, second; /* second: only the other key */
static struct token token;

static void read_keys(struct token_keys *k, const char *setting)
{
	struct buf problems = buf_new(a, 1000);

	check(setting,
	      token_keys_read(k, a, "SESSION_KEYS", str_of(setting), &problems) && !problems.len);
}

static int set_up(void **state)
{
	(void)state;
	a = arena_new();
	read_keys(&keys, "one:" KEY_1 ",two:" KEY_2);
	read_keys(&second, "two:" KEY_2);
	token = (struct token){ STR(SES), STR(USR), STR(ACC), NOW, NOW + 3600 };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static bool reads(struct str text)
{
	struct token out;
	bool ok = token_read(a, &keys, text, NOW, &out);

	check("nothing is left of what was refused", ok || (!out.user_id.len && !out.expires_s));
	return ok;
}

/* ---- an attacker's tools ---- */

static struct str base64url(struct str bytes)
{
	struct str s = secret_base64(a, bytes);
	char *p = (char *)s.p;

	for (size_t i = 0; i < s.len; i++)
		p[i] = (char)(p[i] == '+' ? '-' : p[i] == '/' ? '_' : p[i]);
	while (s.len && s.p[s.len - 1] == '=')
		s.len--;
	return s;
}

static struct str unsigned_token(const char *header, const char *claims)
{
	return arena_printf(a, STR_FMT "." STR_FMT, STR_ARG(base64url(str_of(header))),
			    STR_ARG(base64url(str_of(claims))));
}

static struct str signed_by(const EVP_MD *digest, const char *header, const char *claims, int key)
{
	struct str text = unsigned_token(header, claims), k = keys.keys[key].key;
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned len;

	HMAC(digest, k.p, (int)k.len, (const unsigned char *)text.p, text.len, mac, &len);
	return arena_printf(a, STR_FMT "." STR_FMT, STR_ARG(text),
			    STR_ARG(base64url((struct str){ (char *)mac, len })));
}

static struct str hs256(const char *header, const char *claims)
{
	return signed_by(EVP_sha256(), header, claims, 0);
}

/* ---- tests ---- */

static void there_and_back(void **state)
{
	struct str text = token_make(a, &keys, &token);
	struct token out;

	(void)state;
	check("reads", token_read(a, &keys, text, NOW, &out));
	check_str("session", out.session_id, STR(SES));
	check_str("user", out.user_id, STR(USR));
	check_str("account", out.account_id, STR(ACC));
	check("times", out.issued_s == NOW && out.expires_s == NOW + 3600);
	check("short", text.len < 400);
	check_str("as any JWT", text, hs256(HEADER, CLAIMS));
}

static void rotation(void **state)
{
	struct str text = token_make(a, &second, &token);
	struct token_keys none = { 0 }, first;
	struct token out;

	(void)state;
	read_keys(&first, "one:" KEY_1);
	check("the old key still verifies", reads(text));
	check("the first one signs",
	      reads(hs256(HEADER, CLAIMS)) &&
		      str_eq(token_make(a, &keys, &token), token_make(a, &first, &token)));
	check("until it is taken away", !token_read(a, &first, text, NOW, &out));
	check("no keys, no tokens", !token_read(a, &none, text, NOW, &out));
}

static void expiry(void **state)
{
	struct str text = token_make(a, &keys, &token);
	struct token out;

	(void)state;
	check("the last second", token_read(a, &keys, text, NOW + 3599, &out));
	check("over", !token_read(a, &keys, text, NOW + 3600, &out));
	check("long over", !token_read(a, &keys, text, INT64_MAX, &out));
	token.expires_s = 0;
	check("never begun", !reads(token_make(a, &keys, &token)));
	token.expires_s = -1;
	check("before all", !reads(token_make(a, &keys, &token)));
	token.expires_s = INT64_MAX;
	check("the end of time", reads(token_make(a, &keys, &token)));
}

#define ALG(alg) "{\"alg\":" alg ",\"kid\":\"one\",\"typ\":\"JWT\"}"

static void algorithms(void **state)
{
	static const char *const names[] = { "none",  "None",  "nOnE",	 "NONE",  "HS384",
					     "HS512", "RS256", "RS512",	 "ES256", "PS256",
					     "EdDSA", "hs256", "HS256 ", "" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		const char *header = arena_printf(a, ALG("\"%s\""), names[i]).p;
		struct str bare = unsigned_token(header, CLAIMS);

		check(names[i], !reads(bare));
		check(names[i], !reads(arena_printf(a, STR_FMT ".", STR_ARG(bare))));
		check(names[i], !reads(arena_printf(a, STR_FMT ".AAAA", STR_ARG(bare))));
		check(names[i], !reads(signed_by(EVP_sha256(), header, CLAIMS, 0)));
		check(names[i], !reads(signed_by(EVP_sha384(), header, CLAIMS, 0)));
		check(names[i], !reads(signed_by(EVP_sha512(), header, CLAIMS, 0)));
	}
	check("HS512 under the name HS256", !reads(signed_by(EVP_sha512(), HEADER, CLAIMS, 0)));
	check("none, unsigned", !reads(unsigned_token(HEADER, CLAIMS)));
	check("another key", !reads(signed_by(EVP_sha256(), HEADER, CLAIMS, 1)));
}

#define KID(rest) "{\"alg\":\"HS256\"," rest "\"typ\":\"JWT\"}"

/* All signed by the first key: only whoever has it could do that, but no header may steer us. */
static const char *const headers[] = {
	KID("\"kid\":\"two\","),
	KID("\"kid\":\"three\","),
	KID("\"kid\":\"\","),
	KID("\"kid\":\"../../dev/null\","),
	KID("\"kid\":\"one' or '1'='1\","),
	KID("\"kid\":\"one\\u0000\","),
	KID("\"kid\":1,"),
	KID("\"kid\":null,"),
	KID("\"kid\":[\"one\"],"),
	KID(""),
	KID("\"jku\":\"https://evil.example\",\"kid\":\"one\","),
	KID("\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"},\"kid\":\"one\","),
	KID("\"crit\":[\"exp\"],\"kid\":\"one\","),
	KID("\"kid\":\"one\",\"kid\":\"one\","),
	KID("\"kid\":\"two\",\"kid\":\"one\","),
	"{\"alg\":\"none\",\"alg\":\"HS256\",\"kid\":\"one\",\"typ\":\"JWT\"}",
	"{\"alg\":\"HS256\",\"kid\":\"one\",\"typ\":\"JWT\",\"x5u\":\"https://evil.example\"}",
	"{\"alg\":\"HS256\",\"kid\":\"one\",\"typ\":\"at+jwt\"}",
	"{\"alg\":\"HS256\",\"kid\":\"one\",\"typ\":\"jwt\"}",
	"{\"alg\":\"HS256\",\"kid\":\"one\"}",
	"{\"alg\":null,\"kid\":\"one\",\"typ\":\"JWT\"}",
	"{\"alg\":[\"HS256\"],\"kid\":\"one\",\"typ\":\"JWT\"}",
	"{\"kid\":\"one\",\"typ\":\"JWT\"}",
	"{\"kid\":\"one\",\"alg\":\"HS256\",\"typ\":\"JWT\"}", /* right, but not as we write it */
	" " HEADER,
	HEADER HEADER,
	"{}",
	"[]",
	"null",
	"\"\"",
};

static void foreign_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++)
		check(headers[i], !reads(hs256(headers[i], CLAIMS)));
	check("the other key under this one's name",
	      !reads(signed_by(EVP_sha256(), HEADER, CLAIMS, 1)));
}

#define FROM_ACC(acc) "{\"acc\":" acc "," AUD EXP IAT IDS
#define FROM_EXP(exp) "{\"acc\":\"" ACC "\"," AUD "\"exp\":" exp "," IAT IDS
#define FROM_AUD(aud) "{\"acc\":\"" ACC "\"," aud EXP IAT IDS

static const char *const payloads[] = {
	"{}",
	"[]",
	"null",
	"{",
	"",
	CLAIMS " ",
	CLAIMS CLAIMS,
	/* ids */
	FROM_ACC("\"\""),
	FROM_ACC("1"),
	FROM_ACC("null"),
	FROM_ACC("[\"" ACC "\"]"),
	FROM_ACC("\"" USR "\""),
	FROM_ACC("\"" ACC "0\""),
	FROM_ACC("\"" ACC "\\u0000\""),
	FROM_ACC("\"\\u0061cc_01kgf0000000000000000000ef\""),
	FROM_ACC("\"" ACC "\",\"acc\":\"" ACC "\""),
	FROM_ACC("\"acc_01kgf0000000000000000000zz\",\"acc\":\"" ACC "\""),
	"{" AUD EXP IAT IDS,
	"{\"acc\":\"" ACC "\"," AUD EXP IAT "\"iss\":\"maitred\",\"jti\":\"" SES "\"}",
	"{\"acc\":\"" ACC "\"," AUD EXP IAT "\"iss\":\"maitred\",\"sub\":\"" USR "\"}",
	"{\"acc\":\"" ACC "\"," AUD EXP IAT "\"iss\":\"maitred\",\"jti\":\"" USR "\",\"sub\":\"" SES
	"\"}",
	/* times */
	FROM_EXP("1769999999"),
	FROM_EXP("1770000000"),
	FROM_EXP("0"),
	FROM_EXP("-1"),
	FROM_EXP("1770003600.0"),
	FROM_EXP("1.7700036e9"),
	FROM_EXP("1e99"),
	FROM_EXP("1e999"),
	FROM_EXP("9223372036854775808"),
	FROM_EXP("99999999999999999999999999"),
	FROM_EXP("\"1770003600\""),
	FROM_EXP("true"),
	FROM_EXP("null"),
	FROM_EXP("[1770003600]"),
	FROM_EXP("1770003600,\"exp\":1770003600"),
	FROM_EXP("1,\"exp\":1770003600"),
	"{\"acc\":\"" ACC "\"," AUD IAT IDS,
	"{\"acc\":\"" ACC "\"," AUD EXP IDS,
	"{\"acc\":\"" ACC "\"," AUD EXP "\"iat\":\"1770000000\"," IDS,
	/* for somebody else, or from */
	FROM_AUD(""),
	FROM_AUD("\"aud\":\"maitred\","),
	FROM_AUD("\"aud\":[\"maitred-staff\"],"),
	FROM_AUD("\"aud\":[\"maitred-staff\",\"others\"],"),
	FROM_AUD("\"aud\":1,"),
	"{\"acc\":\"" ACC "\"," AUD EXP IAT "\"iss\":\"Maitred\",\"jti\":\"" SES "\",\"sub\":\"" USR
	"\"}",
	"{\"acc\":\"" ACC "\"," AUD EXP IAT "\"jti\":\"" SES "\",\"sub\":\"" USR "\"}",
	/* more than we write */
	"{\"acc\":\"" ACC "\",\"admin\":true," AUD EXP IAT IDS,
	"{\"acc\":\"" ACC "\"," AUD EXP IAT "\"nbf\":1," IDS,
	"{ \"acc\":\"" ACC "\"," AUD EXP IAT IDS,
};

static void foreign_claims(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(payloads); i++)
		check(payloads[i], !reads(hs256(HEADER, payloads[i])));
}

static void swapped_parts(void **state)
{
	struct str mine = token_make(a, &keys, &token), rest = mine, theirs;
	struct str header = str_cut(&rest, '.'), claims = str_cut(&rest, '.');

	(void)state;
	token.user_id = STR("usr_01kgf0000000000000000000zz");
	theirs = token_make(a, &keys, &token);
	struct str other_rest = theirs, other_claims;

	str_cut(&other_rest, '.');
	other_claims = str_cut(&other_rest, '.');
	check("both are good", reads(mine) && reads(theirs));
	check("their claims",
	      !reads(arena_printf(a, STR_FMT "." STR_FMT "." STR_FMT, STR_ARG(header),
				  STR_ARG(other_claims), STR_ARG(rest))));
	check("their signature",
	      !reads(arena_printf(a, STR_FMT "." STR_FMT "." STR_FMT, STR_ARG(header),
				  STR_ARG(claims), STR_ARG(other_rest))));
	check("another order",
	      !reads(arena_printf(a, STR_FMT "." STR_FMT "." STR_FMT, STR_ARG(claims),
				  STR_ARG(header), STR_ARG(rest))));
}

/* Base64 in 43 characters has two bits to spare: the same signature could be written in 4 ways. */
static void one_spelling(void **state)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	struct str text = token_make(a, &keys, &token);
	char *p = arena_cstr(a, text);
	size_t good = 0;

	(void)state;
	for (size_t i = 0; i < text.len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			p[i] = (char)(text.p[i] ^ 1 << bit);
			check("a flipped bit", !reads((struct str){ p, text.len }));
		}
		p[i] = text.p[i];
		check("cut off", !reads((struct str){ p, i }));
	}
	for (const char *c = alphabet; *c; c++) {
		p[text.len - 1] = *c;
		good += reads((struct str){ p, text.len });
	}
	check("one last character", good == 1);
}

static void around_it(void **state)
{
	static const char *const rows[] = {
		"%s.",	"%s..", ".%s", "%s=",	"%s==",	   "%sA",    "%s\n",	  "%s ",    " %s",
		"\t%s", "%s\r", "%s,", "%s.%s", "%s.AAAA", "%s%%00", "Bearer %s", "\"%s\"",
	};
	static const char *const none[] = { "",	   ".",	  "..",	 "...",	 "a.b.c",      "a.b",
					    "..a", "a..", ".b.", "null", "e30.e30.e30" };
	struct str text = token_make(a, &keys, &token);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char around[2000];

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(around, sizeof(around), rows[i], text.p, text.p);
		check(rows[i], !reads(str_of(around)));
	}
	for (size_t i = 0; i < COUNT(none); i++)
		check(none[i], !reads(str_of(none[i])));
	check("a NUL behind it", !reads((struct str){ text.p, text.len + 1 }));
	check("nothing", !reads((struct str){ NULL, 0 }));
}

static void far_too_long(void **state)
{
	size_t len = 1024 * 1024;
	char *p = arena_alloc(a, len);
	struct str text = token_make(a, &keys, &token);

	(void)state;
	memset(p, 'A', len);
	check("a megabyte", !reads((struct str){ p, len }));
	memset(p, '.', len);
	check("a megabyte of dots", !reads((struct str){ p, len }));
	memset(p, 'A', len);
	memcpy(p, text.p, text.len);
	check("a token in front", !reads((struct str){ p, len }));
	check("2 KiB", !reads((struct str){ p, TOKEN_MAX_BYTES }));
	check("itself", reads((struct str){ p, text.len }));
}

#define WITH_KEYS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_KEYS(there_and_back), WITH_KEYS(rotation),	       WITH_KEYS(expiry),
		WITH_KEYS(algorithms),	   WITH_KEYS(foreign_headers), WITH_KEYS(foreign_claims),
		WITH_KEYS(swapped_parts),  WITH_KEYS(one_spelling),    WITH_KEYS(around_it),
		WITH_KEYS(far_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
