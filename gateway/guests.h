/*
 * guests.h - what is done in C when a guest is erased; the rest is gateway/staff.h's.
 */
#ifndef GUESTS_H
#define GUESTS_H

#include "exchange.h"

/*
 * An erasure is a line of the log as well as a row: a backup that is restored lacks the newest
 * rows, and `maitred erasures --replay` takes such lines. For route.after.
 */
void guests_log_erasure(struct exchange *x, struct str body);

#endif
