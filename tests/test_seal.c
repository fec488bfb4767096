/* test_seal.c - what is sealed opens with its key and under its name, and not once touched. */
#include "testing.h"

#include "seal.h"
#include "secret.h"

static const struct str KEY = STR("0123456789abcdef0123456789abcdef"), NAME = STR("TELNYX_API_KEY");

static void opens(void **state)
{
	static const struct str rows[] = { STR("K"), STR("KEY0185_secret"),
					   STR("\xe2\x82\xac and \n") };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct arena *a = arena_new();
		struct str sealed = seal_close(a, KEY, NAME, rows[i]), text;

		check(rows[i].p, seal_open(a, KEY, NAME, sealed, &text) && str_eq(text, rows[i]));
		/* a nonce is never used twice */
		check(rows[i].p, !str_eq(sealed, seal_close(a, KEY, NAME, rows[i])));
		arena_free(a);
	}
}

static void of_another(void **state)
{
	struct arena *a = arena_new();
	struct str sealed = seal_close(a, KEY, NAME, STR("KEY0185_secret")), text;

	check("key", !seal_open(a, STR("0123456789abcdef0123456789abcdeg"), NAME, sealed, &text));
	check("name", !seal_open(a, KEY, STR("TWILIO_AUTH_TOKEN"), sealed, &text));
	check("nothing", text.len == 0);
	arena_free(a);
}

/* Each bit of it counts. */
static void touched(void **state)
{
	struct arena *a = arena_new();
	struct str sealed = seal_close(a, KEY, NAME, STR("secret")), raw, text;

	assert_true(secret_base64_decode(a, sealed, &raw));
	for (size_t bit = 0; bit < 8 * raw.len; bit++) {
		struct str other = arena_copy(a, raw);

		((char *)other.p)[bit / 8] ^= (char)(1 << bit % 8);
		check("a bit", !seal_open(a, KEY, NAME, secret_base64(a, other), &text));
	}
	for (size_t len = 0; len < raw.len; len++)
		check("cut", !seal_open(a, KEY, NAME, secret_base64(a, (struct str){ raw.p, len }),
					&text));
	check("no base64", !seal_open(a, KEY, NAME, STR("***"), &text));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens),
		cmocka_unit_test(of_another),
		cmocka_unit_test(touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
