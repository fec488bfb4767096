/* form.c - reading and writing application/x-www-form-urlencoded. */
#include "form.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decodes into the arena; borrows `s` itself when there is nothing to decode. */
static bool decode(struct arena *a, struct str s, struct str *out)
{
	char *p;
	size_t n = 0;

	*out = s;
	if (!s.len || (!memchr(s.p, '%', s.len) && !memchr(s.p, '+', s.len)))
		return true;
	p = arena_alloc(a, s.len);
	for (size_t i = 0; i < s.len; i++) {
		int high, low;

		if (s.p[i] != '%') {
			p[n++] = s.p[i] == '+' ? ' ' : s.p[i];
			continue;
		}
		if (s.len - i < 3)
			return false;
		high = hex_digit(s.p[i + 1]);
		low = hex_digit(s.p[i + 2]);
		if (high < 0 || low < 0)
			return false;
		p[n++] = (char)(high << 4 | low);
		i += 2;
	}
	*out = (struct str){ p, n };
	return true;
}

static size_t count_fields(struct str body)
{
	size_t n = 1;

	for (size_t i = 0; i < body.len; i++)
		n += body.p[i] == '&';
	return n;
}

bool form_parse(struct arena *a, struct str body, size_t max_fields, struct form *out)
{
	size_t cap = count_fields(body);

	*out = (struct form){ 0 };
	if (cap > max_fields)
		cap = max_fields;
	out->fields = arena_alloc(a, cap * sizeof(*out->fields));
	while (body.len) {
		struct str value = str_cut(&body, '&');
		struct str name;
		struct form_field *field = &out->fields[out->num];

		if (!value.len)
			continue; /* "a=1&&b=2" holds two fields */
		if (out->num == cap)
			return false;
		name = str_cut(&value, '=');
		if (!decode(a, name, &field->name) || !decode(a, value, &field->value))
			return false;
		out->num++;
	}
	return true;
}

struct str form_get(const struct form *f, const char *name)
{
	struct str wanted = str_of(name);

	for (size_t i = 0; i < f->num; i++)
		if (str_eq(f->fields[i].name, wanted))
			return f->fields[i].value;
	return (struct str){ NULL, 0 };
}

static bool unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

void url_encode(struct buf *b, struct str s)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t start = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char escape[3] = { '%', hex[c >> 4], hex[c & 15] };

		if (unreserved(s.p[i]))
			continue;
		buf_put(b, (struct str){ s.p + start, i - start });
		buf_put(b, (struct str){ escape, sizeof(escape) });
		start = i + 1;
	}
	buf_put(b, str_from(s, start));
}

void form_put(struct buf *b, const char *name, struct str value)
{
	if (b->len)
		buf_char(b, '&');
	url_encode(b, str_of(name));
	buf_char(b, '=');
	url_encode(b, value);
}
