/*
 * testing.h - what every test starts with: cmocka, checks that name the failing row, and files.
 */
#ifndef TESTING_H
#define TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "arena.h"
#include "json.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

#define check(row, condition)                                                                      \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail_msg("row '%s': not %s", row, #condition);                             \
	} while (0)

#define check_str(row, got, want) check_str_at(row, #got, got, want, __LINE__)

static inline void check_str_at(const char *row, const char *what, struct str got, struct str want,
				int line)
{
	if (!str_eq(got, want))
		fail_msg("row '%s', line %d: %s is '" STR_FMT "', expected '" STR_FMT "'", row,
			 line, what, STR_ARG(got), STR_ARG(want));
}

/* The whole file, in the arena; the test fails when it cannot be read. */
static inline struct str read_file(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	char *p;
	long size;

	if (!f)
		fail_msg("%s: cannot open; run the tests from the top of the repository", path);
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	rewind(f);
	p = arena_alloc(a, (size_t)size + 1);
	if (fread(p, 1, (size_t)size, f) != (size_t)size)
		fail_msg("%s: cannot read", path);
	fclose(f);
	p[size] = '\0';
	return (struct str){ p, (size_t)size };
}

/* A file of vectors: an array of objects, each with a "name". */
static inline const struct json *read_rows(struct arena *a, const char *path)
{
	const char *why;
	const struct json *rows = json_parse(a, read_file(a, path), &why);

	if (!rows || rows->type != JSON_ARRAY || rows->num == 0)
		fail_msg("%s: no rows: %s", path, why ? why : "not an array");
	return rows;
}

#endif
