/*
 * san_shim.c - linked into sanitizer builds only: replaces libh2o's per-thread free lists by plain
 * malloc and free. They hide use-after-free of request pools, and are reported as leaks at exit.
 */
#include <stdlib.h>

#include <h2o/memory.h>

void *h2o_mem_alloc_recycle(h2o_mem_recycle_t *list, size_t size)
{
	(void)list;
	return h2o_mem_alloc(size);
}

void h2o_mem_free_recycle(h2o_mem_recycle_t *list, void *p)
{
	(void)list;
	free(p);
}

/* libh2o 2.2.5 has no call that frees an event loop or its message queue. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:h2o_evloop_create\nleak:h2o_multithread_create_queue\n";
}
