/* json.c - reads JSON: yajl's callbacks build a tree, with the checks that yajl leaves out. */
#include "json.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <yajl/yajl_parse.h>

struct reader {
	struct arena *arena;
	struct json *open[JSON_MAX_DEPTH];	  /* the containers around the next value */
	const struct json **tail[JSON_MAX_DEPTH]; /* where the next child of each is linked */
	size_t depth;
	struct json *root;
	struct str key;
	const char *why;
};

static int refuse(struct reader *r, const char *why)
{
	r->why = why;
	return 0; /* makes yajl stop */
}

static struct json *add(struct reader *r, enum json_type type)
{
	struct json *j = arena_zero(r->arena, sizeof(*j));

	j->type = type;
	if (!r->depth) {
		r->root = j;
		return j;
	}
	j->name = r->key;
	r->key = (struct str){ NULL, 0 };
	*r->tail[r->depth - 1] = j;
	r->tail[r->depth - 1] = &j->next;
	r->open[r->depth - 1]->num++;
	return j;
}

static int on_null(void *ctx)
{
	add(ctx, JSON_NULL);
	return 1;
}

static int on_boolean(void *ctx, int value)
{
	add(ctx, JSON_BOOL)->boolean = value;
	return 1;
}

static int on_number(void *ctx, const char *p, size_t len)
{
	struct reader *r = ctx;

	add(r, JSON_NUMBER)->text = arena_copy(r->arena, (struct str){ p, len });
	return 1;
}

static int on_string(void *ctx, const unsigned char *p, size_t len)
{
	struct reader *r = ctx;

	add(r, JSON_STRING)->text = arena_copy(r->arena, (struct str){ (const char *)p, len });
	return 1;
}

static int on_key(void *ctx, const unsigned char *p, size_t len)
{
	struct reader *r = ctx;

	r->key = arena_copy(r->arena, (struct str){ (const char *)p, len });
	return 1;
}

static int on_open(struct reader *r, enum json_type type)
{
	struct json *j;

	if (r->depth == JSON_MAX_DEPTH)
		return refuse(r, "more than 32 levels");
	j = add(r, type);
	r->open[r->depth] = j;
	r->tail[r->depth] = &j->first;
	r->depth++;
	return 1;
}

static int on_start_map(void *ctx)
{
	return on_open(ctx, JSON_OBJECT);
}

static int on_start_array(void *ctx)
{
	return on_open(ctx, JSON_ARRAY);
}

static int on_end_array(void *ctx)
{
	struct reader *r = ctx;

	r->depth--;
	return 1;
}

static int by_name(const void *a, const void *b)
{
	const struct str *x = a, *y = b;

	return str_cmp(*x, *y);
}

/* Sorting keeps a hostile object of many keys from costing the square of their number. */
static bool has_duplicates(struct arena *a, const struct json *object)
{
	struct str *names = arena_alloc(a, object->num * sizeof(*names));
	size_t n = 0;

	for (const struct json *j = object->first; j; j = j->next)
		names[n++] = j->name;
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 1; i < n; i++)
		if (str_eq(names[i - 1], names[i]))
			return true;
	return false;
}

static int on_end_map(void *ctx)
{
	struct reader *r = ctx;

	r->depth--;
	if (has_duplicates(r->arena, r->open[r->depth]))
		return refuse(r, "a key stands twice in one object");
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_start_map,
	.yajl_map_key = on_key,
	.yajl_end_map = on_end_map,
	.yajl_start_array = on_start_array,
	.yajl_end_array = on_end_array,
};

/* The value of an escape such as \u00e9 at the start of s, or -1. */
static long escape(struct str s)
{
	char digits[5] = { 0 };
	char *end;
	long n;

	if (s.len < 6 || s.p[0] != '\\' || s.p[1] != 'u')
		return -1;
	memcpy(digits, s.p + 2, 4);
	n = strtol(digits, &end, 16);
	return end == digits + 4 && digits[0] != '+' && digits[0] != '-' ? n : -1;
}

/* What yajl lets through: it keeps overlong UTF-8 and makes half a surrogate pair a '?'. */
static const char *bad_text(struct str text)
{
	const char *at;

	if (!str_is_text(text))
		return "invalid UTF-8, or NUL";
	while (text.len && (at = memchr(text.p, '\\', text.len))) {
		long c;

		text = str_from(text, (size_t)(at - text.p));
		c = escape(text);
		if (c == 0)
			return "NUL in a string";
		if (c >= 0xd800 && c <= 0xdfff) {
			long next = escape(str_from(text, 6));

			if (c > 0xdbff || next < 0xdc00 || next > 0xdfff)
				return "half a surrogate pair";
			text = str_from(text, 6);
		}
		text = str_from(text, c < 0 ? 2 : 6);
	}
	return NULL;
}

static const char *run(yajl_handle h, struct reader *r, struct str text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	yajl_status status = text.len ? yajl_parse(h, p, text.len) : yajl_status_ok;
	unsigned char *said;
	struct str line;

	if (status == yajl_status_ok)
		status = yajl_complete_parse(h);
	if (status == yajl_status_ok)
		return r->root ? NULL : "there is nothing in it";
	if (r->why)
		return r->why;
	said = yajl_get_error(h, 0, NULL, 0); /* "lexical error: invalid char in json text.\n" */
	line = str_of(said ? (const char *)said : "not JSON");
	line = arena_copy(r->arena, str_cut(&line, '\n'));
	yajl_free_error(h, said);
	return line.p;
}

/* yajl does not look whether it got what it asked for. */
static void *yajl_gets(void *ctx, size_t size)
{
	void *p = malloc(size);

	assert(p);
	return p;
}

static void *yajl_gets_more(void *ctx, void *old, size_t size)
{
	void *p = realloc(old, size);

	assert(p);
	return p;
}

static void yajl_gives_back(void *ctx, void *p)
{
	free(p);
}

static yajl_alloc_funcs memory = { yajl_gets, yajl_gets_more, yajl_gives_back, NULL };

const struct json *json_parse(struct arena *a, struct str text, const char **why)
{
	struct reader r = { .arena = a };
	const char *bad = bad_text(text);

	if (!bad) {
		yajl_handle h = yajl_alloc(&callbacks, &memory, &r);

		assert(h);
		yajl_config(h, yajl_dont_validate_strings, 1); /* bad_text() has */
		bad = run(h, &r, text);
		yajl_free(h);
	}
	if (why)
		*why = bad;
	return bad ? NULL : r.root;
}

const struct json *json_get(const struct json *object, const char *name)
{
	struct str wanted = str_of(name);

	if (!object || object->type != JSON_OBJECT)
		return NULL;
	for (const struct json *j = object->first; j; j = j->next)
		if (str_eq(j->name, wanted))
			return j;
	return NULL;
}

const struct json *json_at(const struct json *array, size_t index)
{
	const struct json *j;

	if (!array || array->type != JSON_ARRAY)
		return NULL;
	for (j = array->first; j && index; index--)
		j = j->next;
	return j;
}

struct str json_str(const struct json *object, const char *name)
{
	const struct json *j = json_get(object, name);

	return j && j->type == JSON_STRING ? j->text : (struct str){ NULL, 0 };
}

bool json_int(const struct json *value, int64_t *out)
{
	struct str s = value && value->type == JSON_NUMBER ? value->text : STR("");
	bool minus = s.len && *s.p == '-';
	int64_t n = 0;

	s = str_from(s, minus);
	if (!s.len)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int digit = s.p[i] - '0';

		if (digit < 0 || digit > 9 || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_sub_overflow(n, digit, &n)) /* downward: INT64_MIN has no opposite */
			return false;
	}
	if (!minus && __builtin_sub_overflow(0, n, &n))
		return false;
	*out = n;
	return true;
}

const struct json *json_path(const struct json *j, ...)
{
	va_list names;
	const char *name;

	va_start(names, j);
	while ((name = va_arg(names, const char *)))
		j = json_get(j, name);
	va_end(names);
	return j;
}
