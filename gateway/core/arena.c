/* arena.c - arenas on libh2o's memory pools: small pieces share recycled 4 KB chunks. */
#include "arena.h"

#include <assert.h>
#include <h2o/memory.h>
#include <stdarg.h>
#include <stdio.h>

/* In front of each piece: so that all are found when the arena is freed. */
struct piece {
	struct piece *next;
	size_t size;
	char bytes[]; /* 16 behind the start, so any type is aligned */
};

struct arena {
	h2o_mem_pool_t pool;
	struct piece *pieces; /* the latest first */
};

struct arena *arena_new(void)
{
	struct arena *a = h2o_mem_alloc(sizeof(*a));

	h2o_mem_init_pool(&a->pool);
	a->pieces = NULL;
	return a;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	for (struct piece *p = a->pieces; p; p = p->next)
		explicit_bzero(p->bytes, p->size);
	h2o_mem_clear_pool(&a->pool);
	free(a);
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct piece *p = h2o_mem_alloc_pool(&a->pool, sizeof(*p) + size); /* rounds to 16 bytes */

	p->next = a->pieces;
	p->size = size;
	a->pieces = p;
	return p->bytes;
}

void *arena_zero(struct arena *a, size_t size)
{
	return memset(arena_alloc(a, size), 0, size);
}

char *arena_cstr(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.len + 1);

	if (s.len)
		memcpy(p, s.p, s.len);
	p[s.len] = '\0';
	return p;
}

struct str arena_copy(struct arena *a, struct str s)
{
	return (struct str){ arena_cstr(a, s), s.len };
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list args;
	char small[256], *p;
	int n;

	va_start(args, fmt);
	n = vsnprintf(small, sizeof(small), fmt, args);
	va_end(args);
	assert(n >= 0); /* only a bad wide string can fail, and we have none */
	if ((size_t)n < sizeof(small))
		return arena_copy(a, (struct str){ small, (size_t)n });
	p = arena_alloc(a, (size_t)n + 1);
	va_start(args, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, args);
	va_end(args);
	return (struct str){ p, (size_t)n };
}
