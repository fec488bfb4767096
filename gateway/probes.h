/*
 * probes.h - for load balancers and operators.
 */
#ifndef PROBES_H
#define PROBES_H

#include "exchange.h"

void probes_alive(struct exchange *x); /* GET /healthz */
void probes_ready(struct exchange *x); /* GET /readyz: 503 without its database or while stopping */

#endif
