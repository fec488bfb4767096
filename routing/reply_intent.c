/* reply_intent.c - the digits and the words, in English, Spanish and French. */
#include "reply_intent.h"

#include <ctype.h>

/* Whole messages; accents as people type them, with and without. */
static const struct {
	const char *said;
	int digit;
} words[] = {
	{ "yes", 1 },
	{ "y", 1 },
	{ "yep", 1 },
	{ "yeah", 1 },
	{ "ok", 1 },
	{ "okay", 1 },
	{ "confirm", 1 },
	{ "confirmed", 1 },
	{ "coming", 1 },
	{ "on my way", 1 },
	{ "omw", 1 },
	{ "si", 1 },
	{ "s\u00ed", 1 },
	{ "S\u00cd", 1 },
	{ "ya voy", 1 },
	{ "voy", 1 },
	{ "confirmo", 1 },
	{ "oui", 1 },
	{ "j'arrive", 1 },
	{ "j\u2019arrive", 1 },
	{ "on arrive", 1 },
	{ "d'accord", 1 },
	{ "more time", 2 },
	{ "mas tiempo", 2 },
	{ "m\u00e1s tiempo", 2 },
	{ "plus de temps", 2 },
};

static const char *const quits[] = { "CANCEL", "END", "QUIT" };

static bool is_choice(char c)
{
	return c == '1' || c == '2' || c == '9';
}

struct reply_intent reply_intent_read(struct str body)
{
	struct str said = str_bare(body);
	struct reply_intent r = { 0 };

	if (said.len == 1 && is_choice(said.p[0]))
		r.digit = said.p[0] - '0';
	if (said.len == 2 && isdigit((unsigned char)said.p[0]) && said.p[0] != '0' &&
	    is_choice(said.p[1])) {
		r.slot = said.p[0] - '0';
		r.digit = said.p[1] - '0';
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(*words) && !r.digit; i++)
		if (str_eq_fold(said, str_of(words[i].said)))
			r = (struct reply_intent){ .digit = words[i].digit, .slot = -1 };
	for (size_t i = 0; i < sizeof(quits) / sizeof(*quits); i++)
		if (str_eq_fold(said, str_of(quits[i])))
			r.word = quits[i];
	return r;
}
