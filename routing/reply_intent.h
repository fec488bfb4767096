/*
 * reply_intent.h - what a guest chose by a reply. Pure.
 *
 * Texts ask for a digit: 1 coming or confirmed, 2 more time, 9 cancel; 11, 12 and 19 when another
 * question to the same guest was open, and so on. Guests also answer in words; those taken here
 * are whole messages that mean one thing only. Everything else is free text, which staff read.
 */
#ifndef REPLY_INTENT_H
#define REPLY_INTENT_H

#include "str.h"

struct reply_intent {
	int digit; /* 1, 2 or 9; 0: free text */
	int slot;  /* which of the open questions; -1: a word, which names none */
	const char
		*word; /* CANCEL, END or QUIT: an opt-out, and probably of the visit too; or NULL */
};

/* `body` as it came. */
struct reply_intent reply_intent_read(struct str body);

#endif
