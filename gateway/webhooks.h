/*
 * webhooks.h - POST /webhooks/{carrier}/{what}: verify on the raw bytes, journal, acknowledge. What
 * follows from a callback happens later, from the journal; see routing/inbound.c.
 */
#ifndef WEBHOOKS_H
#define WEBHOOKS_H

#include "exchange.h"

struct carrier;

/*
 * The carrier whose request this is, signed as it signs; `*request` is what it called. NULL: it was
 * answered, with 403 when it is a forgery.
 */
const struct carrier *webhooks_verified(struct exchange *x, struct http_request *request);

void webhooks_receive(struct exchange *x);

#endif
