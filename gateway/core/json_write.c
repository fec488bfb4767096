/* json_write.c - writes JSON; whether a comma is due is read off the last byte in the buffer. */
#include <inttypes.h>

#include "json.h"

static bool ends_value(char c)
{
	return c == '"' || c == '}' || c == ']' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

static void put_escaped(struct buf *b, unsigned char c)
{
	static const char names[] = "\bb\tt\nn\ff\rr\"\"\\\\";
	const char *at = c ? strchr(names, c) : NULL;

	if (at && (at - names) % 2 == 0) {
		buf_char(b, '\\');
		buf_char(b, at[1]);
		return;
	}
	buf_printf(b, "\\u%04x", c);
}

static void put_string(struct buf *b, struct str s)
{
	size_t done = 0; /* what lies between is written in one piece */

	buf_char(b, '"');
	for (size_t i = 0, n; i < s.len; i += n) {
		uint32_t c;

		n = str_char(str_from(s, i), &c);
		if (n && c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_put(b, (struct str){ s.p + done, i - done });
		if (n)
			put_escaped(b, (unsigned char)c);
		else
			buf_put(b, STR("\xef\xbf\xbd"));
		n = n ? n : 1;
		done = i + n;
	}
	buf_put(b, str_from(s, done));
	buf_char(b, '"');
}

static void put_name(struct buf *b, const char *name)
{
	if (b->len && ends_value(b->p[b->len - 1]))
		buf_char(b, ',');
	if (!name)
		return;
	put_string(b, str_of(name));
	buf_char(b, ':');
}

void json_open(struct buf *b, const char *name, char bracket)
{
	put_name(b, name);
	buf_char(b, bracket);
}

void json_close(struct buf *b, char bracket)
{
	buf_char(b, bracket);
}

void json_put_str(struct buf *b, const char *name, struct str value)
{
	put_name(b, name);
	put_string(b, value);
}

void json_put_int(struct buf *b, const char *name, int64_t value)
{
	put_name(b, name);
	buf_printf(b, "%" PRId64, value);
}

void json_put_bool(struct buf *b, const char *name, bool value)
{
	put_name(b, name);
	buf_put(b, value ? STR("true") : STR("false"));
}

void json_put_null(struct buf *b, const char *name)
{
	put_name(b, name);
	buf_put(b, STR("null"));
}

void json_put_raw(struct buf *b, const char *name, struct str json)
{
	put_name(b, name);
	buf_put(b, json);
}
