/*
 * test_signing.c - signatures of webhooks, against what the official library makes of the same
 * (npm: standardwebhooks 1.1.1); tests/e2e/hooks.test.mjs has it verify ours.
 */
#include "testing.h"

#include "secret.h"
#include "signing.h"

static void vectors(void **state)
{
	static const struct {
		const char *name, *secret, *id;
		int64_t timestamp_s;
		const char *body, *signature;
	} rows[] = {
		{ "the specification's", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		  "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}",
		  "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" },
		{ "empty", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_x", 1614265330, "",
		  "v1,crL0a/q2ZR8Qt8V53y7PO1RIdtz9k+7MtwsA9ybzt6w=" },
		{ "bytes beyond ASCII", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "dlv_1", 1770000000,
		  "{\"text\":\"Caf\xc3\xa9 \xf0\x9f\x8d\xbd\"}",
		  "v1,emE1R36gze5ZmYYwGMALdiZTQKCdUPrTp0am5DVeOCU=" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str secret;

		check(rows[i].name, secret_base64_decode(a, str_of(rows[i].secret), &secret));
		check_str(rows[i].name,
			  signing_sign(a, secret, str_of(rows[i].id), rows[i].timestamp_s,
				       str_of(rows[i].body)),
			  str_of(rows[i].signature));
	}
	arena_free(a);
}

#define K1_V2 "v1,Y5VY4MXDI/ZvFPRiwOxr5yjjB77dzK3ONQTMXYemnrA="
#define K2_V2 "v1,1WWN6YMfdsDTuLiSD6hrmcd4kNaiNBnXR/3X2b18h3s="
#define K1_V1 "v1,AK7ReTy4GJRDLjjt8fEu6sqS1GuiUMugxAGbleN1r/A="
#define K2_V1 "v1,hppxQ2ylueDBu421xnLqDM8d3nenzUb2He0bEMMKvU0="

static void rotation(void **state)
{
	static const struct signing_keys keys = {
		.at = { { STR("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk") }, { STR("the older one") } },
		.num = 2,
	};
	const struct signing_keys one = { .at = { keys.at[0] }, .num = 1 };
	const struct {
		const char *name;
		const struct signing_keys *keys;
		int64_t version;
		bool previous;
		const char *signatures;
	} rows[] = {
		{ "one secret", &one, 2, false, K1_V2 },
		{ "an endpoint's rotation", &one, 2, true, K1_V2 " " K1_V1 },
		{ "the first has none before it", &one, 1, true, K1_V1 },
		{ "a master key's rotation", &keys, 2, false, K1_V2 " " K2_V2 },
		{ "both", &keys, 2, true, K1_V2 " " K2_V2 " " K1_V1 " " K2_V1 },
	};
	struct arena *a = arena_new();

	(void)state;
	check_str("shown", signing_secret(a, &keys, STR("end_1"), 1),
		  STR("whsec_cR0Y0Bmn1qf1B5OH7ITti1O60OSUynQX8tKLHfv6nUM="));
	check_str("rotated", signing_secret(a, &keys, STR("end_1"), 2),
		  STR("whsec_yxy+CETyMWEkPLpm3GKbG2G0RxuUEgm51g2nBKNNQXY="));
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct signing s = { rows[i].keys, STR("end_1"), rows[i].version,
					   rows[i].previous };

		check_str(rows[i].name,
			  signing_header(a, &s, STR("dlv_1"), 1770000000, STR("{\"a\":1}")),
			  str_of(rows[i].signatures));
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(rotation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
