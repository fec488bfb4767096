/* secret.c - MACs, digests, base64, hexadecimal and random bytes, on OpenSSL 3. */
#include "secret.h"

#include <assert.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>

/*
 * Looking an algorithm up by name costs more than a short MAC, and a MAC context must not be
 * shared: algorithms are fetched once per process, contexts are made once per thread.
 */
static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static pthread_key_t per_thread;
static EVP_MAC *hmac;
static EVP_MD *sha256;

struct macs {
	EVP_MAC_CTX *sha1, *sha256;
};

static void free_macs(void *p)
{
	struct macs *m = p;

	EVP_MAC_CTX_free(m->sha1);
	EVP_MAC_CTX_free(m->sha256);
	OPENSSL_free(m);
}

static void fetch(void)
{
	int err = pthread_key_create(&per_thread, free_macs);

	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	assert(err == 0 && hmac && sha256); /* the default provider always has them */
}

static EVP_MAC_CTX *new_hmac(const char *digest)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, strlen(digest)),
		OSSL_PARAM_END,
	};
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(hmac);
	int ok = ctx && EVP_MAC_CTX_set_params(ctx, params);

	assert(ok);
	return ctx;
}

static struct macs *macs_of_thread(void)
{
	struct macs *m;
	int err;

	pthread_once(&fetched, fetch);
	m = pthread_getspecific(per_thread);
	if (m)
		return m;
	m = OPENSSL_zalloc(sizeof(*m));
	assert(m);
	m->sha1 = new_hmac("SHA1");
	m->sha256 = new_hmac("SHA256");
	err = pthread_setspecific(per_thread, m);
	assert(err == 0);
	return m;
}

static void run_mac(EVP_MAC_CTX *ctx, struct str key, struct str text, uint8_t *out, size_t size)
{
	const unsigned char *k = (const unsigned char *)(key.p ? key.p : "");
	size_t n;
	int ok = EVP_MAC_init(ctx, k, key.len, NULL) &&
		 EVP_MAC_update(ctx, (const unsigned char *)text.p, text.len) &&
		 EVP_MAC_final(ctx, out, &n, size);

	assert(ok && n == size);
}

void secret_hmac_sha1(struct str key, struct str text, uint8_t out[SHA1_BYTES])
{
	run_mac(macs_of_thread()->sha1, key, text, out, SHA1_BYTES);
}

void secret_hmac_sha256(struct str key, struct str text, uint8_t out[SHA256_BYTES])
{
	run_mac(macs_of_thread()->sha256, key, text, out, SHA256_BYTES);
}

void secret_sha256(struct str text, uint8_t out[SHA256_BYTES])
{
	unsigned n = 0;
	int ok;

	pthread_once(&fetched, fetch);
	ok = EVP_Digest(text.p, text.len, out, &n, sha256, NULL);
	assert(ok && n == SHA256_BYTES);
}

void secret_random(void *out, size_t len)
{
	int ok = len <= INT_MAX && RAND_bytes(out, (int)len) == 1;

	assert(ok); /* an id or a token that can be guessed is worse than no process */
}

bool secret_equal(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.p, b.p, a.len) == 0);
}

struct str secret_hex(struct arena *a, struct str bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *p = arena_alloc(a, bytes.len * 2 + 1);

	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.p[i];

		p[2 * i] = digits[c >> 4];
		p[2 * i + 1] = digits[c & 15];
	}
	p[bytes.len * 2] = '\0';
	return (struct str){ p, bytes.len * 2 };
}

struct str secret_base64(struct arena *a, struct str bytes)
{
	size_t len = (bytes.len + 2) / 3 * 4;
	char *p = arena_alloc(a, len + 1);

	assert(bytes.len < INT_MAX / 2);
	*p = '\0';
	if (bytes.len)
		EVP_EncodeBlock((unsigned char *)p, (const unsigned char *)bytes.p, (int)bytes.len);
	return (struct str){ p, len };
}

/* EVP_DecodeBlock forgives much; only what encodes back to the same text is accepted. */
bool secret_base64_decode(struct arena *a, struct str text, struct str *out)
{
	unsigned char *p;
	int n;

	*out = (struct str){ NULL, 0 };
	if (text.len == 0)
		return true;
	if (text.len % 4 || text.len > INT_MAX)
		return false;
	p = arena_alloc(a, text.len / 4 * 3);
	n = EVP_DecodeBlock(p, (const unsigned char *)text.p, (int)text.len);
	n -= text.p[text.len - 1] == '=';
	n -= text.p[text.len - 2] == '=';
	if (n < 0)
		return false;
	*out = (struct str){ (const char *)p, (size_t)n };
	return secret_equal(secret_base64(a, *out), text);
}

struct str secret_sha256_hex(struct arena *a, struct str text)
{
	uint8_t digest[SHA256_BYTES];

	secret_sha256(text, digest);
	return secret_hex(a, (struct str){ (const char *)digest, sizeof(digest) });
}
