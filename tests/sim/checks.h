/*
 * checks.h - what must hold at every moment and at the end of a history. The parts of the
 * simulation call these as things happen; they read the tables and the carriers' texts, and nothing
 * of the flows.
 */
#ifndef CHECKS_H
#define CHECKS_H

#include "front.h"
#include "tables.h"

void checks_reset(void);

/* ---- sending ---- */

void check_opened(const struct attempt *a); /* its row is committed at this moment */
void check_written(const struct process *p, struct str attempt_id);
void check_live(const struct message *m); /* an attempt of it changed */
void check_text(const struct text *t);	  /* it goes to the guest's phone */

/* A carrier reports that it has the text; before that is applied. */
void check_proof(const struct attempt *a);

/* Our side has read that the carrier sent it: to contradict that later deceives nobody. */
bool check_said_sent(const struct text *t);

/* ---- what comes in ---- */

void check_guest_wrote(const struct text *t, struct str event_id);
void check_guest_word_delivered(const struct text *t);
void check_consent(struct str event_id); /* a consent word takes effect at this moment */
void check_acknowledged(struct hook *h); /* a process answers it with 200 */

/* ---- clients ---- */

void check_promised(struct str message_id); /* 202 */
void check_probe(struct str message_id);    /* posted in calm weather: soon on the phone */

void check_cancelled(const struct message *m); /* it was promised not to go out */

void check_quiet(void); /* at the end: what was promised was kept */

#endif
