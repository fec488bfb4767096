/* auth.c - reads the caller's key; it is random, so a plain hash of it is safe to store. */
#include "auth.h"

#include "reply.h"
#include "secret.h"

#define KEY_MAX_BYTES 128

bool auth_key(struct exchange *x, struct str *hash)
{
	struct str rest = exchange_header(x, "authorization");
	struct str scheme = str_cut(&rest, ' ');
	struct str key = str_trim(rest);
	uint8_t digest[SHA256_BYTES];

	if (!str_eq_fold(scheme, STR("bearer")) || !key.len || key.len > KEY_MAX_BYTES) {
		reply_problem(x, ERR_UNAUTHORIZED, NULL,
			      "Send your API key as Authorization: Bearer <key>.");
		return false;
	}
	secret_sha256(key, digest);
	*hash = secret_hex(x->arena, (struct str){ (const char *)digest, sizeof(digest) });
	return true;
}
