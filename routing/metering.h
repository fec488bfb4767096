/*
 * metering.h - posts usage to Recurly, one at a time: each is looked for first when it may be there
 * already, as nothing else keeps Recurly from counting it twice. Private to routing/.
 */
#ifndef METERING_H
#define METERING_H

#include "billing.h"
#include "recurly_line.h"

struct metering;

/* `s` and `line` are borrowed. */
struct metering *metering_new(const struct billing_settings *s, struct recurly_line *line);
void metering_free(struct metering *m);
void metering_wake(struct metering *m); /* something is due, perhaps */
void metering_stop(struct metering *m);
bool metering_busy(const struct metering *m);

#endif
