/*
 * actors.h - who acts on the gateway from outside: clients that post, guests that write, and the
 * weather.
 */
#ifndef ACTORS_H
#define ACTORS_H

#include <stdint.h>

/* Plans everything that happens until faults end, at `calm_ms`, and the probe after it. */
void actors_plan(int64_t calm_ms);

#endif
