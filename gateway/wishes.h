/*
 * wishes.h - what guests wished for and a restored backup does not know: to be forgotten, not to be
 * texted. Lines of text, with keyed hashes instead of numbers.
 */
#ifndef WISHES_H
#define WISHES_H

#include <stdint.h>
#include <stdio.h>

#include "gateway.h"

/* Writes those since then (Unix ms) to `out`, by DATABASE_URL; an exit status. */
int wishes_write(FILE *out, int64_t since_ms);

/* Does those in the file ("-": standard input) again, and says how many; an exit status. */
int wishes_replay(const struct gateway *g, const char *path);

#endif
