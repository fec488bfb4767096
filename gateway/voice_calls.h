/*
 * voice_calls.h - POST /webhooks/{carrier}/voice: what a call says next. A carrier waits for the
 * answer while somebody holds the phone, so it is one statement and no journal: a question that is
 * asked twice does what it did once.
 */
#ifndef VOICE_CALLS_H
#define VOICE_CALLS_H

#include "exchange.h"

void voice_answer(struct exchange *x);

#endif
