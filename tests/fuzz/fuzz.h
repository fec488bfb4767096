/*
 * fuzz.h - what the fuzz targets share: input as a string, and arenas that hide nothing.
 *
 * libh2o packs small allocations into 4 KB chunks that no sanitizer sees inside of. Its pool is
 * replaced here by one block per allocation, so that one byte too far is found.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdlib.h>

#include <h2o/memory.h>

#include "arena.h"

struct st_h2o_mem_pool_direct_t {
	struct st_h2o_mem_pool_direct_t *next;
	size_t align; /* what follows is aligned to 16 */
	char bytes[];
};

void h2o_mem_init_pool(h2o_mem_pool_t *pool)
{
	*pool = (h2o_mem_pool_t){ 0 };
}

void *h2o_mem_alloc_pool(h2o_mem_pool_t *pool, size_t size)
{
	struct st_h2o_mem_pool_direct_t *d = h2o_mem_alloc(sizeof(*d) + size);

	d->next = pool->directs;
	pool->directs = d;
	return d->bytes;
}

void h2o_mem_clear_pool(h2o_mem_pool_t *pool)
{
	while (pool->directs) {
		struct st_h2o_mem_pool_direct_t *next = pool->directs->next;

		free(pool->directs);
		pool->directs = next;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for every input. */
static inline void must(bool truth)
{
	if (!truth)
		abort();
}

static inline struct str input(const uint8_t *data, size_t size)
{
	return (struct str){ (const char *)data, size };
}

#endif
