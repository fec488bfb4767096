/* test_secret.c - cryptography against published answers, and the inputs it must refuse. */
#include "testing.h"

#include <pthread.h>
#include <stdlib.h>

#include "secret.h"

static struct str unhex(struct arena *a, const char *hex)
{
	size_t n = strlen(hex) / 2;
	char *p = arena_alloc(a, n + 1);

	for (size_t i = 0; i < n; i++) {
		char digits[] = { hex[2 * i], hex[2 * i + 1], '\0' };

		p[i] = (char)strtol(digits, NULL, 16);
	}
	return (struct str){ p, n };
}

static struct str bytes(const uint8_t *p, size_t n)
{
	return (struct str){ (const char *)p, n };
}

/* RFC 2202, section 3, and RFC 4231, section 4. */
static void macs(void **state)
{
	static const struct {
		const char *name, *key, *text, *sha1, *sha256;
	} rows[] = {
		{ "case 1", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "Hi There",
		  "b617318655057264e28bc0b6fb378c8ef146be00",
		  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ "case 2", "4a656665", "what do ya want for nothing?",
		  "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ "empty", "", "", "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d",
		  "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t sha1[SHA1_BYTES], sha256[SHA256_BYTES];
		struct str key = unhex(a, rows[i].key), text = str_of(rows[i].text);

		secret_hmac_sha1(key, text, sha1);
		secret_hmac_sha256(key, text, sha256);
		check_str(rows[i].name, secret_hex(a, bytes(sha1, 20)), str_of(rows[i].sha1));
		check_str(rows[i].name, secret_hex(a, bytes(sha256, 32)), str_of(rows[i].sha256));
	}
	arena_free(a);
}

static void digest(void **state)
{
	struct arena *a = arena_new();
	uint8_t out[SHA256_BYTES];

	(void)state;
	secret_sha256(STR("abc"), out);
	check_str("abc", secret_hex(a, bytes(out, 32)),
		  STR("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	secret_sha256((struct str){ NULL, 0 }, out);
	check_str("nothing", secret_hex(a, bytes(out, 32)),
		  STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
	arena_free(a);
}

static void base64(void **state)
{
	static const struct {
		const char *name, *text;
		bool ok;
		const char *bytes;
	} rows[] = {
		{ "empty", "", true, "" },
		{ "one", "Zg==", true, "f" },
		{ "two", "Zm8=", true, "fo" },
		{ "three", "Zm9v", true, "foo" },
		{ "no padding", "Zg", false, "" },
		{ "stray bits", "Zh==", false, "" },
		{ "space", "Zm9v ", false, "" },
		{ "spaces", " Zm9v   ", false, "" },
		{ "newline", "Zm9vZm9\n", false, "" },
		{ "url alphabet", "-_-_", false, "" },
		{ "junk", "!!!!", false, "" },
		{ "padding only", "====", false, "" },
		{ "padding inside", "Zg==Zg==", false, "" },
		{ "padding thrice", "Z===", false, "" },
		{ "padding in front", "=Zm9", false, "" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str out;

		check(rows[i].name,
		      secret_base64_decode(a, str_of(rows[i].text), &out) == rows[i].ok);
		if (!rows[i].ok)
			continue;
		check_str(rows[i].name, out, str_of(rows[i].bytes));
		check_str(rows[i].name, secret_base64(a, out), str_of(rows[i].text));
	}
	arena_free(a);
}

/* RFC 8032, section 7.1. */
static void signatures(void **state)
{
	static const struct {
		const char *name, *seed, *key, *text, *signature;
	} rows[] = {
		{ "test 1", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
		  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
		  "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
		{ "test 3", "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
		  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
		  "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str seed = unhex(a, rows[i].seed), key = unhex(a, rows[i].key);
		struct str text = unhex(a, rows[i].text), want = unhex(a, rows[i].signature);
		uint8_t out[ED25519_SIGNATURE_BYTES], made[ED25519_KEY_BYTES];

		check(rows[i].name, secret_ed25519_public(seed, made));
		check_str(rows[i].name, bytes(made, 32), key);
		check(rows[i].name, secret_ed25519_sign(seed, text, out));
		check_str(rows[i].name, bytes(out, 64), want);
		check(rows[i].name, secret_ed25519_key_ok(key));
		check(rows[i].name, secret_ed25519_verify(key, text, want));
		check(rows[i].name, !secret_ed25519_verify(key, STR("other"), want));
		check(rows[i].name, !secret_ed25519_verify(key, text, (struct str){ want.p, 63 }));
		check(rows[i].name, !secret_ed25519_verify(seed, text, want));
	}
	arena_free(a);
}

static void bad_keys(void **state)
{
	static const struct {
		const char *name, *key;
	} rows[] = {
		{ "empty", "" },
		{ "31 bytes", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f70751" },
		{ "identity", "0100000000000000000000000000000000000000000000000000000000000000" },
		{ "identity, sign bit set",
		  "0100000000000000000000000000000000000000000000000000000000000080" },
		{ "order 4", "0000000000000000000000000000000000000000000000000000000000000000" },
		{ "order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f" },
		{ "order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05" },
		{ "order 8, the other",
		  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a" },
		{ "y over p", "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f" },
		{ "not on the curve",
		  "0200000000000000000000000000000000000000000000000000000000000000" },
	};
	struct arena *a = arena_new();
	char zero[64] = { 1 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str key = unhex(a, rows[i].key);

		check(rows[i].name, !secret_ed25519_key_ok(key));
		check(rows[i].name,
		      !secret_ed25519_verify(key, STR("x"), (struct str){ zero, 64 }));
	}
	arena_free(a);
}

static void *mac_in_thread(void *arg)
{
	uint8_t first[SHA1_BYTES], again[SHA1_BYTES];

	secret_hmac_sha1(STR("key"), STR("text"), first);
	for (int i = 0; i < 2000; i++) {
		secret_hmac_sha1(STR("other key"), STR("other text"), again);
		secret_hmac_sha1(STR("key"), STR("text"), again);
		if (memcmp(first, again, sizeof(first)) != 0)
			return NULL;
	}
	return arg;
}

static void threads(void **state)
{
	pthread_t t[4];
	int ok;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, mac_in_thread, &ok), 0);
	for (int i = 0; i < 4; i++) {
		void *result;

		pthread_join(t[i], &result);
		check("every thread", result == &ok);
	}
}

static void comparing(void **state)
{
	uint8_t x[16], y[16];

	(void)state;
	check("equal", secret_equal(STR("abc"), STR("abc")) && secret_equal(STR(""), STR("")));
	check("other", !secret_equal(STR("abc"), STR("abd")));
	check("prefix", !secret_equal(STR("abc"), STR("ab")));
	secret_random(x, sizeof(x));
	secret_random(y, sizeof(y));
	check("random", memcmp(x, y, sizeof(x)) != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(macs),	      cmocka_unit_test(digest),	  cmocka_unit_test(base64),
		cmocka_unit_test(signatures), cmocka_unit_test(bad_keys), cmocka_unit_test(threads),
		cmocka_unit_test(comparing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
