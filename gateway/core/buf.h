/*
 * buf.h - a growing byte buffer in an arena, created with its maximum. Past the maximum it keeps
 * what it has, drops the rest and remembers: ask buf_full() once, at the end.
 */
#ifndef BUF_H
#define BUF_H

#include "arena.h"

struct buf {
	struct arena *arena;
	char *p;
	size_t len, cap, max;
	bool full; /* something did not fit */
};

struct buf buf_new(struct arena *a, size_t max_bytes);
void buf_put(struct buf *b, struct str s);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static inline struct str buf_str(const struct buf *b)
{
	return (struct str){ b->p, b->len }; /* borrowed until the next buf_* call */
}

static inline bool buf_full(const struct buf *b)
{
	return b->full;
}

#endif
