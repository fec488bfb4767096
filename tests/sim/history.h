/*
 * history.h - one history: everything that happens from a seed until all is quiet.
 */
#ifndef HISTORY_H
#define HISTORY_H

#include <stdint.h>

/* Returns when every promise was kept; else it ends the process. Adds to sim.totals. */
void history_run(uint64_t seed);

#endif
