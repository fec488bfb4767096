/*
 * carriers.h - from the configuration to the carriers we have an account at.
 */
#ifndef CARRIERS_H
#define CARRIERS_H

#include "carrier.h"
#include "config.h"

/*
 * Fills `out` in CARRIER_ORDER; strings are borrowed from `c` or in the arena. Adds a sentence per
 * line to `problems` for a key that cannot be one, or when there is no carrier at all.
 */
void carriers_load(struct carrier_list *out, struct arena *a, const struct config *c,
		   struct buf *problems);

#endif
