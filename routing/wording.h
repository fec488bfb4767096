/*
 * wording.h - what a text may tell a guest to reply. Pure.
 *
 * Carriers and the FCC take CANCEL, END and QUIT for STOP, and Twilio takes YES for START and INFO
 * for HELP. A guest who is told "Reply CANCEL to give up your table" is opted out by answering as
 * asked: such a text is refused before it is sent. Digits are safe.
 */
#ifndef WORDING_H
#define WORDING_H

#include "arena.h"

/*
 * NULL when the text is fine; else a sentence, static, that says why not and what to write instead.
 * "Reply STOP to opt out", "HELP for help" and "START to resume" are fine.
 */
const char *wording_refusal(struct arena *a, struct str body);

#endif
