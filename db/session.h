/*
 * session.h - the scope that statements run in: the role, whose rows, time-outs, keys. Told to a
 * session once, with every statement prepared; or, where a pooler gives each transaction another
 * session, before each statement. Private to db/.
 */
#ifndef SESSION_H
#define SESSION_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "query.h"

/*
 * "require" when the URL, or libpq's environment, leads to another machine and says nothing of
 * sslmode: a database in a cloud asks for TLS, and a password is not to be read by the network
 * between. Else NULL.
 */
const char *session_sslmode(const char *url);

enum { SESSION_PADS = DB_PRIVACY_KEYS_MAX * (2 * DB_PRIVACY_KEY_MAX + 1) + 1 };

/* How a connection is used: set once, for all the times that it connects. */
struct session {
	const struct db_settings *settings; /* borrowed */
	enum db_lane lane;
	bool pooled; /* through a pooler: the scope is each transaction's */
	char inner[SESSION_PADS], outer[SESSION_PADS]; /* of phone_hash(); empty: there is no key */
};

void session_plan(struct session *s, const struct db_settings *settings, enum db_lane lane);

/* Begins to; see PQconnectStartParams(). */
PGconn *session_connect(const struct session *s);

/* Once connected: enters pipeline mode and sends what is to be answered before the first query. */
bool session_begin(const struct session *s, PGconn *pg);

/* The query, behind what goes before it in its transaction, and a sync. */
bool session_send(const struct session *s, PGconn *pg, struct query *q);

/* The setting by which the server may forget what it commits: from the only answer with rows. */
const char *session_forgets(const PGresult *r); /* NULL: it does not */

#endif
