/*
 * id.h - prefixed, time-ordered ids: "msg_" and 26 characters of Crockford's base32 (lower case)
 * over a UUIDv7 (RFC 9562, section 5.7). Made by us before anything is sent; ids of one process
 * rise strictly, also within a millisecond.
 */
#ifndef ID_H
#define ID_H

#include <stdint.h>

#include "arena.h"

#define ID_PREFIX_BYTES 3
#define ID_BYTES (ID_PREFIX_BYTES + 1 + 26)

struct id {
	char text[ID_BYTES + 1]; /* NUL-terminated */
};

/* `prefix` is three lower-case letters; `wall_ms` is Unix time in milliseconds. */
struct id id_new(const char *prefix, int64_t wall_ms);
bool id_valid(struct str s, const char *prefix);

static inline struct str id_str(const struct id *id)
{
	return (struct str){ id->text, ID_BYTES };
}

#endif
