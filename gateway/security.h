/*
 * security.h - an event for each request that somebody was not allowed, by the names that Datadog's
 * security rules look for (evt.name, evt.outcome, network.client.ip, usr.id).
 */
#ifndef SECURITY_H
#define SECURITY_H

#include "exchange.h"

/*
 * Once, as the answer goes out. x->suspect names what was wrong; without it 401 to a credential,
 * 403 and 429 have names of their own, and everything else is no event. At most 20 lines a
 * second and thread; the metric counts all.
 */
void security_note(struct exchange *x, int status);

#endif
