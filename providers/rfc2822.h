/*
 * rfc2822.h - times as Twilio's 2010 API writes them.
 */
#ifndef RFC2822_H
#define RFC2822_H

#include <stdint.h>

#include "str.h"

/* "Mon, 02 Feb 2026 02:40:00 +0000", only in UTC, as Unix milliseconds. False: it is not that. */
bool rfc2822_parse(struct str s, int64_t *out_ms);

#endif
