/* csv.c - fuzzes cells of CSV: read again by RFC 4180 they are what was put in, and no formula. */
#include "fuzz.h"

#include "csv.h"

/* One cell, from behind what was read of the line; NULL when it is not well formed. */
static const char *read_cell(const char *p, struct buf *out)
{
	if (*p != '"') {
		for (; *p && *p != ',' && *p != '\r'; p++) {
			must(*p != '"' && *p != '\n');
			buf_char(out, *p);
		}
		return p;
	}
	for (p++; *p != '"' || p[1] == '"'; p++) {
		must(*p);
		p += *p == '"';
		buf_char(out, *p);
	}
	return p + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str cell = str_of(arena_cstr(a, input(data, size))); /* up to a NUL */
	struct buf line = buf_new(a, 4 * size + 64), back = buf_new(a, 2 * size + 64);

	csv_put(&line, cell);
	buf_char(&line, ',');
	csv_put(&line, cell);
	csv_put_end(&line);
	must(!buf_full(&line));
	const char *p = read_cell(arena_cstr(a, buf_str(&line)), &back);
	must(*p == ',');
	struct str got = buf_str(&back);
	must(!got.len || !memchr("=+-@\t\r", got.p[0], 6));
	if (got.len && got.p[0] == '\'' && !(cell.len == got.len))
		got = str_from(got, 1);
	must(str_eq(got, cell));
	back = buf_new(a, 2 * size + 64);
	p = read_cell(p + 1, &back);
	must(strcmp(p, "\r\n") == 0 || strcmp(p, "\n") == 0);
	arena_free(a);
	return 0;
}
