/*
 * auth.h - who is asking: a server with its key, or a member of staff with their session.
 */
#ifndef AUTH_H
#define AUTH_H

#include "db.h"
#include "exchange.h"

/*
 * The caller of `x` by its Authorization header, for db_query_as(); all of it in the arena. What
 * they need is in x->route. False when there is none that could be one of ours; then 401 was
 * replied. Whether it is, the database says.
 */
bool auth_caller(struct exchange *x, struct db_caller *c);

/* Replies why a caller was turned away, or that the database did not answer. */
void auth_refuse(struct exchange *x, const struct db_result *r);

#endif
