/*
 * webhooks.h - POST /webhooks/{carrier}/{what}: verify on the raw bytes, journal, acknowledge. What
 * follows from a callback happens later, from the journal; see routing/inbound.c.
 */
#ifndef WEBHOOKS_H
#define WEBHOOKS_H

#include "exchange.h"

void webhooks_receive(struct exchange *x);

#endif
