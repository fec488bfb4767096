/*
 * cors.h - which other sites' pages may call the API from a browser (Fetch standard, section 3.2):
 * those that CORS_ORIGINS names, byte for byte, and never with cookies: a caller sends a key.
 */
#ifndef CORS_H
#define CORS_H

#include "exchange.h"

/* `origins`: separated by commas. No pattern, no sub-domain, no other case or port fits. */
bool cors_fits(struct str origins, struct str origin);

/*
 * Adds what a browser asks for to the reply to come. True when `x` is a preflight of a site that
 * may: answer it with cors_preflight().
 */
bool cors_begin(struct exchange *x, struct str origins);

/* 204: these methods may be used on this path: "GET, POST". */
void cors_preflight(struct exchange *x, struct str methods);

#endif
