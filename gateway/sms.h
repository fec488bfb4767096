/*
 * sms.h - whether a text may go to a guest: it fits, and asks for no word that opts them out. Pure.
 */
#ifndef SMS_H
#define SMS_H

#include "arena.h"

/* NULL when it may, else why not: a sentence of segment.h or wording.h, static or in `a`. */
const char *sms_refusal(struct arena *a, struct str body);

/* A template as a guest may read it, with a digit for each {variable}: "Reply {yes}", "Reply 1". */
struct str sms_filled(struct arena *a, struct str template);

#endif
