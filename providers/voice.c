/* voice.c - who picked up: our words for it, and the carriers'. */
#include "voice.h"

const char *answered_name(enum answered_by who)
{
	static const char *const names[] = {
		[ANSWERED_UNSAID] = NULL,
		[ANSWERED_HUMAN] = "human",
		[ANSWERED_MACHINE] = "machine",
		[ANSWERED_FAX] = "fax",
	};

	return names[who];
}

enum answered_by answered_of(struct str word)
{
	if (str_is(word, "human"))
		return ANSWERED_HUMAN;
	if (str_starts(word, STR("machine"))) /* Twilio: "machine_end_beep" and the like */
		return ANSWERED_MACHINE;
	return str_is(word, "fax") ? ANSWERED_FAX : ANSWERED_UNSAID;
}
