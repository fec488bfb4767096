/* id.c - makes ids: a UUIDv7 whose random part counts upward within a millisecond. */
#include "id.h"

#include <assert.h>
#include <pthread.h>

#include "secret.h"

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

#define DRAWS 64 /* at once: OpenSSL's generator takes 4,500 instructions to be asked */

/* The last id made by this process; the only mutable state of the threads that is shared. */
static struct {
	pthread_mutex_t lock;
	int64_t ms;
	uint64_t high, low; /* rand_a: 12 bits, rand_b: 62 bits */
	uint64_t draws[DRAWS];
	unsigned left; /* so many of them are not used yet */
} last = { .lock = PTHREAD_MUTEX_INITIALIZER };

#define HIGH_MASK 0xfffULL
#define LOW_MASK 0x3fffffffffffffffULL

static uint64_t draw(void)
{
	if (!last.left) {
		secret_random(last.draws, sizeof(last.draws));
		last.left = DRAWS;
	}
	return last.draws[--last.left];
}

/*
 * RFC 9562, section 6.2, method 2: a new millisecond draws a new random part; the same one, or a
 * clock that went back, adds a random step to the last. Halving the first draw leaves room to add.
 */
static void next(int64_t wall_ms, int64_t *ms, uint64_t *high, uint64_t *low)
{
	pthread_mutex_lock(&last.lock);
	if (wall_ms > last.ms) {
		last.ms = wall_ms;
		last.high = draw() & (HIGH_MASK >> 1);
		last.low = draw() & LOW_MASK;
	} else {
		last.low += (draw() & 0xffffffff) + 1;
		last.high += last.low > LOW_MASK;
		last.low &= LOW_MASK;
	}
	if (last.high > HIGH_MASK) { /* 2^41 ids within one millisecond of a stopped clock */
		last.ms++;
		last.high = 0;
	}
	*ms = last.ms;
	*high = last.high;
	*low = last.low;
	pthread_mutex_unlock(&last.lock);
}

/* 128 bits as 26 digits of 5 bits, from the right; the first digit holds the 3 bits left over. */
static void write_base32(char out[26], uint64_t upper, uint64_t lower)
{
	for (int i = 25; i >= 0; i--) {
		out[i] = alphabet[lower & 31];
		lower = lower >> 5 | upper << 59;
		upper >>= 5;
	}
}

struct id id_new(const char *prefix, int64_t wall_ms)
{
	struct id id;
	int64_t ms;
	uint64_t high, low;

	assert(strlen(prefix) == ID_PREFIX_BYTES);
	next(wall_ms, &ms, &high, &low);
	memcpy(id.text, prefix, ID_PREFIX_BYTES);
	id.text[ID_PREFIX_BYTES] = '_';
	write_base32(id.text + ID_PREFIX_BYTES + 1, (uint64_t)ms << 16 | 0x7000 | high,
		     0x8000000000000000ULL | low);
	id.text[ID_BYTES] = '\0';
	return id;
}

bool id_valid(struct str s, const char *prefix)
{
	struct str digits = str_from(s, ID_PREFIX_BYTES + 1);

	if (s.len != ID_BYTES || s.p[ID_PREFIX_BYTES] != '_' || !str_starts(s, str_of(prefix)))
		return false;
	for (size_t i = 0; i < digits.len; i++)
		if (!digits.p[i] || !strchr(alphabet, digits.p[i]))
			return false;
	return digits.p[0] <= '7'; /* above it are more than 128 bits */
}
