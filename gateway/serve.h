/*
 * serve.h - answers with a file that the binary carries: see gateway/embed.sh for its name there.
 */
#ifndef SERVE_H
#define SERVE_H

#include "exchange.h"

/*
 * Answers with the asset at `path` ("docs/docs.html"), packed when there is a "docs/docs.html.gz"
 * and the client takes that; 304 when the client has it; 404 when there is none. `policy` is its
 * Content-Security-Policy. A client asks each time whether it is the same, but for a file whose
 * name holds a hash of its bytes, as bundlers write it: "app-4J2K7QXA.js" is kept for a year.
 */
void serve_asset(struct exchange *x, struct str path, const char *policy);

#endif
