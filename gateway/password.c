/* password.c - bcrypt, by libxcrypt, over a MAC of the password. */
#include "password.h"

#include <assert.h>
#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>

#include "secret.h"

/* "$2b$12$", 22 characters of salt, 31 of digest. */
enum { PREFIX_BYTES = 7, SALT_BYTES = 22, HASH_BYTES = PASSWORD_HASH_MAX - 1 };
enum { COST_MIN = 4, COST_MAX = 31 };

static void wipe(struct str s)
{
	explicit_bzero((char *)s.p, s.len);
}

/* bcrypt reads 72 bytes and stops at a NUL; of the MAC it reads all, and each bit of it counts. */
static bool run_bcrypt(struct str password, const char *setting, char out[PASSWORD_HASH_MAX])
{
	struct arena *a = arena_new();
	struct crypt_data *data = calloc(1, sizeof(*data)); /* 32 KiB: not for a thread's stack */
	uint8_t mac[SHA256_BYTES];
	struct str phrase;
	const char *made;

	assert(data);
	secret_hmac_sha256(STR("maitred password v1"), password, mac);
	phrase = secret_base64(a, (struct str){ (const char *)mac, sizeof(mac) });
	made = crypt_rn(phrase.p, setting, data, sizeof(*data));
	if (made)
		snprintf(out, PASSWORD_HASH_MAX, "%s", made);
	wipe(phrase);
	explicit_bzero(mac, sizeof(mac));
	explicit_bzero(data, sizeof(*data));
	free(data);
	arena_free(a);
	return made != NULL;
}

static void make_setting(char out[PASSWORD_HASH_MAX], unsigned cost)
{
	const char *made = crypt_gensalt_rn("$2b$", cost, NULL, 0, out, PASSWORD_HASH_MAX);

	assert(made && strlen(out) == PREFIX_BYTES + SALT_BYTES); /* the salt is the system's */
}

void password_hash(char out[PASSWORD_HASH_MAX], struct str password, unsigned cost)
{
	char setting[PASSWORD_HASH_MAX];
	bool ok;

	make_setting(setting, cost);
	ok = run_bcrypt(password, setting, out);
	assert(ok && strlen(out) == HASH_BYTES);
}

/* 0 unless it looks like a hash of ours. */
static unsigned cost_of(struct str hash)
{
	struct str digits = { hash.p + 4, 2 };
	long long cost;

	if (hash.len != HASH_BYTES || !str_starts(hash, STR("$2b$")) || hash.p[6] != '$')
		return 0;
	if (!str_number(digits, &cost) || cost < COST_MIN || cost > COST_MAX)
		return 0;
	return (unsigned)cost;
}

bool password_matches(struct str password, struct str hash)
{
	char setting[PASSWORD_HASH_MAX], made[PASSWORD_HASH_MAX];

	if (!cost_of(hash))
		return false;
	snprintf(setting, sizeof(setting), STR_FMT, STR_ARG(hash));
	return run_bcrypt(password, setting, made) && secret_equal(str_of(made), hash);
}

bool password_needs_rehash(struct str hash, unsigned cost)
{
	return cost_of(hash) != cost;
}

/* The digest's 184 bits leave two of its last character 0: bcrypt never writes a '/' there. */
void password_dummy_hash(char out[PASSWORD_HASH_MAX], unsigned cost)
{
	make_setting(out, cost);
	memset(out + PREFIX_BYTES + SALT_BYTES, '/', HASH_BYTES - PREFIX_BYTES - SALT_BYTES);
	out[HASH_BYTES] = '\0';
}
