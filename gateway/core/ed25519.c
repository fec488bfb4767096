/* ed25519.c - the signatures of secret.h, on OpenSSL, with a check of keys that it leaves out. */
#include <openssl/bn.h>
#include <openssl/evp.h>

#include "secret.h"

/*
 * The y of every point of small order, little-endian, sign bit clear: under such a key one
 * signature fits many texts. The last two are 0 and 1 again, written as p and p + 1.
 */
static const uint8_t small_order[][ED25519_KEY_BYTES] = {
	{ 0 },
	{ 1 },
	{ 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
	{ 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
	  0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
	  0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 },
	{ 0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
	  0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
	  0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a },
	{ 0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
	{ 0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
};

static bool is_small_order(struct str key)
{
	uint8_t y[ED25519_KEY_BYTES];

	memcpy(y, key.p, sizeof(y));
	y[31] &= 0x7f;
	for (size_t i = 0; i < sizeof(small_order) / sizeof(*small_order); i++)
		if (memcmp(y, small_order[i], sizeof(y)) == 0)
			return true;
	return false;
}

static EVP_PKEY *public_key(struct str key)
{
	if (key.len != ED25519_KEY_BYTES || is_small_order(key))
		return NULL;
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const uint8_t *)key.p, key.len);
}

static EVP_PKEY *private_key(struct str seed)
{
	if (seed.len != ED25519_KEY_BYTES)
		return NULL;
	return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, (const uint8_t *)seed.p,
					    seed.len);
}

bool secret_ed25519_verify(struct str key, struct str text, struct str signature)
{
	EVP_PKEY *pkey = public_key(key);
	EVP_MD_CTX *ctx = pkey ? EVP_MD_CTX_new() : NULL;
	bool ok = ctx && signature.len == ED25519_SIGNATURE_BYTES &&
		  EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
		  EVP_DigestVerify(ctx, (const uint8_t *)signature.p, signature.len,
				   (const uint8_t *)text.p, text.len) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return ok;
}

bool secret_ed25519_sign(struct str seed, struct str text, uint8_t out[ED25519_SIGNATURE_BYTES])
{
	EVP_PKEY *pkey = private_key(seed);
	EVP_MD_CTX *ctx = pkey ? EVP_MD_CTX_new() : NULL;
	size_t n = ED25519_SIGNATURE_BYTES;
	bool ok = ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
		  EVP_DigestSign(ctx, out, &n, (const uint8_t *)text.p, text.len) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return ok;
}

bool secret_ed25519_public(struct str seed, uint8_t out[ED25519_KEY_BYTES])
{
	EVP_PKEY *pkey = private_key(seed);
	size_t n = ED25519_KEY_BYTES;
	bool ok = pkey && EVP_PKEY_get_raw_public_key(pkey, out, &n) == 1;

	EVP_PKEY_free(pkey);
	return ok;
}

/*
 * Is there an x for this y? On the curve -x^2 + y^2 = 1 + d x^2 y^2, so that
 * x^2 = (y^2 - 1) / (d y^2 + 1) must be a square modulo p. Source: RFC 8032, section 5.1.3.
 */
static bool has_x(BIGNUM *y, BIGNUM *p, BN_CTX *ctx)
{
	BIGNUM *d = BN_CTX_get(ctx), *up = BN_CTX_get(ctx), *down = BN_CTX_get(ctx);
	BIGNUM *root = BN_CTX_get(ctx); /* NULL when any of them is */

	return root && BN_set_word(d, 121666) && BN_mod_inverse(d, d, p, ctx) &&
	       BN_mul_word(d, 121665) && BN_mod_sub(d, p, d, p, ctx) && BN_mod_sqr(up, y, p, ctx) &&
	       BN_mod_mul(down, d, up, p, ctx) && BN_sub_word(up, 1) && BN_add_word(down, 1) &&
	       BN_mod_inverse(down, down, p, ctx) && BN_mod_mul(up, up, down, p, ctx) &&
	       BN_mod_sqrt(root, up, p, ctx);
}

static bool is_point(struct str key)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *p = BN_new(), *y = BN_lebin2bn((const uint8_t *)key.p, (int)key.len, NULL);
	bool ok = false;

	if (ctx && p && y && BN_set_bit(p, 255) && BN_sub_word(p, 19)) {
		BN_clear_bit(y, 255); /* the sign of x; fails harmlessly when it is not set */
		BN_CTX_start(ctx);
		ok = BN_cmp(y, p) < 0 && has_x(y, p, ctx);
		BN_CTX_end(ctx);
	}
	BN_free(y);
	BN_free(p);
	BN_CTX_free(ctx);
	return ok;
}

bool secret_ed25519_key_ok(struct str key)
{
	return key.len == ED25519_KEY_BYTES && !is_small_order(key) && is_point(key);
}
