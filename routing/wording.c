/*
 * wording.c - finds the words that a text asks a guest to reply. Twilio's words are on its page
 * messaging/tutorials/advanced-opt-out, Telnyx's in its guide to opt-in and opt-out.
 */
#include "wording.h"

#include <ctype.h>

/* clang-format off */
static const char verbs[] = /* "reply", as carriers' guides say it */
	" reply respond text txt send answer type responda responde responder conteste contesta "
	"envie envia envíe envía repondez reponds répondez réponds rÉpondez rÉponds "
	"textez envoyez ";
static const char fillers[] = /* may stand between the verb and the word */
	" with back us me the word keyword either just simply only a an con la palabra avec par "
	"le mot ";
static const char joints[] = " or and o u y e ou et ";
static const char aims[] = " to para pour 2 "; /* "CANCEL to ..." */
static const char about_texts[] =
	" text texts texting message messages msg msgs sms alerts notifications updates reminders "
	"receiving opt optout out unsubscribe subscription stop mensajes textos baja ";
static const char about_visits[] =
	" cancel decline leave drop release give remove skip pass confirm delete reject "
	"cancelar anular annuler ";
static const char to_resume[] =
	" resume rejoin resubscribe subscribe opt again texts text messages alerts receive "
	"receiving ";
static const char to_help[] = " help assistance support ";

#define ENDS(word) { word, "", NULL, "Do not ask guests to reply " word ": carriers take it for " \
	"STOP, and the guest can be texted no more. Ask for a digit instead, like " \
	"\"Reply 9 to cancel\"." }
#define STOPS(word) { word, NULL, about_visits, word " opts the guest out of all texts. Keep it " \
	"for \"Reply STOP to opt out\", and ask for a digit here, like \"Reply 9 to cancel\"." }
#define STARTS(word) { word, to_resume, NULL, word " is for being texted again after STOP. Keep " \
	"it for that, and ask for a digit here, like \"Reply 1 to confirm\"." }

/* `only_for`: what may follow it; `not_for`: what may not, unless it is about texts. */
static const struct {
	const char *word, *only_for, *not_for, *refusal;
} keywords[] = {
	ENDS("CANCEL"), ENDS("END"), ENDS("QUIT"), ENDS("REVOKE"),
	STOPS("STOP"), STOPS("STOPALL"), STOPS("UNSUBSCRIBE"), STOPS("OPTOUT"),
	STARTS("START"), STARTS("UNSTOP"),
	{ "YES", "", NULL, "Do not ask guests to reply YES: Twilio takes it for START and answers "
		"it by itself. Ask for a digit instead, like \"Reply 1 to confirm\"." },
	{ "INFO", to_help, NULL, "Do not ask guests to reply INFO: Twilio takes it for HELP and "
		"answers it by itself. Ask for a digit instead, like \"Reply 3 for the menu\"." },
};
/* clang-format on */

#define WORD_MAX 30 /* bytes; each in the lists is shorter */
#define KEYWORDS (sizeof(keywords) / sizeof(*keywords))

/* A word, or one character between words; the end of a sentence is a '.'. */
struct token {
	struct str text;
	bool is_word;
};

struct text {
	struct token *at;
	size_t num;
	bool has_small; /* letters: so that capitals mean something */
};

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || (c & 0x80) || c == '\'';
}

static void put(struct text *t, struct str s, bool is_word)
{
	t->at[t->num++] = (struct token){ s, is_word };
}

static struct text read_text(struct arena *a, struct str body)
{
	struct text t = { .at = arena_alloc(a, (body.len + 1) * sizeof(*t.at)) };

	for (size_t i = 0, n; i < body.len; i += n) {
		for (n = 0; i + n < body.len && in_word(body.p[i + n]); n++)
			t.has_small |= body.p[i + n] >= 'a' && body.p[i + n] <= 'z';
		if (n)
			put(&t, (struct str){ body.p + i, n }, true);
		else if (memchr(".!?\n", body.p[i], 4))
			put(&t, STR("."), false);
		else if (body.p[i] != ' ')
			put(&t, (struct str){ body.p + i, 1 }, false);
		n = n ? n : 1;
	}
	put(&t, STR("."), false);
	return t;
}

/* The lists above are in small letters; of capitals, those of ASCII are made small. */
static bool is_in(struct str word, const char *spaced)
{
	char wanted[WORD_MAX + 3];
	size_t n = 0;

	if (!word.len || word.len > WORD_MAX)
		return false;
	wanted[n++] = ' ';
	for (size_t i = 0; i < word.len; i++) {
		bool capital = word.p[i] >= 'A' && word.p[i] <= 'Z';

		wanted[n++] = (char)(word.p[i] | (capital ? 'a' ^ 'A' : 0));
	}
	wanted[n++] = ' ';
	wanted[n] = '\0';
	return strstr(spaced, wanted) != NULL;
}

static size_t keyword_of(const struct token *t)
{
	size_t i = 0;

	while (i < KEYWORDS && !(t->is_word && str_eq_fold(t->text, str_of(keywords[i].word))))
		i++;
	return i;
}

static bool is_capitals(const struct text *t, struct str word)
{
	for (size_t i = 0; i < word.len; i++)
		if (word.p[i] >= 'a' && word.p[i] <= 'z')
			return false;
	return t->has_small;
}

static bool ends(const struct token *t)
{
	return !t->is_word && str_is(t->text, ".");
}

static bool joins(const struct token *t)
{
	return t->is_word ? is_in(t->text, joints) : memchr(",;/|", t->text.p[0], 4) != NULL;
}

/* "CANCEL to ...", "YES = ..." */
static bool has_aim(const struct token *next)
{
	return next->is_word ? is_in(next->text, aims) : str_is(next->text, "=");
}

static bool is_digits(struct str s)
{
	long long n;

	return str_number(s, &n);
}

/* Is the word at `i` one that the guest shall send? `asked`: the sentence says "reply". */
static bool is_answer(const struct text *t, size_t i, bool asked)
{
	const struct token *word = &t->at[i];
	bool loud = is_capitals(t, word->text), aim = has_aim(word + 1);

	if (!asked)
		return loud && aim;
	if (!i || !joins(word - 1))
		return false;
	bool chained = i > 1 && (is_digits(word[-2].text) || keyword_of(word - 2) < KEYWORDS);
	return loud || aim || chained;
}

/* The keyword at `i` is asked for: as it is meant? What it is for ends at the next keyword. */
static const char *judge(const struct text *t, size_t i)
{
	size_t k = keyword_of(&t->at[i]);
	bool meant = !keywords[k].only_for, against = false, texts = false;

	for (const struct token *w = &t->at[i + 1]; !ends(w); w++) {
		if (!w->is_word && keyword_of(w + 1) < KEYWORDS)
			break;
		meant |= keywords[k].only_for && is_in(w->text, keywords[k].only_for);
		against |= keywords[k].not_for && is_in(w->text, keywords[k].not_for);
		texts |= is_in(w->text, about_texts);
	}
	return meant && (!against || texts) ? NULL : keywords[k].refusal;
}

static bool has_keyword(const struct text *t)
{
	size_t i = 0;

	while (i < t->num && keyword_of(&t->at[i]) == KEYWORDS)
		i++;
	return i < t->num;
}

const char *wording_refusal(struct arena *a, struct str body)
{
	struct text t = read_text(a, body);
	bool asked = false, next = false; /* "reply" was said; the answer comes next */
	const char *why = NULL;

	if (!has_keyword(&t)) /* nearly always */
		return NULL;
	for (size_t i = 0; i < t.num && !why; i++) {
		const struct token *w = &t.at[i];

		if (ends(w)) {
			asked = next = false;
		} else if (keyword_of(w) < KEYWORDS && (next || is_answer(&t, i, asked))) {
			next = false;
			why = judge(&t, i);
		} else if (w->is_word && is_in(w->text, verbs)) {
			asked = next = true;
		} else if (w->is_word && !is_in(w->text, fillers)) {
			next = false;
		}
	}
	return why;
}
