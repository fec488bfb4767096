/* confine.h - what the gateway may still touch once it has begun; see sandbox.h for the rest. */
#ifndef CONFINE_H
#define CONFINE_H

#include "config.h"

/*
 * Enters the sandbox, unless SANDBOX=off, and says in the log how much of it there is. Takes
 * secrets out of the environment. Before any thread is started: they inherit it.
 */
void confine(const struct config *c);

#endif
