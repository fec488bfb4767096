/*
 * suite.h - the simulation as a test suite. Private to runner.c and suite.c.
 */
#ifndef SUITE_H
#define SUITE_H

#include "sim.h"

void totals_tell(const struct totals *t); /* as TAP's comments */
void runner_hush(void);			  /* a broken promise is what is looked for */

#endif
