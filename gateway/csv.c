/* csv.c - writes the cells of a CSV file. */
#include "csv.h"

/* https://owasp.org/www-community/attacks/CSV_Injection */
static bool like_formula(struct str cell)
{
	return cell.len && memchr("=+-@\t\r\n", cell.p[0], 7);
}

static bool needs_quotes(struct str cell)
{
	for (size_t i = 0; i < cell.len; i++)
		if (memchr(",\"\r\n", cell.p[i], 4))
			return true;
	return false;
}

void csv_put(struct buf *b, struct str cell)
{
	bool quoted = needs_quotes(cell);
	struct str rest = cell;

	if (quoted)
		buf_char(b, '"');
	if (like_formula(cell))
		buf_char(b, '\'');
	while (rest.len) {
		const char *quote = memchr(rest.p, '"', rest.len);
		size_t len = quote ? (size_t)(quote - rest.p) + 1 : rest.len;

		buf_put(b, (struct str){ rest.p, len });
		if (quote)
			buf_char(b, '"');
		rest = str_from(rest, len);
	}
	if (quoted)
		buf_char(b, '"');
}

void csv_put_end(struct buf *b)
{
	buf_put(b, STR("\r\n"));
}
