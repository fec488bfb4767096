/*
 * arena.h - memory that is freed all at once. Every operation that outlives one call owns an arena;
 * what it points at is allocated there. Out of memory ends the process (libh2o's convention), so
 * no call here can fail and call sites carry no checks: bound the input instead. Passwords, tokens
 * and guests' words pass by here: what an arena held is overwritten when it is freed.
 */
#ifndef ARENA_H
#define ARENA_H

#include "str.h"

struct arena;

struct arena *arena_new(void); /* owned by the caller until arena_free */
void arena_free(struct arena *a);

void *arena_alloc(struct arena *a, size_t size); /* aligned for any type, not cleared */
void *arena_zero(struct arena *a, size_t size);	 /* cleared */

struct str arena_copy(struct arena *a, struct str s); /* copied, and NUL-terminated behind len */
char *arena_cstr(struct arena *a, struct str s);      /* the same as a C string */
struct str arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
