/*
 * routes.h - THE TABLE of endpoints. See routes.c.
 */
#ifndef ROUTES_H
#define ROUTES_H

#include "exchange.h"

/* The table, for openapi.c. */
const struct route *routes_table(size_t *num);

/* Answers any request to the gateway: server_settings.handle. */
void routes_handle(struct exchange *x);

#endif
