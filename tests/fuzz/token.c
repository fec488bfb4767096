/*
 * token.c - fuzzes session tokens: of all texts, only the two that were made read back; and of all
 * headers and claims, even rightly signed, only those that token_make() would write.
 */
#include "fuzz.h"

#include "secret.h"
#include "token.h"

#define NOW 1770000000
#define KEY_1 "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
#define KEY_2 "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="

static struct str base64url(struct arena *a, struct str bytes)
{
	struct str s = secret_base64(a, bytes);
	char *p = (char *)s.p;

	for (size_t i = 0; i < s.len; i++)
		p[i] = (char)(p[i] == '+' ? '-' : p[i] == '/' ? '_' : p[i]);
	while (s.len && s.p[s.len - 1] == '=')
		s.len--;
	return s;
}

static void read_keys(struct token_keys *keys, struct arena *a, const char *setting)
{
	struct buf problems = buf_new(a, 1000);

	must(token_keys_read(keys, a, "SESSION_KEYS", str_of(setting), &problems));
}

static void unsigned_input(struct arena *a, const struct token_keys *keys, struct str text)
{
	struct token_keys second = { .keys = { keys->keys[1] }, .num = 1 };
	struct token out, made = {
		STR("ses_01kgf0000000000000000000ab"),
		STR("usr_01kgf0000000000000000000cd"),
		STR("acc_01kgf0000000000000000000ef"),
		NOW,
		NOW + 3600,
	};

	if (token_read(a, keys, text, NOW, &out))
		must(str_eq(text, token_make(a, keys, &made)) ||
		     str_eq(text, token_make(a, &second, &made)));
}

/* The first line is the header, the rest the claims. */
static void signed_input(struct arena *a, const struct token_keys *keys, struct str rest)
{
	struct str header = base64url(a, str_cut(&rest, '\n')), claims = base64url(a, rest);
	struct str text = arena_printf(a, STR_FMT "." STR_FMT, STR_ARG(header), STR_ARG(claims));
	uint8_t mac[SHA256_BYTES];
	struct token out;

	secret_hmac_sha256(keys->keys[0].key, text, mac);
	text = arena_printf(a, STR_FMT "." STR_FMT, STR_ARG(text),
			    STR_ARG(base64url(a, (struct str){ (char *)mac, sizeof(mac) })));
	if (token_read(a, keys, text, NOW, &out))
		must(out.expires_s > NOW && str_eq(text, token_make(a, keys, &out)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct buf problems = buf_new(a, 1000);
	struct token_keys keys, other;

	read_keys(&keys, a, "one:" KEY_1 ",two:" KEY_2);
	unsigned_input(a, &keys, input(data, size));
	signed_input(a, &keys, input(data, size));
	must(token_keys_read(&other, a, "SESSION_KEYS", input(data, size), &problems) ==
	     (problems.len == 0));
	arena_free(a);
	return 0;
}
