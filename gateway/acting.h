/*
 * acting.h - what is done to a message that was accepted before, and to the account's carriers.
 */
#ifndef ACTING_H
#define ACTING_H

#include "exchange.h"

/* Places in the tables of routes.c. */
enum { CANCEL_REASON };
enum { PREFER_CARRIER };

void acting_cancel(struct exchange *x); /* POST /v1/messages/{id}/cancel */
void acting_again(struct exchange *x);	/* POST /v1/messages/{id}/again */
void acting_prefer(struct exchange *x); /* PUT /v1/carriers/preferred */

#endif
