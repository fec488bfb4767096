/*
 * staff.h - the endpoints of staff whose statement is the whole job. Its parameters are what
 * stands in the path, then the query's fields, then the body's, then the id of what it makes, then
 * the SHA-256 of the secret that it makes. It returns a row: status, and body as JSON; with a
 * status from 400 the body is code, param and detail of a problem.
 *
 * An endpoint for ANYONE is a guest's: its statement begins with the rows of all accounts, and has
 * to narrow its scope to the one whose token or code it was given.
 */
#ifndef STAFF_H
#define STAFF_H

#include "auth.h"
#include "exchange.h"

void staff_handle(struct exchange *x);

/* A db_done for any such statement; the context is the exchange. */
void staff_done(void *exchange, const struct db_result *r);
/* The same, with one more field in the answer, in front; an empty value: none. */
void staff_reply(struct exchange *x, const struct db_result *r, const char *name, struct str value);

/*
 * A secret that is shown once: `prefix` and 256 random bits in hexadecimal; and its hash, for us.
 */
struct str staff_secret(struct arena *a, struct str prefix, struct str *hash);

#endif
