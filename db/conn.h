/*
 * conn.h - one connection to PostgreSQL as a state machine: connects without blocking, prepares
 * every statement, runs queries in pipeline mode, and starts over when it is lost. Private to db/.
 */
#ifndef CONN_H
#define CONN_H

#include "load.h"
#include "query.h"

enum conn_state {
	CONN_DOWN,	 /* resting before the next try */
	CONN_CONNECTING, /* PQconnectPoll */
	CONN_PREPARING,	 /* statements are being prepared, channels listened to */
	CONN_UP,
	CONN_CLOSED, /* being freed: no next try */
};

struct conn;

struct conn *conn_new(struct loop *l, const struct db_settings *s, const char *name,
		      enum db_lane lane);
void conn_free(struct conn *c);
bool conn_up(const struct conn *c);
unsigned conn_pending(const struct conn *c);
void conn_look(const struct conn *c, struct db_load *sum); /* adds itself */

/* Takes the query over. The pipeline is filled once per loop turn. */
void conn_submit(struct conn *c, struct query *q);

#endif
