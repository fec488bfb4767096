/*
 * access.h - what is counted of each answer, and the line of the log when one failed or was slow.
 */
#ifndef ACCESS_H
#define ACCESS_H

#include "exchange.h"

void access_done(struct exchange *x, int status); /* once, as the answer goes out */

/* "http.request_id=... dd.trace_id=...", what there is of it, for a line of the log. */
struct str access_trail(const struct exchange *x);

#endif
