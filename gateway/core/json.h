/*
 * json.h - JSON on yajl: a bounded reader into a tree in an arena, and a writer into a buffer.
 * The reader refuses more than 32 levels, trailing bytes, invalid UTF-8, NUL in a string, unpaired
 * surrogates and duplicate keys; it keeps numbers as their text.
 */
#ifndef JSON_H
#define JSON_H

#include <stdint.h>

#include "buf.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_type type;
	bool boolean;
	struct str name;	  /* its key when it stands in an object */
	struct str text;	  /* string: decoded; number: as written */
	const struct json *first; /* first child of an array or object */
	const struct json *next;  /* next sibling */
	size_t num;		  /* children */
};

#define JSON_MAX_DEPTH 32

/* NULL when `text` is not acceptable JSON; then `*why` is a short reason, static or in `a`. */
const struct json *json_parse(struct arena *a, struct str text, const char **why);

/* Lookups accept NULL and the wrong type, and answer NULL, an empty string or false. */
const struct json *json_get(const struct json *object, const char *name);
const struct json *json_at(const struct json *array, size_t index);
struct str json_str(const struct json *object, const char *name); /* strings only */
bool json_int(const struct json *value, int64_t *out);		  /* whole numbers that fit */
/* json_path(j, "data", "payload", "id", NULL) */
const struct json *json_path(const struct json *j, ...) __attribute__((sentinel));

/*
 * Writing. Keys come first, inside an object; pass name NULL inside an array and at the top.
 * Strings that are not valid UTF-8 are written with U+FFFD in place of the broken bytes.
 */
void json_open(struct buf *b, const char *name, char bracket); /* '{' or '[' */
void json_close(struct buf *b, char bracket);		       /* '}' or ']' */
void json_put_str(struct buf *b, const char *name, struct str value);
void json_put_int(struct buf *b, const char *name, int64_t value);
void json_put_bool(struct buf *b, const char *name, bool value);
void json_put_null(struct buf *b, const char *name);
void json_put_raw(struct buf *b, const char *name, struct str json);

#endif
