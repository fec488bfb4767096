/*
 * consents.h - POST /v1/conversations/{id}/consent: what a guest told staff about being texted, and
 * what staff make of words that may mean STOP. The guest's own texts come in by webhooks.c.
 */
#ifndef CONSENTS_H
#define CONSENTS_H

#include "exchange.h"

/* Places in consent_fields (routes.c). */
enum { CONSENT_ACTION, CONSENT_WORDS };

void consents_record(struct exchange *x);

#endif
