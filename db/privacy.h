/*
 * privacy.h - the keys that hash the numbers of guests who were erased, as connections are told.
 */
#ifndef PRIVACY_H
#define PRIVACY_H

#include "str.h"

/* The longest is a block of SHA-256: HMAC would hash a longer one first. */
enum { DB_PRIVACY_KEY_MIN = 32, DB_PRIVACY_KEY_MAX = 64, DB_PRIVACY_KEYS_MAX = 4 };

/* For phone_hash(): as bytes. The first hashes, each is looked up. None: it raises. */
struct db_privacy {
	struct str keys[DB_PRIVACY_KEYS_MAX];
	size_t num;
};

#endif
