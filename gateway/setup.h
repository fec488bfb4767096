/*
 * setup.h - `maitred serve --setup`: while something has to be set first, a page that says what.
 */
#ifndef SETUP_H
#define SETUP_H

#include "gateway.h"

/* Shows g->problems at every path, until SIGTERM or SIGINT; returns the exit status. */
int setup_run(const struct gateway *g);

#endif
