/*
 * secret.h - the cryptography the gateway needs, on OpenSSL 3: MACs, digests, Ed25519, base64,
 * random bytes and comparison that does not leak by time.
 */
#ifndef SECRET_H
#define SECRET_H

#include <stdint.h>

#include "arena.h"

#define SHA1_BYTES 20
#define SHA256_BYTES 32
#define ED25519_KEY_BYTES 32
#define ED25519_SIGNATURE_BYTES 64

void secret_random(void *out, size_t len);     /* ends the process if the system has no entropy */
bool secret_equal(struct str a, struct str b); /* time depends on the length only */

void secret_hmac_sha1(struct str key, struct str text, uint8_t out[SHA1_BYTES]);
void secret_hmac_sha256(struct str key, struct str text, uint8_t out[SHA256_BYTES]);
void secret_sha256(struct str text, uint8_t out[SHA256_BYTES]);
struct str secret_sha256_hex(struct arena *a, struct str text); /* lower case */

/* RFC 8032, pure Ed25519. `key` is 32 raw bytes. False for any malformed input. */
bool secret_ed25519_verify(struct str key, struct str text, struct str signature);
/* `seed` is the 32-byte private seed (simulated carriers and tests sign with it). */
bool secret_ed25519_sign(struct str seed, struct str text, uint8_t out[ED25519_SIGNATURE_BYTES]);
bool secret_ed25519_public(struct str seed, uint8_t out[ED25519_KEY_BYTES]);
/* False for a key that is not a point or is of small order: check it once, at configuration. */
bool secret_ed25519_key_ok(struct str key);

struct str secret_hex(struct arena *a, struct str bytes);    /* lower case */
struct str secret_base64(struct arena *a, struct str bytes); /* standard alphabet, padded */
/* Strict: standard alphabet, padded, no white space, no stray bits. False otherwise. */
bool secret_base64_decode(struct arena *a, struct str text, struct str *out);

#endif
