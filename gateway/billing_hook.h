/*
 * billing_hook.h - POST /webhooks/recurly: something changed at Recurly.
 */
#ifndef BILLING_HOOK_H
#define BILLING_HOOK_H

#include "exchange.h"

void billing_hook(struct exchange *x);

#endif
