/*
 * vdb.h - the virtual database. vdb.c is the way there: lanes whose connection may die before a
 * statement took effect or after it, and which then run it again, as db/conn.c does. statements.c
 * and its neighbours are the server: each statement of db/sql/ at one moment, on tables.h.
 */
#ifndef VDB_H
#define VDB_H

#include "batch.h"
#include "db.h"
#include "sim.h"

#define PARAMS_MAX (BATCH_COLUMNS_MAX + 2)

/* ---- the way ---- */

void vdb_reset(void);
void vdb_cut(struct db *d);  /* its process crashes: what is on its way takes effect, or not */
void vdb_outage(int64_t ms); /* every connection dies, and none is made for so long */
void vdb_notify(const char *channel); /* pg_notify */
void vdb_hear(struct db *d, const char *channel);

/* ---- parameters, as a statement reads them: $1 is 1 ---- */

struct args {
	int num;
	struct str raw[PARAMS_MAX + 1]; /* p NULL: SQL's NULL */
	unsigned rows;			/* of the arrays, from $3 on */
	struct str *column[PARAMS_MAX + 1];
	int64_t now_ms; /* Unix time at which the transaction began */
};

struct str arg_text(const struct args *a, int dollar);
int64_t arg_int(const struct args *a, int dollar);
void args_read_arrays(struct args *a, int first);
struct str in_text(const struct args *a, unsigned row, int dollar); /* p NULL: NULL */
int64_t in_int(const struct args *a, unsigned row, int dollar);	    /* 0 for NULL */

/* ---- rows, as it returns them ---- */

struct rows {
	int columns;
	size_t num, cap; /* cells */
	struct str *cells;
};

void put_text(struct rows *r, struct str s); /* copied; p NULL: NULL */
void put_int(struct rows *r, int64_t v);

/* Runs it now. Ends the history if it does not know the statement. */
void statement_run(enum statement s, struct args *a, struct rows *out);

#endif
