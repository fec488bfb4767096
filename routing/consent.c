/* consent.c - the words, and how a message is held against them. */
#include "consent.h"

static const struct {
	const char *word;
	enum carrier_consent means;
} words[] = {
	/* the union of both carriers' stop words: a guest blocked at one is blocked at both */
	{ "STOP", CONSENT_STOP },
	{ "STOPALL", CONSENT_STOP },
	{ "STOP ALL", CONSENT_STOP },
	{ "UNSUBSCRIBE", CONSENT_STOP },
	{ "CANCEL", CONSENT_STOP },
	{ "END", CONSENT_STOP },
	{ "QUIT", CONSENT_STOP },
	{ "REVOKE", CONSENT_STOP },
	{ "OPTOUT", CONSENT_STOP },
	/* what both carriers take for a return */
	{ "START", CONSENT_START },
	{ "UNSTOP", CONSENT_START },
	{ "HELP", CONSENT_HELP },
	{ "INFO", CONSENT_HELP },
};

const char *consent_name(enum carrier_consent c)
{
	static const char *const names[] = { NULL, "stop", "start", "help" };

	return names[c];
}

enum carrier_consent consent_read(struct str body, enum carrier_consent carrier_says,
				  const char **word)
{
	struct str said = str_bare(body);

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!str_eq_fold(said, str_of(words[i].word)))
			continue;
		*word = words[i].word;
		return words[i].means;
	}
	*word = NULL;
	if (carrier_says != CONSENT_STOP && carrier_says != CONSENT_HELP)
		return CONSENT_UNSAID;
	*word = carrier_says == CONSENT_STOP ? "STOP" : "HELP"; /* a word set up at the carrier */
	return carrier_says;
}
