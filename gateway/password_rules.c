/*
 * password_rules.c - which passwords are refused, and why. What is easy to guess in a password is
 * crossed out: common words (also written l1ke th15), the person's own, rows of keys, repetitions.
 * It is refused when little else is left; a long phrase may well contain the word "password".
 */
#include <locale.h>
#include <pthread.h>
#include <wctype.h>

#include "buf.h"
#include "password.h"

/*
 * What has to be left, in letters. A digit or symbol counts as a quarter of one, because people put
 * the year and a "!" behind a word; the third and each further common word counts as four.
 */
enum { LEFT_MIN = 4, OTHERS_PER_LETTER = 4, WORDS_FREE = 2, LETTERS_PER_WORD = 4 };
enum { ROW_MIN = 4, WORD_MIN = 3, CROSSED_MIN = 3, WORDS_MAX = 16 };

struct characters {
	uint32_t at[PASSWORD_MAX_BYTES]; /* in lower case */
	size_t num;
	bool upper, digit, symbol;
};

struct guess {
	size_t crossed, letters, others;
	struct str common[WORDS_MAX]; /* each once */
	size_t common_num;
};

/* ---- characters ---- */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t unicode; /* (locale_t)0 where the system lacks it: then ASCII's letters only */

static void open_locale(void)
{
	unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static bool is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(uint32_t c)
{
	return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static uint32_t lower(uint32_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
	pthread_once(&once, open_locale);
	return unicode ? (uint32_t)towlower_l((wint_t)c, unicode) : c;
}

static void add_character(struct characters *p, uint32_t c)
{
	p->at[p->num] = lower(c);
	p->upper |= is_letter(c) && p->at[p->num] != c;
	p->digit |= is_digit(c);
	p->symbol |= c >= ' ' && c < 0x7f && !is_digit(c) && !is_letter(c);
	p->num++;
}

static void read_characters(struct characters *p, struct str password)
{
	uint32_t c;

	*p = (struct characters){ 0 };
	for (size_t i = 0; i < password.len; i += str_char(str_from(password, i), &c)) {
		str_char(str_from(password, i), &c);
		add_character(p, c);
	}
}

/* ---- what is easy to guess ---- */

/* Is `c` a way to write the letter `meant`? */
static bool reads_as(uint32_t c, uint32_t meant)
{
	static const char pairs[] = "@a4a8b(c3e6g9g#h1i!i|i1l!l|l0o5s$s7t+t2z";

	if (c == meant)
		return true;
	for (const char *at = pairs; *at; at += 2)
		if (c == (uint32_t)at[0] && meant == (uint32_t)at[1])
			return true;
	return false;
}

/*
 * How many characters from `i` on are the word; 0 when they are not. At least half must be as they
 * are: else "A1!" were a name, and any digits a word.
 */
static size_t word_here(const struct characters *p, size_t i, struct str word)
{
	size_t num = 0, same = 0, bytes;
	uint32_t c;

	for (size_t at = 0; at < word.len; at += bytes, num++) {
		bytes = str_char(str_from(word, at), &c);
		if (!bytes || i + num >= p->num || !reads_as(p->at[i + num], lower(c)))
			return 0;
		same += p->at[i + num] == lower(c);
	}
	return same * 2 >= num ? num : 0;
}

static size_t common_here(const struct characters *p, size_t i, struct str *found)
{
	struct str rest = str_of(password_words);
	size_t longest = 0;

	while (rest.len) {
		struct str word = str_cut(&rest, ' ');
		size_t n = word_here(p, i, word);

		if (n > longest) {
			longest = n;
			*found = word;
		}
	}
	return longest;
}

static int kind(uint32_t c)
{
	return is_letter(c) ? 2 : is_digit(c) ? 1 : 0;
}

/* The next stretch of only letters or only digits: what people take over from "anna.li87@...". */
static struct str next_piece(struct str *rest)
{
	size_t from = 0, to, bytes = 0;
	uint32_t c = 0, d;

	while (from < rest->len && (bytes = str_char(str_from(*rest, from), &c)) && !kind(c))
		from += bytes;
	for (to = from; to < rest->len; to += bytes) {
		bytes = str_char(str_from(*rest, to), &d);
		if (!bytes || kind(d) != kind(c))
			break;
	}
	struct str piece = { rest->p + from, to - from };
	*rest = to > 0 ? str_from(*rest, to) : (struct str){ NULL, 0 }; /* not UTF-8: the end */
	return piece;
}

static size_t own_here(const struct characters *p, size_t i, struct str own)
{
	size_t longest = 0;

	while (own.len) {
		size_t n = word_here(p, i, next_piece(&own));

		if (n >= WORD_MIN && n > longest)
			longest = n;
	}
	return longest;
}

/* Neighbours in a row of keys or in the alphabet, in either direction. */
static size_t row_here(const struct characters *p, size_t i, struct str row)
{
	size_t longest = 0;

	for (size_t start = 0; start < row.len; start++) {
		size_t up = 0, down = 0;

		while (start + up < row.len && i + up < p->num &&
		       p->at[i + up] == (uint32_t)row.p[start + up])
			up++;
		while (down <= start && i + down < p->num &&
		       p->at[i + down] == (uint32_t)row.p[start - down])
			down++;
		longest = up > longest ? up : longest;
		longest = down > longest ? down : longest;
	}
	return longest >= ROW_MIN ? longest : 0;
}

static size_t rows_here(const struct characters *p, size_t i)
{
	struct str rest = str_of(password_rows);
	size_t longest = 0;

	while (rest.len) {
		size_t n = row_here(p, i, str_cut(&rest, ' '));

		longest = n > longest ? n : longest;
	}
	return longest;
}

/* The same as what stands just before it, of any length: "aaaa", "xyzxyz". */
static size_t repeated_here(const struct characters *p, size_t i)
{
	for (size_t n = i < p->num - i ? i : p->num - i; n > 0; n--)
		if (memcmp(&p->at[i], &p->at[i - n], n * sizeof(*p->at)) == 0)
			return n;
	return 0;
}

static void note_common(struct guess *g, struct str word)
{
	for (size_t i = 0; i < g->common_num; i++)
		if (str_eq(g->common[i], word))
			return;
	if (g->common_num < WORDS_MAX)
		g->common[g->common_num++] = word;
}

static size_t longest_here(const struct characters *p, size_t i, const struct str *words,
			   size_t word_num)
{
	size_t rows = rows_here(p, i), longest = repeated_here(p, i);

	longest = rows > longest ? rows : longest;
	for (size_t w = 0; w < word_num; w++) {
		size_t n = own_here(p, i, words[w]);

		longest = n > longest ? n : longest;
	}
	return longest;
}

/* Crosses out each character that is part of something, wherever that begins. */
static bool easy_to_guess(const struct characters *p, const struct str *words, size_t word_num)
{
	struct guess g = { 0 };
	size_t end = 0, left; /* crossed out up to here */

	for (size_t i = 0; i < p->num; i++) {
		struct str found = { NULL, 0 };
		size_t common = common_here(p, i, &found);
		size_t n = longest_here(p, i, words, word_num);

		if (common > n && i + common > end)
			note_common(&g, found);
		n = common > n ? common : n;
		end = i + n > end ? i + n : end;
		g.crossed += i < end;
		g.letters += i >= end && is_letter(p->at[i]);
		g.others += i >= end && !is_letter(p->at[i]);
	}
	left = g.letters + g.others / OTHERS_PER_LETTER;
	if (g.common_num > WORDS_FREE)
		left += LETTERS_PER_WORD * (g.common_num - WORDS_FREE);
	return g.crossed >= CROSSED_MIN && left < LEFT_MIN;
}

/* ---- the sentence ---- */

static const char *missing(struct arena *a, const struct characters *p)
{
	const char *parts[] = {
		p->num < PASSWORD_MIN_CHARACTERS ? "at least 8 characters" : NULL,
		p->upper ? NULL : "an uppercase letter",
		p->digit ? NULL : "a number",
		p->symbol ? NULL : "a symbol",
	};
	struct buf b = buf_new(a, 200);
	size_t num = 0, said = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		num += parts[i] != NULL;
	if (!num)
		return NULL;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i])
			buf_printf(&b, "%s%s",
				   said++ == 0 ? "The password needs " :
				   said < num  ? ", " :
						 " and ",
				   parts[i]);
	return arena_printf(a, STR_FMT ".", STR_ARG(buf_str(&b))).p;
}

const char *password_refusal(struct arena *a, struct str password, const struct str *words,
			     size_t word_num)
{
	struct characters p;
	const char *why;

	if (password.len > PASSWORD_MAX_BYTES)
		return "The password is longer than 512 bytes.";
	if (!str_is_text(password))
		return "The password is not text in UTF-8.";
	read_characters(&p, password);
	why = missing(a, &p);
	if (!why && easy_to_guess(&p, words, word_num))
		why = "The password is easy to guess: it is little more than a common word, a "
		      "name of yours, a repetition or a row of keys.";
	explicit_bzero(&p, sizeof(p));
	return why;
}
