/*
 * session.h - what every connection is told when it begins. Private to db/.
 */
#ifndef SESSION_H
#define SESSION_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "db.h"

/*
 * "require" when the URL, or libpq's environment, leads to another machine and says nothing of
 * sslmode: a database in a cloud asks for TLS, and a password is not to be read by the network
 * between. Else NULL.
 */
const char *session_sslmode(const char *url);

/* Begins to; see PQconnectStartParams(). */
PGconn *session_connect(const char *url, enum db_lane lane);

/* Once connected: enters pipeline mode and sends what is to be answered before the first query. */
bool session_begin(PGconn *pg, const struct db_settings *s, bool listens);

/* The setting by which the server may forget what it commits: from the only answer with rows. */
const char *session_forgets(const PGresult *r); /* NULL: it does not */

#endif
