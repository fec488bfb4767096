/* test_password.c - which passwords are refused, and that a hash is of one password only. */
#include "testing.h"

#include <stdlib.h>

#include "password.h"
#include "secret.h"

enum { COST = 4 }; /* as little as bcrypt allows: these are many */

#define EASY                                                                                       \
	"The password is easy to guess: it is little more than a common word, a name of yours, "   \
	"a repetition or a row of keys."

static const struct str own[] = { STR("Anna-Lena Müßig"), STR("anna.muessig87@example.com"),
				  STR("The Rusty Anchor") };

static const struct {
	const char *password, *refusal; /* NULL: it will do */
} refused[] = {
	{ "", "The password needs at least 8 characters, an uppercase letter, a number "
	      "and a symbol." },
	{ "Xk7#qP2", "The password needs at least 8 characters." },
	{ "Xk7#qP2v", NULL },
	{ "xk7#qp2v", "The password needs an uppercase letter." },
	{ "Xkt#qPzv", "The password needs a number." },
	{ "Xk74qP2v", "The password needs a symbol." },
	{ "xkttqpzv", "The password needs an uppercase letter, a number and a symbol." },
	{ "Xk74 qP2v", NULL },
	/* characters, not bytes; other scripts */
	{ "Ü7#üöäé", "The password needs at least 8 characters." },
	{ "ü7#üöäéß", "The password needs an uppercase letter." },
	{ "Öl7#wörgs", NULL },
	{ "Жук-облако7", NULL },
	{ "жук-облако7", "The password needs an uppercase letter." },
	{ "雨の日は傘を持つ", "The password needs an uppercase letter, a number and a symbol." },
	{ "雨の日は傘を持つA7!", NULL },
	{ "Xkwt٣٤qPzv!", "The password needs a number." },
	{ "Xk74€qP2v", "The password needs a symbol." },
	/* common words, however they are dressed up */
	{ "Password1!", EASY },
	{ "P@ssw0rd!", EASY },
	{ "P@$$w0rd123!", EASY },
	{ "pASSWORD2024!!", EASY },
	{ "!1Password", EASY },
	{ "MyPassword1!", EASY },
	{ "Password20241231!", EASY },
	{ "@dmiN1234!", EASY },
	{ "W3lc0me!", EASY },
	{ "L3tm31n!", EASY },
	{ "Summer2024!", EASY },
	{ "February14!", EASY },
	{ "Waitlist#1", EASY },
	{ "Ma1tred2026!", EASY },
	{ "SummerWelcome1!", EASY },
	{ "J3nn1fer!88", EASY },
	{ "Qwertyuiop1!", EASY },
	{ "Qwertz123456!", EASY },
	{ "Asdfghjkl;1", EASY },
	{ "1qaz2wsx3edC!", EASY },
	{ "!QAZ1qaz2wsx", EASY },
	{ "12345678A!", EASY },
	{ "Abcdefgh1!", EASY },
	{ "Zyxwvuts9!", EASY },
	{ "!@#$%^&*()A1", EASY },
	{ "Aaaaaaaa1!", EASY },
	{ "AAaa11!!AAaa11!!", EASY },
	{ "Xk9!Xk9!Xk9!", EASY },
	{ "PasswordPasswordPassword1!", EASY },
	/* the person's own */
	{ "Anna1987!", EASY },
	{ "AnnaLena1!", EASY },
	{ "MÜßIGmuessig87!", EASY },
	{ "Müßig-87", EASY },
	{ "RustyAnchor1!", EASY },
	{ "Rusty@nch0r!", EASY },
	{ "Example.com7", EASY },
	/* something else as well */
	{ "my password was eaten by a Grue in 1980", NULL },
	{ "Correct-horse7-battery-staple", NULL },
	{ "DragonMonkeySummer1!", NULL },
	{ "Anna rides to Wuppertal, 9 a.m.", NULL },
	{ "A1!99#5&", NULL },
	{ "K!8;2)6@4", NULL },
};

static void refusals(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		const char *why = password_refusal(a, str_of(refused[i].password), own, COUNT(own));

		check_str(refused[i].password, str_of(why), str_of(refused[i].refusal));
		why = password_refusal(a, str_of(refused[i].password), NULL, 0);
		check(refused[i].password, refused[i].refusal || !why);
	}
	arena_free(a);
}

/* A password of `len` bytes that is hard to guess. */
static struct str long_one(struct arena *a, size_t len)
{
	char *p = arena_alloc(a, len + 1);

	secret_random(p, len);
	for (size_t i = 0; i < len; i++)
		p[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345abcdefghijklmnopqrstuvwxyz!#$%&*"[p[i] &
											  63];
	memcpy(p, "Xk7#", 4);
	return (struct str){ p, len };
}

static void odd_bytes(void **state)
{
	static const struct str words[] = { STR("\xff\xfe"), STR("a\xff"), STR("..."), STR("") };
	struct arena *a = arena_new();

	(void)state;
	check("512", !password_refusal(a, long_one(a, 512), NULL, 0));
	check_str("513", str_of(password_refusal(a, long_one(a, 513), NULL, 0)),
		  STR("The password is longer than 512 bytes."));
	check_str("NUL", str_of(password_refusal(a, STR("Xk7#qP2v\0zz"), NULL, 0)),
		  STR("The password is not text in UTF-8."));
	check_str("Latin-1", str_of(password_refusal(a, STR("Xk7#qP2v\xe9"), NULL, 0)),
		  STR("The password is not text in UTF-8."));
	check("words that are no text", !password_refusal(a, STR("Xk7#qP2v"), words, COUNT(words)));
	arena_free(a);
}

static void common_words(void **state)
{
	struct arena *a = arena_new();
	struct str rest = str_of(password_words);

	(void)state;
	while (rest.len) {
		struct str word = str_cut(&rest, ' ');
		const char *dressed = arena_printf(a, "A" STR_FMT "2024!", STR_ARG(word)).p;

		check(dressed, word.len >= 3 && str_eq(str_trim(word), word));
		for (size_t i = 0; i < word.len; i++)
			check(dressed, word.p[i] >= 'a' && word.p[i] <= 'z');
		check_str(dressed, str_of(password_refusal(a, str_of(dressed), NULL, 0)),
			  STR(EASY));
	}
	arena_free(a);
}

/* ---- hashing ---- */

static void hashes(void **state)
{
	char hash[PASSWORD_HASH_MAX], again[PASSWORD_HASH_MAX];

	(void)state;
	password_hash(hash, STR("Xk7#qP2v"), COST);
	password_hash(again, STR("Xk7#qP2v"), COST);
	check("form", strlen(hash) == 60 && strncmp(hash, "$2b$04$", 7) == 0);
	check("salt", strcmp(hash, again) != 0);
	check("itself", password_matches(STR("Xk7#qP2v"), str_of(hash)));
	check("itself again", password_matches(STR("Xk7#qP2v"), str_of(again)));
	check("another", !password_matches(STR("Xk7#qP2w"), str_of(hash)));
	check("nothing", !password_matches(STR(""), str_of(hash)));
	check("as good as new", !password_needs_rehash(str_of(hash), COST));
	check("too cheap", password_needs_rehash(str_of(hash), COST + 1));
	password_hash(hash, STR(""), COST + 1);
	check("even of nothing", password_matches((struct str){ NULL, 0 }, str_of(hash)));
}

/* Its value at this version: what is in the database must match after an upgrade. */
static void known(void **state)
{
	struct str hash = STR("$2b$04$WdO4xloM/XODJgF0p3DVfeeHZxuqYAcNPx5y3H4ix9TopLxyzVenm");

	(void)state;
	check("known", password_matches(STR("Xk7#qP2v"), hash));
	check("known, another", !password_matches(STR("Xk7#qP2V"), hash));
}

static void no_hashes(void **state)
{
	static const char *const rows[] = {
		"",
		"$2b$04$",
		"*0",
		"$2b$99$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234",
		"$2b$03$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234",
		"$2b$04xabcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234",
		"$2b$-4$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234",
		"$2a$04$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234",
		"$2b$04$\x01\x02\x03 defghijklmnopqrstuuabcdefghijklmnopqrstuvwxy01234",
		"$2b$04$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz012345",
		"$1$abcdefgh$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check(rows[i], !password_matches(STR(""), str_of(rows[i])));
		check(rows[i], !password_matches(STR("Xk7#qP2v"), str_of(rows[i])));
	}
	check("no hash is made anew", password_needs_rehash(STR("*0"), COST));
	check("NULL", !password_matches(STR("x"), (struct str){ NULL, 0 }));
}

static void dummies(void **state)
{
	char dummy[PASSWORD_HASH_MAX];

	(void)state;
	password_dummy_hash(dummy, COST);
	check("form", strlen(dummy) == 60 && strncmp(dummy, "$2b$04$", 7) == 0);
	check("same cost", !password_needs_rehash(str_of(dummy), COST));
	check("no password", !password_matches(STR("Xk7#qP2v"), str_of(dummy)));
}

/* bcrypt alone would not tell these apart: it reads 72 bytes, and stops at a NUL. */
static void every_byte_counts(void **state)
{
	static const size_t places[] = {
		0, 1, 7, 35, 43, 44, 70, 71, 72, 73, 80, 81, 255, 510, 511
	};
	struct arena *a = arena_new();
	struct str password = long_one(a, PASSWORD_MAX_BYTES);
	char hash[PASSWORD_HASH_MAX];

	(void)state;
	password_hash(hash, password, COST);
	for (size_t i = 0; i < COUNT(places); i++) {
		struct str other = arena_copy(a, password);

		((char *)other.p)[places[i]] ^= 1;
		check("one bit", !password_matches(other, str_of(hash)));
		((char *)other.p)[places[i]] = '\0';
		check("a NUL", !password_matches(other, str_of(hash)));
		other = (struct str){ password.p, places[i] };
		check("cut off", !password_matches(other, str_of(hash)));
	}
	check("itself", password_matches(password, str_of(hash)));

	password_hash(hash, STR("Xk7#\0qP2v"), COST);
	check("behind a NUL", !password_matches(STR("Xk7#\0qP2w"), str_of(hash)));
	check("up to a NUL", !password_matches(STR("Xk7#"), str_of(hash)));
	check("with its NUL", password_matches(STR("Xk7#\0qP2v"), str_of(hash)));
	arena_free(a);
}

/* Two passwords that differ in one place, anywhere, at chance. */
static void any_two_differ(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (int i = 0; i < 60; i++) {
		uint16_t dice[3];
		char hash[PASSWORD_HASH_MAX];

		secret_random(dice, sizeof(dice));
		struct str one = long_one(a, 8 + dice[0] % (PASSWORD_MAX_BYTES - 7));
		struct str two = arena_copy(a, one);
		size_t place = dice[1] % one.len;

		((char *)two.p)[place] ^= (char)(1 + dice[2] % 255);
		password_hash(hash, one, COST);
		check(one.p, password_matches(one, str_of(hash)));
		check(one.p, !password_matches(two, str_of(hash)));
		check(one.p, !password_matches((struct str){ one.p, one.len - 1 }, str_of(hash)));
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals),	  cmocka_unit_test(odd_bytes),
		cmocka_unit_test(common_words),	  cmocka_unit_test(hashes),
		cmocka_unit_test(known),	  cmocka_unit_test(no_hashes),
		cmocka_unit_test(dummies),	  cmocka_unit_test(every_byte_counts),
		cmocka_unit_test(any_two_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
