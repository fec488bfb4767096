/* test_token_keys.c - the setting SESSION_KEYS: what is read from it, and every problem with it. */
#include "testing.h"

#include "token.h"

#define KEY_1 "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
#define KEY_2 "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="

static void key_settings(void **state)
{
	static const struct {
		const char *setting, *problems;
		size_t num;
	} rows[] = {
		{ "", "", 0 },
		{ " ", "", 0 },
		{ "one:" KEY_1, "", 1 },
		{ " one:" KEY_1 " , two:" KEY_2 " ", "", 2 },
		{ "2026-11_A:" KEY_1, "", 1 },
		{ "a:" KEY_1 ",b:" KEY_1 ",c:" KEY_1 ",d:" KEY_1, "", 4 },
		{ "a:" KEY_1 ",b:" KEY_1 ",c:" KEY_1 ",d:" KEY_1 ",e:" KEY_1,
		  "SESSION_KEYS: key 5 is one too many: at most 4.\n", 4 },
		{ KEY_1, "", 1 },
		{ "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "", 1 },
		{ KEY_1 "," KEY_2, "SESSION_KEYS: key 2 has the id of another one.\n", 1 },
		{ ":" KEY_1,
		  "SESSION_KEYS: key 1 needs an id of 1 to 16 letters, digits, - or _, and a colon "
		  "behind it.\n",
		  0 },
		{ "seventeen-letters:" KEY_1,
		  "SESSION_KEYS: key 1 needs an id of 1 to 16 letters, digits, - or _, and a colon "
		  "behind it.\n",
		  0 },
		{ "one:c2hvcnQ=,two,one:" KEY_1 ",one:" KEY_2 ",four:" KEY_1 "=,",
		  "SESSION_KEYS: key 1 is shorter than 32 bytes.\n"
		  "SESSION_KEYS: key 2 is not base64.\n"
		  "SESSION_KEYS: key 4 has the id of another one.\n"
		  "SESSION_KEYS: key 5 is not base64.\n"
		  "SESSION_KEYS: key 6 needs an id of 1 to 16 letters, digits, - or _, and a colon "
		  "behind it.\n",
		  1 },
		{ "one:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZQ==",
		  "SESSION_KEYS: key 1 is shorter than 32 bytes.\n", 0 },
		{ "one:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY",
		  "SESSION_KEYS: key 1 is not base64.\n", 0 },
	};

	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf problems = buf_new(a, 4000);
		struct token_keys k;
		bool ok = token_keys_read(&k, a, "SESSION_KEYS", str_of(rows[i].setting),
					  &problems);

		check_str(rows[i].setting, buf_str(&problems), str_of(rows[i].problems));
		check(rows[i].setting, ok == (problems.len == 0) && k.num == rows[i].num);
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
