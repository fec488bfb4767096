/* seal.c - AES-256-GCM by OpenSSL, with a random nonce of 96 bits for each text. */
#include "seal.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "secret.h"

enum { NONCE = 12, TAG = 16 };

/* A key for this use alone: whoever uses one key for two things gives away neither. */
static void derive(struct str key, uint8_t out[SHA256_BYTES])
{
	secret_hmac_sha256(key, STR("maitred: settings sealed in the database"), out);
}

static EVP_CIPHER_CTX *begin(struct str key, struct str name, const uint8_t nonce[NONCE], int seals)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t derived[SHA256_BYTES];
	int len, ok;

	derive(key, derived);
	ok = c && EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, derived, nonce, seals) &&
	     EVP_CipherUpdate(c, NULL, &len, (const uint8_t *)name.p, (int)name.len);
	assert(ok);
	OPENSSL_cleanse(derived, sizeof(derived));
	return c;
}

struct str seal_close(struct arena *a, struct str key, struct str name, struct str text)
{
	uint8_t *out = arena_alloc(a, NONCE + text.len + TAG);
	int len = 0, last = 0, ok;

	assert(text.len <= SEAL_TEXT_MAX);
	secret_random(out, NONCE);
	EVP_CIPHER_CTX *c = begin(key, name, out, 1);

	ok = EVP_CipherUpdate(c, out + NONCE, &len, (const uint8_t *)text.p, (int)text.len) &&
	     EVP_CipherFinal_ex(c, out + NONCE + len, &last) && (size_t)len == text.len && !last &&
	     EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG, out + NONCE + len);
	assert(ok);
	EVP_CIPHER_CTX_free(c);
	return secret_base64(a, (struct str){ (const char *)out, NONCE + text.len + TAG });
}

bool seal_open(struct arena *a, struct str key, struct str name, struct str sealed,
	       struct str *text)
{
	struct str raw;
	int len = 0, last = 0;

	if (!secret_base64_decode(a, sealed, &raw) || raw.len < NONCE + TAG ||
	    raw.len > NONCE + SEAL_TEXT_MAX + TAG)
		return false;
	const uint8_t *in = (const uint8_t *)raw.p;
	size_t n = raw.len - NONCE - TAG;
	uint8_t *out = arena_alloc(a, n + 1);
	EVP_CIPHER_CTX *c = begin(key, name, in, 0);
	bool ok = EVP_CipherUpdate(c, out, &len, in + NONCE, (int)n) &&
		  EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG, (void *)(in + NONCE + n)) &&
		  EVP_CipherFinal_ex(c, out + len, &last) > 0;

	EVP_CIPHER_CTX_free(c);
	if (!ok)
		OPENSSL_cleanse(out, n); /* nobody is to see what was not authenticated */
	out[n] = '\0';
	*text = ok ? (struct str){ (const char *)out, n } : STR("");
	return ok;
}
