/*
 * form.h - application/x-www-form-urlencoded, both ways, and the query part of a URL.
 * Decoding is done once: '+' is a space, %XX a byte. Source: WHATWG URL, section 5.
 */
#ifndef FORM_H
#define FORM_H

#include "buf.h"

struct form_field {
	struct str name, value; /* decoded, in the arena */
};

struct form {
	struct form_field *fields; /* in the order they came */
	size_t num;
};

/*
 * Decodes `body`. False when it has more than `max_fields` fields or a broken %-escape.
 * Names and values may be empty and may hold any byte: check str_is_text() before storing.
 */
bool form_parse(struct arena *a, struct str body, size_t max_fields, struct form *out);

/* The first value of that name, or an empty string with p == NULL when there is none. */
struct str form_get(const struct form *f, const char *name);

/* Appends name=value, percent-encoded, with '&' in front unless the buffer is empty. */
void form_put(struct buf *b, const char *name, struct str value);

/* Percent-encodes everything but RFC 3986 unreserved characters. */
void url_encode(struct buf *b, struct str s);

#endif
