/*
 * str.h - counted strings, borrowed: a pointer and a length, never owned, never NUL-terminated by
 * right. Whoever returns one says where its bytes live.
 */
#ifndef STR_H
#define STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p; /* may be NULL when len is 0 */
	size_t len;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).len, (s).p ? (s).p : ""

static inline struct str str_of(const char *c_string)
{
	return (struct str){ c_string, c_string ? strlen(c_string) : 0 };
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static inline bool str_is(struct str a, const char *c_string)
{
	return str_eq(a, str_of(c_string));
}

bool str_eq_fold(struct str a, struct str b); /* ASCII letters compared without case */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
int str_cmp(struct str a, struct str b); /* by bytes, as memcmp; shorter first */
struct str str_trim(struct str s);	 /* without ASCII white space at both ends */
struct str str_bare(struct str s); /* a word without what people put around it: "1." (1) Yes! */
struct str str_from(struct str s, size_t start); /* what stands from `start` */

/* Splits `*rest` at the first `by`: returns what stood before it and leaves what stood behind. */
struct str str_cut(struct str *rest, char by);

/* Reads a whole decimal number; false unless every byte is a digit and it fits. */
bool str_number(struct str s, long long *out);

/* Decodes the first character of UTF-8: its bytes, or 0 when it is broken or there is none. */
size_t str_char(struct str s, uint32_t *code_point);

/* True when `s` is well-formed UTF-8 without NUL: what PostgreSQL's text accepts. */
bool str_is_text(struct str s);

#endif
