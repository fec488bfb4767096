/*
 * pg.h - a private PostgreSQL for one test program: started in a folder of its own, migrated,
 * killed and restarted at will, asked directly with blocking libpq.
 */
#ifndef PG_H
#define PG_H

#include <libpq-fe.h>

#include "arena.h"
#include "statements.h"

/* For cmocka_run_group_tests(): starts and migrates it; stops it and deletes its folder. */
int pg_setup(void **state);
int pg_teardown(void **state);

const char *pg_url(void);	/* the user maitred, who is no superuser */
const char *pg_super_url(void); /* the user postgres */

void pg_do(const char *command);   /* "start", "stop", "crash", "restart": waits for its end */
int pg_begin(const char *command); /* the same in the background: its process, for pg_end() */
void pg_end(int process);

PGconn *pg_connect(const char *url);

/* Runs SQL; the test fails when the database refuses it. */
/* printf() into the arena: SQL, and parameters of statements. */
const char *pg_text(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void pg_run(const char *sql);
struct str pg_value(struct arena *a, const char *sql); /* first column of the first row, or empty */
long pg_number(const char *sql);

/* The fields of the first row, with '|' between; parameters as below. */
struct str pg_row(struct arena *a, const char *sql, const char *const *params, int param_num);
#define PG_ROW(a, sql, ...)                                                                        \
	pg_row(a, sql, (const char *const[]){ __VA_ARGS__ },                                       \
	       sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/*
 * Runs a statement of db/sql/ with its parameters as text, NULL for SQL's NULL, in a transaction of
 * its own. "verdict,verdict,..." of the column, in the order of the rows; "!23505" when refused.
 */
struct str pg_statement(struct arena *a, enum statement s, int column, const char *const *params,
			int param_num);

/* A venue with an API key "key-<account>", and a number at each carrier. */
void pg_venue(const char *account, const char *twilio, const char *telnyx);
struct str pg_key_hash(struct arena *a, const char *account);
/* A statement of staff's, by this account's key "key"; see enter() in migration 0004. */
struct str pg_statement_as(struct arena *a, const char *account, enum statement s, int column,
			   const char *const *params, int param_num);

/* What db/session.c tells each connection, for phone_hash(); empty: no key. At most 64 bytes. */
void pg_set_key(struct str key);

void pg_empty(void); /* deletes all rows of all accounts */

#endif
