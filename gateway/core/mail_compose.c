/*
 * mail_compose.c - writes a message (RFC 5322, 2045, 2047). Everything that comes from outside is
 * either checked or encoded: no value can end a header line.
 */
#include <assert.h>
#include <time.h>

#include "buf.h"
#include "mail.h"
#include "secret.h"

enum { ADDRESS_MAX = 254, LOCAL_MAX = 64, ID_MAX = 64, NAME_MAX_BYTES = 200 };
enum { WORD_BYTES = 42 };      /* of text in one encoded word: 75 characters at most */
enum { QUOTED_LINE_MAX = 76 }; /* RFC 2045, 6.7, with the "=" at its end */
enum { SUBJECT_PLAIN_MAX = 60, MESSAGE_ROOM = 4096, ESCAPE_BYTES = 3, ENCODED_MAX = 8 };

/* ---- addresses ---- */

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Letters, digits and `more`; dots only between them. */
static bool is_dotted(struct str s, const char *more)
{
	for (size_t i = 0; i < s.len; i++) {
		bool edge = i == 0 || i + 1 == s.len || s.p[i - 1] == '.';

		if (!(s.p[i] == '.' && !edge) && !is_alnum(s.p[i]) &&
		    !(s.p[i] && strchr(more, s.p[i])))
			return false;
	}
	return s.len > 0;
}

bool mail_address_ok(struct str address)
{
	struct str domain = address, local = str_cut(&domain, '@');

	return address.len <= ADDRESS_MAX && local.len <= LOCAL_MAX &&
	       is_dotted(local, "!#$%&'*+-/=?^_`{|}~") && is_dotted(domain, "-") &&
	       domain.p[0] != '-' && !str_ends(domain, STR("-"));
}

struct str mail_address_of(struct str from)
{
	struct str rest = str_trim(from), name = str_cut(&rest, '<');

	if (name.len == str_trim(from).len)
		return name;
	return str_ends(rest, STR(">")) ? (struct str){ rest.p, rest.len - 1 } :
					  (struct str){ NULL, 0 };
}

static struct str name_of(struct str from)
{
	struct str rest = str_trim(from), name = str_cut(&rest, '<');

	if (name.len == str_trim(from).len)
		return (struct str){ NULL, 0 };
	name = str_trim(name);
	if (name.len >= 2 && name.p[0] == '"' && str_ends(name, STR("\"")))
		return (struct str){ name.p + 1, name.len - 2 };
	return name;
}

const char *mail_from_problem(struct str from)
{
	struct str name = name_of(from);

	if (!str_is_text(name) || name.len > NAME_MAX_BYTES)
		return "The sender's name is not text, or longer than 200 bytes.";
	if (!mail_address_ok(mail_address_of(from)))
		return "The sender is not an e-mail address, nor \"Name <address>\".";
	return NULL;
}

bool mail_id_ok(struct str id)
{
	for (size_t i = 0; i < id.len; i++)
		if (!is_alnum(id.p[i]) && id.p[i] != '-' && id.p[i] != '_')
			return false;
	return id.len > 0 && id.len <= ID_MAX;
}

/* ---- headers ---- */

/* Control characters become spaces; bytes that are not UTF-8, U+FFFD. */
static struct str clean(struct arena *a, struct str s)
{
	struct buf b = buf_new(a, s.len * ESCAPE_BYTES + 1);

	for (size_t i = 0, n; i < s.len; i += n ? n : 1) {
		uint32_t c;

		n = str_char(str_from(s, i), &c);
		if (!n)
			buf_put(&b, STR("\xef\xbf\xbd"));
		else if (c < ' ' || (c >= 0x7f && c < 0xa0))
			buf_char(&b, ' ');
		else
			buf_put(&b, (struct str){ s.p + i, n });
	}
	return str_trim(buf_str(&b));
}

static bool is_plain(struct str s)
{
	for (size_t i = 0; i + 1 < s.len; i++)
		if (s.p[i] == '=' && s.p[i + 1] == '?')
			return false; /* it would be read as an encoded word */
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return s.len <= SUBJECT_PLAIN_MAX;
}

/* Encoded words, one a line, none ending within a character (RFC 2047, section 5). */
static void put_encoded(struct buf *b, struct str s)
{
	for (size_t done = 0, end = 0; done < s.len; done = end) {
		uint32_t c;

		while (end < s.len) {
			size_t n = str_char(str_from(s, end), &c);

			if (end + n - done > WORD_BYTES)
				break;
			end += n;
		}
		struct str word = secret_base64(b->arena, (struct str){ s.p + done, end - done });
		buf_printf(b, "%s=?utf-8?B?" STR_FMT "?=", done ? "\r\n " : "", STR_ARG(word));
	}
}

static void put_words(struct buf *b, const char *header, struct str value)
{
	struct str s = clean(b->arena, value);

	buf_printf(b, "%s: ", header);
	if (is_plain(s))
		buf_put(b, s);
	else
		put_encoded(b, s);
	buf_put(b, STR("\r\n"));
}

static void put_from(struct buf *b, struct str from)
{
	struct str name = clean(b->arena, name_of(from)), address = mail_address_of(from);
	bool quotable = is_plain(name) && !memchr(name.p ? name.p : "", '"', name.len) &&
			!memchr(name.p ? name.p : "", '\\', name.len);

	buf_put(b, STR("From: "));
	if (name.len && quotable)
		buf_printf(b, "\"" STR_FMT "\"\r\n ", STR_ARG(name));
	if (name.len && !quotable) {
		put_encoded(b, name);
		buf_put(b, STR("\r\n "));
	}
	buf_printf(b, "%s" STR_FMT "%s\r\n", name.len ? "<" : "", STR_ARG(address),
		   name.len ? ">" : "");
}

static void put_date(struct buf *b, int64_t wall_ms)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm t;

	gmtime_r(&seconds, &t);
	buf_printf(b, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[t.tm_wday], t.tm_mday,
		   months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

/* ---- the text ---- */

/* Quoted-printable; spaces before a line's end are encoded, as mail servers may take them away. */
static void put_line(struct buf *b, struct str line)
{
	size_t used = 0;

	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.p[i];
		bool last = i + 1 == line.len;
		bool plain = (c > ' ' && c <= '~' && c != '=') || (c == ' ' && !last);
		size_t needs = plain ? 1 : ESCAPE_BYTES;

		if (used + needs + !last > QUOTED_LINE_MAX) {
			buf_put(b, STR("=\r\n"));
			used = 0;
		}
		if (plain)
			buf_char(b, (char)c);
		else
			buf_printf(b, "=%02X", c);
		used += needs;
	}
	buf_put(b, STR("\r\n"));
}

static void put_text(struct buf *b, struct str text)
{
	while (text.len) {
		struct str line = str_cut(&text, '\n');

		if (str_ends(line, STR("\r")))
			line.len--;
		put_line(b, line);
	}
}

struct str mail_compose(struct arena *a, struct str from, const struct mail *m, int64_t wall_ms)
{
	struct buf b = buf_new(a, MESSAGE_ROOM + (m->subject.len + m->text.len) * ENCODED_MAX);
	struct str domain = mail_address_of(from);

	assert(!mail_from_problem(from) && mail_address_ok(m->to) && mail_id_ok(m->id));
	str_cut(&domain, '@');
	put_date(&b, wall_ms);
	put_from(&b, from);
	buf_printf(&b, "To: " STR_FMT "\r\n", STR_ARG(m->to));
	put_words(&b, "Subject", m->subject);
	buf_printf(&b, "Message-ID: <" STR_FMT "@" STR_FMT ">\r\n", STR_ARG(m->id),
		   STR_ARG(domain));
	buf_put(&b, STR("Auto-Submitted: auto-generated\r\n" /* no holiday replies, please */
			"MIME-Version: 1.0\r\n"
			"Content-Type: text/plain; charset=utf-8\r\n"
			"Content-Transfer-Encoding: quoted-printable\r\n\r\n"));
	put_text(&b, m->text);
	assert(!buf_full(&b));
	return buf_str(&b);
}
