/* json.c - fuzzes JSON: what was read is valid text, and is written and read back the same. */
#include "fuzz.h"

#include "json.h"

static void write_value(struct buf *b, const char *name, const struct json *j)
{
	switch (j->type) {
	case JSON_NULL:
		json_put_null(b, name);
		return;
	case JSON_BOOL:
		json_put_bool(b, name, j->boolean);
		return;
	case JSON_NUMBER:
		json_put_raw(b, name, j->text);
		return;
	case JSON_STRING:
		must(str_is_text(j->text));
		json_put_str(b, name, j->text);
		return;
	default:
		json_open(b, name, j->type == JSON_OBJECT ? '{' : '[');
		for (const struct json *c = j->first; c; c = c->next)
			write_value(b, c->name.p, c);
		json_close(b, j->type == JSON_OBJECT ? '}' : ']');
	}
}

static void same(const struct json *x, const struct json *y)
{
	must(x->type == y->type && x->num == y->num && x->boolean == y->boolean);
	must(str_eq(x->text, y->text) && str_eq(x->name, y->name));
	x = x->first;
	y = y->first;
	for (; x && y; x = x->next, y = y->next)
		same(x, y);
	must(!x && !y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct buf b = buf_new(a, 8 * size + 1024);
	const char *why = NULL;
	const struct json *j = json_parse(a, input(data, size), &why);
	int64_t n;

	must((j == NULL) == (why != NULL));
	if (j) {
		json_int(j, &n);
		write_value(&b, NULL, j);
		must(!buf_full(&b));
		same(j, json_parse(a, buf_str(&b), &why));
	}
	b = buf_new(a, 8 * size + 1024);
	json_put_str(&b, NULL, input(data, size)); /* any bytes at all */
	must(str_is_text(buf_str(&b)));
	arena_free(a);
	return 0;
}
