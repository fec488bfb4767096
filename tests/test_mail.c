/* test_mail.c - how a message is written, what is refused, and the folder that takes it. */
#include "testing.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mail.h"
#include "secret.h"

#define WALL_MS 1770000002148
#define FROM "Maitred <mail@texts.example.com>"

static struct arena *a;

static int set_up(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static struct str compose(const char *from, struct str subject, struct str text)
{
	struct mail m = { STR("mai_1"), STR("anna@example.org"), subject, text };

	return arena_copy(a, mail_compose(a, str_of(from), &m, WALL_MS));
}

/* The value of a header, with what it continues on further lines. */
static struct str header(struct str message, const char *name)
{
	const char *at = strstr(message.p, arena_printf(a, "\r\n%s: ", name).p);
	const char *end = at;

	check(name, at);
	at += strlen(name) + 4;
	do
		end = strstr(end + 2, "\r\n");
	while (end[2] == ' ');
	return (struct str){ at, (size_t)(end - at) };
}

static struct str body(struct str message)
{
	const char *at = strstr(message.p, "\r\n\r\n");

	check("body", at);
	return str_from(message, (size_t)(at - message.p) + 4);
}

/* As a reader does (RFC 2045, 6.7), with our line ends again. */
static struct str unquoted(struct str s)
{
	char *p = arena_alloc(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\r')
			continue;
		if (s.p[i] != '=') {
			p[n++] = s.p[i];
			continue;
		}
		if (s.p[i + 1] != '\r')
			p[n++] = (char)strtol((char[]){ s.p[i + 1], s.p[i + 2], 0 }, NULL, 16);
		i += 2;
	}
	return (struct str){ p, n };
}

static void whole(void **state)
{
	(void)state;
	check_str("whole",
		  compose(FROM, STR("Your new password"), STR("Hello Zo\xc3\xab,\n\n.= a dot\n")),
		  STR("Date: Mon, 2 Feb 2026 02:40:02 +0000\r\n"
		      "From: \"Maitred\"\r\n <mail@texts.example.com>\r\n"
		      "To: anna@example.org\r\n"
		      "Subject: Your new password\r\n"
		      "Message-ID: <mai_1@texts.example.com>\r\n"
		      "Auto-Submitted: auto-generated\r\n"
		      "MIME-Version: 1.0\r\n"
		      "Content-Type: text/plain; charset=utf-8\r\n"
		      "Content-Transfer-Encoding: quoted-printable\r\n"
		      "\r\n"
		      "Hello Zo=C3=AB,\r\n\r\n.=3D a dot\r\n"));
}

static void senders(void **state)
{
	static const struct {
		const char *from, *header; /* NULL: refused */
	} rows[] = {
		{ "mail@example.com", "mail@example.com" },
		{ " <mail@example.com> ", "mail@example.com" },
		{ "The Rusty Anchor <mail@example.com>",
		  "\"The Rusty Anchor\"\r\n <mail@example.com>" },
		{ "\"Anchor, Rusty\" <mail@example.com>",
		  "\"Anchor, Rusty\"\r\n <mail@example.com>" },
		{ "Say \"hi\" <mail@example.com>",
		  "=?utf-8?B?U2F5ICJoaSI=?=\r\n <mail@example.com>" },
		{ "Caf\xc3\xa9 <mail@example.com>", "=?utf-8?B?Q2Fmw6k=?=\r\n <mail@example.com>" },
		{ "A\r\nBcc: eve@example.com <mail@example.com>",
		  "\"A  Bcc: eve@example.com\"\r\n <mail@example.com>" },
		{ "", NULL },
		{ "Maitred", NULL },
		{ "Maitred <>", NULL },
		{ "Maitred <mail@example.com", NULL },
		{ "Maitred <mail@example.com> x", NULL },
		{ "Maitred <mail@example.com\r\nBcc: eve@example.com>", NULL },
		{ "Caf\xe9 <mail@example.com>", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check(rows[i].from, !mail_from_problem(str_of(rows[i].from)) == !!rows[i].header);
		if (!rows[i].header)
			continue;
		struct str message = compose(rows[i].from, STR("x"), STR("x"));
		check_str(rows[i].from, header(message, "From"), str_of(rows[i].header));
		check("no header more", !strstr(message.p, "\nBcc"));
	}
}

static void subjects(void **state)
{
	static const struct {
		struct str subject;
		const char *header;
	} rows[] = {
		{ STR("Hello"), "Hello" },
		{ STR(""), "" },
		{ STR("Hello\r\nBcc: eve@example.com"), "Hello  Bcc: eve@example.com" },
		{ STR("Hello\nBcc: eve@example.com"), "Hello Bcc: eve@example.com" },
		{ STR("Hello\r\n\r\n<script>"), "Hello    <script>" },
		{ STR("Hello\0\x7f there"), "Hello   there" },
		{ STR("Table f\xc3\xbcr 4"), "=?utf-8?B?VGFibGUgZsO8ciA0?=" },
		{ STR("\xc3\xbc\r\nBcc: x"), "=?utf-8?B?w7wgIEJjYzogeA==?=" },
		{ STR("=?utf-8?B?SGVsbG8=?="), "=?utf-8?B?PT91dGYtOD9CP1NHVnNiRzg9Pz0=?=" },
		{ STR("a\xff"), "=?utf-8?B?Ye+/vQ==?=" },
		{ STR("A subject that is so long that it no longer goes on one line of its own"),
		  "=?utf-8?B?QSBzdWJqZWN0IHRoYXQgaXMgc28gbG9uZyB0aGF0IGl0IG5vIGxvbmdl?=\r\n"
		  " =?utf-8?B?ciBnb2VzIG9uIG9uZSBsaW5lIG9mIGl0cyBvd24=?=" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str message = compose(FROM, rows[i].subject, STR("x"));

		check_str(rows[i].header, header(message, "Subject"), str_of(rows[i].header));
		check("no header more", !strstr(message.p, "\nBcc"));
	}
}

/* Each encoded word is at most 75 characters and whole characters. */
static void long_subject(void **state)
{
	struct buf subject = buf_new(a, 4000), decoded = buf_new(a, 4000);
	struct str rest;

	(void)state;
	for (int i = 0; i < 300; i++)
		buf_put(&subject, i % 3 ? STR("\xe2\x82\xac") : STR("a"));
	rest = header(compose(FROM, buf_str(&subject), STR("x")), "Subject");
	while (rest.len) {
		struct str word = str_trim(str_cut(&rest, '\n')), text;

		check("short", word.len <= 75 && str_starts(word, STR("=?utf-8?B?")) &&
				       str_ends(word, STR("?=")));
		check("base64",
		      secret_base64_decode(a, (struct str){ word.p + 10, word.len - 12 }, &text));
		check("whole characters", str_is_text(text));
		buf_put(&decoded, text);
	}
	check_str("all of it", buf_str(&decoded), buf_str(&subject));
}

static void texts(void **state)
{
	static const struct {
		struct str text;
		const char *body;
	} rows[] = {
		{ STR(""), "" },
		{ STR("x"), "x\r\n" },
		{ STR("one\r\ntwo\n"), "one\r\ntwo\r\n" },
		{ STR("\n\n"), "\r\n\r\n" },
		{ STR("a \nb\t\n \n"), "a=20\r\nb=09\r\n=20\r\n" },
		{ STR("a\rb\0c"), "a=0Db=00c\r\n" },
		{ STR(".\n..\n"), ".\r\n..\r\n" },
		{ STR("1=1"), "1=3D1\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str(rows[i].body, body(compose(FROM, STR("x"), rows[i].text)),
			  str_of(rows[i].body));
}

/* Any bytes come out again, in short lines of ASCII. */
static void any_text(void **state)
{
	(void)state;
	for (int i = 0; i < 300; i++) {
		uint8_t bytes[700];
		uint16_t len;
		size_t column = 0;

		secret_random(&len, sizeof(len));
		secret_random(bytes, sizeof(bytes));
		len = (uint16_t)(len % (sizeof(bytes) - 1));
		for (size_t b = 0; b < len; b++) /* half of them letters, or lines were all codes */
			bytes[b] = bytes[b] == '\r' ? 'r' : bytes[b] & 1 ? bytes[b] : 'a';
		bytes[len] = '\n';
		struct str text = { (char *)bytes, len + 1U };
		struct str message = compose(FROM, STR("x"), text);
		struct str encoded = body(message);

		check_str("same", unquoted(encoded), text);
		for (size_t b = 0; b < encoded.len; b++) {
			column = encoded.p[b] == '\n' ? 0 : column + (encoded.p[b] != '\r');
			check("short", column <= 76);
			check("ASCII", encoded.p[b] > 0);
		}
	}
}

static void addresses(void **state)
{
	static const char *const good[] = { "a@b", "anna.smith+tag@mail.example.com",
					    "o'hara@example.co.uk", "x_1-2@a-b.c" };
	static const struct str bad[] = {
		STR(""),	STR("anna"),	      STR("@b"),      STR("a@"),
		STR("a b@c"),	STR("a@b c"),	      STR("a@b@c"),   STR("a@b\r\nRCPT TO:<c@d>"),
		STR("a\r\n@b"), STR("a@b\0"),	      STR("<a@b>"),   STR("a@b>"),
		STR("\"a\"@b"), STR("a@[127.0.0.1]"), STR("a@b,c@d"), STR("zo\xc3\xab@b"),
		STR(".a@b"),	STR("a.@b"),	      STR("a..b@c"),  STR("a@.b"),
		STR("a@b."),	STR("a@b..c"),	      STR("a@-b"),    STR("a@b-"),
		STR("a@b_c"),	STR("a\0@b"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		check(good[i], mail_address_ok(str_of(good[i])));
	for (size_t i = 0; i < COUNT(bad); i++)
		check(bad[i].p, !mail_address_ok(bad[i]));
	char *p = arena_alloc(a, 300);
	memset(p, 'a', 300);
	p[64] = '@';
	check("254 bytes", mail_address_ok((struct str){ p, 254 }));
	check("255 bytes", !mail_address_ok((struct str){ p, 255 }));
	p[64] = 'a';
	p[65] = '@';
	check("65 in front", !mail_address_ok((struct str){ p, 100 }));
}

static void urls(void **state)
{
	static const char *const good[] = {
		"smtp://localhost",
		"smtp://user:p%40ss@mail.example.com:587",
		"smtps://user%40example.com:secret@mail.example.com",
		"smtp://[::1]:2525",
		"file:///tmp/mail",
	};
	static const char *const bad[] = {
		"",
		"mail.example.com",
		"http://mail.example.com",
		"imap://mail.example.com",
		"smtp://",
		"smtp://user:p%0d%0aRSET@mail.example.com",
		"smtp://mail.example.com/%0aRSET",
		"smtp://a b",
		"smtp://mail.example.com:99999",
		"file://",
		"file:///",
		"file://elsewhere/mail",
		"smtp://\xff",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		check(good[i], !mail_url_problem(str_of(good[i])));
	for (size_t i = 0; i < COUNT(bad); i++)
		check(bad[i], mail_url_problem(str_of(bad[i])));
}

static void folder(void **state)
{
	const char *top = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
	struct str at = arena_printf(a, "%s/mail-%d", top, (int)getpid());
	struct str url = arena_printf(a, "file://" STR_FMT, STR_ARG(at));
	struct str file = arena_printf(a, STR_FMT "/mai_1.eml", STR_ARG(at));
	struct mail m = { STR("mai_1"), STR("anna@example.org"), STR("x"), STR("Hello\n") };
	struct str message = mail_compose(a, STR(FROM), &m, WALL_MS);
	struct stat info;
	char why[MAIL_WHY_MAX];

	(void)state;
	for (int i = 0; i < 2; i++) { /* also once more */
		check("delivered",
		      mail_deliver(url, STR(FROM), &m, message, why) == MAIL_DELIVERED);
		check(why, strstr(why, "/mai_1.eml"));
		check_str("as composed", read_file(a, file.p), message);
	}
	check("only ours", stat(file.p, &info) == 0 && (info.st_mode & 0777) == 0600);
	check("nothing else", unlink(file.p) == 0 && rmdir(at.p) == 0);

	url = STR("file:///dev/null/mail");
	check("no folder", mail_deliver(url, STR(FROM), &m, message, why) == MAIL_LATER);
	check(why, strstr(why, "Not a directory"));
	url = STR("gopher://example.com");
	check("no mail server", mail_deliver(url, STR(FROM), &m, message, why) == MAIL_LATER);
	check(why, strstr(why, "smtp://"));
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ARENA(whole),	  WITH_ARENA(senders), WITH_ARENA(subjects),
		WITH_ARENA(long_subject), WITH_ARENA(texts),   WITH_ARENA(any_text),
		WITH_ARENA(addresses),	  WITH_ARENA(urls),    WITH_ARENA(folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
