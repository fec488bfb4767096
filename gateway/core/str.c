/* str.c - comparing, cutting and checking borrowed strings. */
#include "str.h"

#include <ctype.h>

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool str_eq_fold(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq((struct str){ s.p, prefix.len }, prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_eq(str_from(s, s.len - suffix.len), suffix);
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int d = n ? memcmp(a.p, b.p, n) : 0;

	if (d)
		return d;
	return (a.len > b.len) - (a.len < b.len);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
	while (s.len && is_space(s.p[s.len - 1]))
		s.len--;
	while (s.len && is_space(*s.p))
		s = str_from(s, 1);
	return s;
}

static bool is_of_word(unsigned char c)
{
	return isalnum(c) || c >= 0x80;
}

struct str str_bare(struct str s)
{
	while (s.len && !is_of_word((unsigned char)s.p[0]))
		s = str_from(s, 1);
	while (s.len && !is_of_word((unsigned char)s.p[s.len - 1]))
		s.len--;
	return s;
}

struct str str_from(struct str s, size_t start)
{
	if (start >= s.len)
		return (struct str){ s.p ? s.p + s.len : NULL, 0 };
	return (struct str){ s.p + start, s.len - start };
}

struct str str_cut(struct str *rest, char by)
{
	struct str whole = *rest;
	const char *at = whole.len ? memchr(whole.p, by, whole.len) : NULL;
	size_t n = at ? (size_t)(at - whole.p) : whole.len;

	*rest = str_from(whole, n + 1);
	return (struct str){ whole.p, n };
}

bool str_number(struct str s, long long *out)
{
	long long n = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, s.p[i] - '0', &n))
			return false;
	}
	if (s.len)
		*out = n;
	return s.len > 0;
}

/* Length and smallest code point of what is not ASCII, by its first byte. Source: RFC 3629, 4. */
static size_t sequence(unsigned char first, uint32_t *bits, uint32_t *smallest)
{
	if (first >= 0xc2 && first <= 0xdf) {
		*bits = first & 0x1f;
		*smallest = 0x80;
		return 2;
	}
	if ((first & 0xf0) == 0xe0) {
		*bits = first & 0x0f;
		*smallest = 0x800;
		return 3;
	}
	if (first >= 0xf0 && first <= 0xf4) {
		*bits = first & 0x07;
		*smallest = 0x10000;
		return 4;
	}
	return 0;
}

size_t str_char(struct str s, uint32_t *out)
{
	uint32_t c, smallest;

	if (s.len && !(s.p[0] & 0x80)) {
		*out = (unsigned char)s.p[0];
		return 1;
	}
	size_t n = s.len ? sequence((unsigned char)s.p[0], &c, &smallest) : 0;

	if (n == 0 || n > s.len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		unsigned char next = (unsigned char)s.p[i];

		if ((next & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (next & 0x3f);
	}
	if (c < smallest || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*out = c;
	return n;
}

/* How many of the first bytes are ASCII and not NUL, by eights: most text is nothing else. */
static size_t plain_bytes(struct str s)
{
	const uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
	size_t n = 0;

	for (uint64_t eight; n + sizeof(eight) <= s.len; n += sizeof(eight)) {
		memcpy(&eight, s.p + n, sizeof(eight));
		if ((eight | (eight - ones)) & highs)
			break;
	}
	return n;
}

bool str_is_text(struct str s)
{
	s = str_from(s, plain_bytes(s));
	while (s.len) {
		uint32_t c = (unsigned char)*s.p;
		size_t n = c < 0x80 ? 1 : str_char(s, &c); /* most text is ASCII */

		if (n == 0 || c == 0)
			return false;
		s = str_from(s, n);
	}
	return true;
}
