/*
 * reading.h - the endpoints that read: each is one statement that returns the answer's JSON.
 */
#ifndef READING_H
#define READING_H

#include "db.h"
#include "exchange.h"

/* Answers with a row: is the key one of ours, the answer as JSON or NULL. A db_done. */
void reading_done(void *exchange, const struct db_result *r);
/* An id that cannot be one is not found, and does not reach the database: false, and replied. */
bool reading_id_fits(struct exchange *x, const char *prefix);

void reading_carriers(struct exchange *x);
void reading_messages(struct exchange *x);
void reading_message(struct exchange *x);
void reading_conversations(struct exchange *x);
void reading_conversation(struct exchange *x);
void reading_consent(struct exchange *x);

#endif
