/*
 * token.h - what a signed-in person's browser holds: a JWT (RFC 7519), HS256, made and read by us
 * alone. It names the session; whether that still exists is the database's to say.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include "buf.h"

#define TOKEN_MAX_BYTES 2048
#define TOKEN_KEYS_MAX 4

struct token_keys {
	struct token_key {
		struct str id, key;
	} keys[TOKEN_KEYS_MAX]; /* the first one signs, each verifies */
	size_t num;
};

struct token {
	struct str session_id, user_id,
		account_id;	     /* jti, sub, acc: "ses_...", "usr_...", "acc_..." */
	int64_t issued_s, expires_s; /* iat, exp: Unix time */
};

/*
 * Reads a setting of that name: "id:base64,id:base64". False if something is wrong; each problem
 * is a line in `problems`. An empty setting is no keys and no problem. The keys live in `a`.
 */
bool token_keys_read(struct token_keys *keys, struct arena *a, const char *name, struct str setting,
		     struct buf *problems);

/* Signs it with the first key. The ids are valid ones of ours (asserted). In `a`. */
struct str token_make(struct arena *a, const struct token_keys *keys, const struct token *t);

/*
 * False unless token_make() wrote exactly these bytes with one of the keys, and it has not expired.
 * What `out` points at is in `a`.
 */
bool token_read(struct arena *a, const struct token_keys *keys, struct str text, int64_t now_s,
		struct token *out);

#endif
