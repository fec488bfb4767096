/* buf.c - growing by doubling, up to the maximum given at creation. */
#include "buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

enum { FIRST_BYTES = 240 }; /* a few of these and the arena's own header fill one 4 KB chunk */

struct buf buf_new(struct arena *a, size_t max_bytes)
{
	return (struct buf){ .arena = a, .max = max_bytes };
}

/* Room for `more` bytes, or false and full for ever: a later, shorter piece must not slip in. */
static bool reserve(struct buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : FIRST_BYTES;
	char *p;

	if (b->full || more > b->max - b->len) {
		b->full = true;
		return false;
	}
	if (more <= b->cap - b->len)
		return true;
	while (cap - b->len < more)
		cap *= 2;
	if (cap > b->max)
		cap = b->max;
	p = arena_alloc(b->arena, cap);
	if (b->len)
		memcpy(p, b->p, b->len);
	b->p = p;
	b->cap = cap;
	return true;
}

void buf_put(struct buf *b, struct str s)
{
	if (s.len == 0 || !reserve(b, s.len))
		return;
	memcpy(b->p + b->len, s.p, s.len);
	b->len += s.len;
}

void buf_char(struct buf *b, char c)
{
	buf_put(b, (struct str){ &c, 1 });
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args;
	char small[256];
	char *p = small;
	int n;

	va_start(args, fmt);
	n = vsnprintf(small, sizeof(small), fmt, args);
	va_end(args);
	assert(n >= 0);
	if ((size_t)n >= sizeof(small)) {
		p = arena_alloc(b->arena, (size_t)n + 1);
		va_start(args, fmt);
		vsnprintf(p, (size_t)n + 1, fmt, args);
		va_end(args);
	}
	buf_put(b, (struct str){ p, (size_t)n });
}
