/*
 * rfc3339.h - times as the API and the carriers write them.
 */
#ifndef RFC3339_H
#define RFC3339_H

#include <stdint.h>

#include "arena.h"

/*
 * "2026-02-02T02:50:02Z", with or without a fraction, or with an offset ("+02:00"), as Unix
 * milliseconds. False when it is not that. Source: RFC 3339, section 5.6.
 */
bool rfc3339_parse(struct str s, int64_t *out_ms);

/* "2026-02-02T02:50:02.148Z", in the arena. */
struct str rfc3339_write(struct arena *a, int64_t ms);

#endif
