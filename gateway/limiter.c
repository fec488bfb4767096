/*
 * limiter.c - token buckets in a table of fixed size. A caller's place is one of a few, by a keyed
 * hash. When all are taken, the fullest bucket makes room: forgetting it gives away least, and a
 * full one is as good as none. So nobody can wash out the bucket of who asks too often.
 */
#include "limiter.h"

#include <assert.h>
#include <stdlib.h>

#include "secret.h"

#define WAYS 8
#define SETS (LIMITER_CALLERS / WAYS)
#define KEY_BYTES 16
#define REQUEST 1000 /* what one costs; so the refill per ms is the rate per s */

struct bucket {
	uint8_t key[KEY_BYTES];
	int64_t level, at_ms; /* the level it had then */
	bool used;
};

struct limiter {
	int64_t rate, full;
	uint8_t secret[SHA256_BYTES]; /* else callers could choose their places */
	struct bucket sets[SETS][WAYS];
};

struct limiter *limiter_new(long rate)
{
	struct limiter *l = calloc(1, sizeof(*l));

	assert(l && rate > 0);
	l->rate = rate;
	l->full = rate * LIMITER_WINDOW_S * REQUEST;
	secret_random(l->secret, sizeof(l->secret));
	return l;
}

void limiter_free(struct limiter *l)
{
	free(l);
}

static void refill(const struct limiter *l, struct bucket *b, int64_t now_ms)
{
	int64_t ms = now_ms - b->at_ms;

	if (ms < 0)
		ms = 0;
	/* longer than it takes to fill: the product may not overflow */
	b->level = ms >= LIMITER_WINDOW_S * 1000 ? l->full : b->level + ms * l->rate;
	if (b->level > l->full)
		b->level = l->full;
	b->at_ms = now_ms;
}

/* The caller's bucket, up to date. `*fresh`: it was not known. */
static struct bucket *find(struct limiter *l, struct str who, int64_t now_ms, bool *fresh)
{
	uint8_t digest[SHA256_BYTES];
	struct str secret = { (const char *)l->secret, sizeof(l->secret) };

	secret_hmac_sha256(secret, who, digest);
	struct bucket *set = l->sets[(digest[KEY_BYTES] | digest[KEY_BYTES + 1] << 8) % SETS];
	struct bucket *fullest = set;

	*fresh = false;
	for (struct bucket *b = set; b < set + WAYS; b++) {
		if (b->used)
			refill(l, b, now_ms);
		else
			b->level = INT64_MAX; /* the first to be taken */
		if (b->used && memcmp(b->key, digest, KEY_BYTES) == 0)
			return b;
		if (b->level > fullest->level)
			fullest = b;
	}
	*fresh = true;
	*fullest = (struct bucket){ .level = l->full, .at_ms = now_ms, .used = true };
	memcpy(fullest->key, digest, KEY_BYTES);
	return fullest;
}

static struct limiter_verdict take(const struct limiter *l, struct bucket *b)
{
	bool admitted = b->level >= REQUEST;

	if (admitted)
		b->level -= REQUEST;
	return (struct limiter_verdict){
		.admitted = admitted,
		.left = (unsigned)(b->level / REQUEST),
		.full_s = (unsigned)((l->full - b->level + l->rate * 1000 - 1) / (l->rate * 1000)),
	};
}

struct limiter_verdict limiter_take(struct limiter *l, struct str authorization, struct str address,
				    int64_t now_ms)
{
	bool fresh;

	if (!authorization.len)
		return take(l, find(l, address, now_ms, &fresh));
	struct bucket *b = find(l, authorization, now_ms, &fresh);
	struct limiter_verdict own = take(l, b);
	if (!fresh || !address.len)
		return own;
	struct bucket *of_address = find(l, address, now_ms, &fresh);
	struct limiter_verdict shared = take(l, of_address);
	if (shared.admitted)
		return own;
	if (b != of_address) /* which may have had no other place */
		b->used = false;
	return shared;
}

bool limiter_admit(struct limiter *l, struct exchange *x, struct str who, int64_t now_ms)
{
	struct limiter_verdict v = limiter_take(l, who, str_of(x->ip), now_ms);

	exchange_add_header(x, "ratelimit-policy",
			    arena_printf(x->arena, "\"default\";q=%lld;w=%d",
					 (long long)(l->full / REQUEST), LIMITER_WINDOW_S));
	exchange_add_header(x, "ratelimit",
			    arena_printf(x->arena, "\"default\";r=%u;t=%u", v.left, v.full_s));
	return v.admitted;
}
