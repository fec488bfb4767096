/*
 * reading.h - the endpoints that read: each is one statement that returns the answer's JSON.
 */
#ifndef READING_H
#define READING_H

#include "exchange.h"

void reading_messages(struct exchange *x);
void reading_message(struct exchange *x);
void reading_conversations(struct exchange *x);
void reading_conversation(struct exchange *x);

#endif
