/*
 * status_page.h - GET /status: do texts and calls go out now? For everybody, so it names no
 * account, no number and nothing but what anybody would notice.
 */
#ifndef STATUS_PAGE_H
#define STATUS_PAGE_H

#include "exchange.h"

struct status; /* of a worker, which keeps for some seconds what it has read */
struct worker;

struct status *status_new(struct worker *w);
void status_free(struct status *s); /* after the database; NULL is harmless */

void status_page(struct exchange *x);

#endif
