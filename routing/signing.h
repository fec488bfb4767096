/*
 * signing.h - signatures of the webhooks that we send, as Standard Webhooks has them
 * (https://www.standardwebhooks.com): "v1," and the base64 of HMAC-SHA256 over id.timestamp.body.
 * Pure.
 *
 * No secret of a receiver is stored: each is derived from a master key, the endpoint's id and a
 * version, which rises when the secret is rotated. To rotate a master key, put the new one first:
 * receivers are then shown new secrets, and everything is signed with those of both.
 */
#ifndef SIGNING_H
#define SIGNING_H

#include "arena.h"

#define SIGNING_KEYS_MAX 8

struct signing_keys {
	struct {
		struct str key; /* raw bytes, borrowed */
	} at[SIGNING_KEYS_MAX];
	size_t num;
};

struct signing {
	const struct signing_keys *keys;
	struct str endpoint_id;
	int64_t version;
	bool previous; /* the version before still counts: sign with it, too */
};

/* What the receiver verifies with: "whsec_...", by the first of the keys. */
struct str signing_secret(struct arena *a, const struct signing_keys *keys, struct str endpoint_id,
			  int64_t version);

/* One signature by the raw bytes of a secret: "v1,...". `timestamp_s` is Unix time. */
struct str signing_sign(struct arena *a, struct str secret, struct str id, int64_t timestamp_s,
			struct str body);

/* The header webhook-signature: one signature for each secret that counts, the newest first. */
struct str signing_header(struct arena *a, const struct signing *s, struct str id,
			  int64_t timestamp_s, struct str body);

#endif
