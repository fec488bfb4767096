/*
 * token.c - session tokens, by libjwt. It knows more algorithms than we do, does not look at times,
 * and takes "none" without a key: so it always gets a key, and what it read has to pass our checks
 * and to be written again as the same bytes.
 */
#include "token.h"

#include <assert.h>
#include <jwt.h>
#include <stdlib.h>

#include "id.h"
#include "secret.h"

enum { KEY_BYTES_MIN = 32, KEY_ID_MAX = 16 };

#define ISSUER "maitred"
#define AUDIENCE "maitred-staff"

/* ---- keys ---- */

static bool is_word(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '-' && c != '_')
			return false;
	}
	return s.len > 0;
}

static bool has_id(const struct token_keys *keys, struct str id)
{
	for (size_t i = 0; i < keys->num; i++)
		if (str_eq(keys->keys[i].id, id))
			return true;
	return false;
}

/* NULL when the key was added; else what is wrong with it. It may be secret: it is not repeated. */
static const char *add_key(struct token_keys *keys, struct arena *a, struct str pair)
{
	struct str before = pair, id = str_trim(str_cut(&pair, ':')), key;

	if (id.len && !pair.len && before.len == id.len) { /* as app.json's generator makes it */
		pair = id;
		id = STR("key");
	}
	if (!is_word(id) || id.len > KEY_ID_MAX)
		return "needs an id of 1 to 16 letters, digits, - or _, and a colon behind it";
	if (has_id(keys, id))
		return "has the id of another one";
	if (!secret_base64_decode(a, str_trim(pair), &key))
		return "is not base64";
	if (key.len < KEY_BYTES_MIN)
		return "is shorter than 32 bytes";
	if (keys->num == TOKEN_KEYS_MAX)
		return "is one too many: at most 4";
	keys->keys[keys->num++] = (struct token_key){ arena_copy(a, id), key };
	return NULL;
}

bool token_keys_read(struct token_keys *keys, struct arena *a, const char *name, struct str setting,
		     struct buf *problems)
{
	struct str rest = str_trim(setting);
	bool ok = true, more = rest.len > 0;

	*keys = (struct token_keys){ 0 };
	for (int number = 1; more; number++) {
		struct str before = rest, pair = str_cut(&rest, ',');
		const char *why = add_key(keys, a, pair);

		more = pair.len < before.len; /* there was a comma */
		if (why)
			buf_printf(problems, "%s: key %d %s.\n", name, number, why);
		ok &= !why;
	}
	return ok;
}

/* ---- writing ---- */

static struct str make_with(struct arena *a, const struct token_key *k, const struct token *t)
{
	jwt_t *j = NULL;
	char *text;
	int failed = jwt_new(&j);

	assert(!failed);
	failed = jwt_set_alg(j, JWT_ALG_HS256, (const unsigned char *)k->key.p, (int)k->key.len) ||
		 jwt_add_header(j, "kid", arena_cstr(a, k->id)) ||
		 jwt_add_grant(j, "iss", ISSUER) || jwt_add_grant(j, "aud", AUDIENCE) ||
		 jwt_add_grant(j, "jti", arena_cstr(a, t->session_id)) ||
		 jwt_add_grant(j, "sub", arena_cstr(a, t->user_id)) ||
		 jwt_add_grant(j, "acc", arena_cstr(a, t->account_id)) ||
		 jwt_add_grant_int(j, "iat", t->issued_s) ||
		 jwt_add_grant_int(j, "exp", t->expires_s);
	assert(!failed);
	text = jwt_encode_str(j); /* it adds alg and typ */
	assert(text);
	struct str made = arena_copy(a, str_of(text));
	free(text);
	jwt_free(j);
	return made;
}

static bool ids_valid(const struct token *t)
{
	return id_valid(t->session_id, "ses") && id_valid(t->user_id, "usr") &&
	       id_valid(t->account_id, "acc");
}

struct str token_make(struct arena *a, const struct token_keys *keys, const struct token *t)
{
	assert(keys->num && ids_valid(t));
	return make_with(a, &keys->keys[0], t);
}

/* ---- reading ---- */

/* Three parts in base64url without padding: all that libjwt gets to see. */
static bool looks_like_one(struct str text)
{
	struct str rest = text, header, claims;

	if (text.len > TOKEN_MAX_BYTES)
		return false;
	header = str_cut(&rest, '.');
	claims = str_cut(&rest, '.');
	return is_word(header) && is_word(claims) && is_word(rest);
}

/* It is verified: is it for us, under the key's own name? No other header means anything. */
static bool is_ours(jwt_t *j, const struct token_key *k)
{
	return jwt_get_alg(j) == JWT_ALG_HS256 && str_is(str_of(jwt_get_header(j, "typ")), "JWT") &&
	       str_eq(str_of(jwt_get_header(j, "kid")), k->id) &&
	       str_is(str_of(jwt_get_grant(j, "iss")), ISSUER) &&
	       str_is(str_of(jwt_get_grant(j, "aud")), AUDIENCE);
}

static struct str claim(struct arena *a, jwt_t *j, const char *name)
{
	return arena_copy(a, str_of(jwt_get_grant(j, name)));
}

static bool read_with(struct arena *a, const struct token_key *k, struct str text,
		      struct token *out)
{
	jwt_t *j = NULL;
	bool ok;

	if (jwt_decode(&j, arena_cstr(a, text), (const unsigned char *)k->key.p, (int)k->key.len))
		return false;
	*out = (struct token){
		.session_id = claim(a, j, "jti"),
		.user_id = claim(a, j, "sub"),
		.account_id = claim(a, j, "acc"),
		.issued_s = jwt_get_grant_int(j, "iat"),
		.expires_s = jwt_get_grant_int(j, "exp"),
	};
	ok = is_ours(j, k) && ids_valid(out);
	jwt_free(j);
	/* one spelling: no other claims, numbers written otherwise, bits or bytes to spare */
	return ok && secret_equal(make_with(a, k, out), text);
}

bool token_read(struct arena *a, const struct token_keys *keys, struct str text, int64_t now_s,
		struct token *out)
{
	if (looks_like_one(text))
		for (size_t i = 0; i < keys->num; i++)
			if (read_with(a, &keys->keys[i], text, out) && out->expires_s > now_s)
				return true;
	*out = (struct token){ 0 };
	return false;
}
