/*
 * health.h - for load balancers and operators.
 */
#ifndef HEALTH_H
#define HEALTH_H

#include "exchange.h"

void health_alive(struct exchange *x); /* GET /healthz */
void health_ready(struct exchange *x); /* GET /readyz: 503 without its database or while stopping */

#endif
