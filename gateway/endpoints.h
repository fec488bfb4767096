/*
 * endpoints.h - the secret of a customer's endpoint for webhooks, which is derived when it is asked
 * for (routing/signing.h).
 */
#ifndef ENDPOINTS_H
#define ENDPOINTS_H

#include "exchange.h"

/* Of the endpoint that `body` shows; empty without SESSION_KEYS. For route.derive. */
struct str endpoints_secret(struct exchange *x, struct str body);

#endif
