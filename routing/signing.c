/* signing.c - derives the secrets and signs with them. */
#include "signing.h"

#include <inttypes.h>

#include "buf.h"
#include "secret.h"

#define SIGNATURE_MAX 64 /* "v1,", 44 of base64, a space */

static struct str derive(struct arena *a, struct str key, struct str endpoint_id, int64_t version)
{
	struct str text = arena_printf(a, "webhook " STR_FMT " %" PRId64, STR_ARG(endpoint_id),
				       version);
	uint8_t *secret = arena_alloc(a, SHA256_BYTES);

	secret_hmac_sha256(key, text, secret);
	return (struct str){ (const char *)secret, SHA256_BYTES };
}

struct str signing_secret(struct arena *a, const struct signing_keys *keys, struct str endpoint_id,
			  int64_t version)
{
	struct str secret = derive(a, keys->at[0].key, endpoint_id, version);

	return arena_printf(a, "whsec_" STR_FMT, STR_ARG(secret_base64(a, secret)));
}

struct str signing_sign(struct arena *a, struct str secret, struct str id, int64_t timestamp_s,
			struct str body)
{
	struct buf text = buf_new(a, id.len + body.len + 32);
	uint8_t mac[SHA256_BYTES];

	buf_printf(&text, STR_FMT ".%" PRId64 ".", STR_ARG(id), timestamp_s);
	buf_put(&text, body);
	secret_hmac_sha256(secret, buf_str(&text), mac);
	return arena_printf(
		a, "v1," STR_FMT,
		STR_ARG(secret_base64(a, (struct str){ (const char *)mac, sizeof(mac) })));
}

struct str signing_header(struct arena *a, const struct signing *s, struct str id,
			  int64_t timestamp_s, struct str body)
{
	struct buf out = buf_new(a, (size_t)SIGNATURE_MAX * SIGNING_KEYS_MAX * 2);

	for (int64_t v = s->version; v >= s->version - s->previous && v > 0; v--)
		for (size_t i = 0; i < s->keys->num; i++) {
			struct str secret = derive(a, s->keys->at[i].key, s->endpoint_id, v);
			struct str one = signing_sign(a, secret, id, timestamp_s, body);

			buf_printf(&out, "%s" STR_FMT, out.len ? " " : "", STR_ARG(one));
		}
	return buf_str(&out);
}
