/*
 * operator.h - pages for who operates this gateway, who knows OPERATOR_TOKEN.
 */
#ifndef OPERATOR_H
#define OPERATOR_H

#include "exchange.h"

/*
 * True when the request has the token: as Authorization: Bearer, or, for a browser, as the password
 * of Basic with any name. Else it was answered.
 */
bool operator_may(struct exchange *x);

/* Does the client, a browser, want a page rather than JSON? */
bool operator_wants_page(const struct exchange *x);

#endif
