/*
 * seal.h - a short secret, sealed so that it can lie in a database: AES-256-GCM (NIST SP 800-38D),
 * with the name that it goes by as what must not change beside it. Pure but for random bytes.
 */
#ifndef SEAL_H
#define SEAL_H

#include "arena.h"

#define SEAL_TEXT_MAX 16384 /* bytes */

/*
 * base64 of nonce, ciphertext and tag, in the arena. `key` is 32 random bytes or more; the cipher's
 * is derived from it. `text` has at most SEAL_TEXT_MAX bytes (asserted).
 */
struct str seal_close(struct arena *a, struct str key, struct str name, struct str text);

/* False when it was sealed with another key or under another name, or was changed since. */
bool seal_open(struct arena *a, struct str key, struct str name, struct str sealed,
	       struct str *text);

#endif
