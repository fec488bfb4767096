/*
 * batch.h - group commit: rows that arrive while a flush is on its way go into the next one, as
 * arrays of one statement, in one commit. Each row learns what became of it.
 *
 * The statement's $1 is the batch's id (text), $2 the time of the flush (bigint, Unix ms), then one
 * array per column. It returns rows whose first column is the ordinal of the input row, from 1, or
 * no rows at all. When the database refuses a flush, its rows are tried one by one, so that a row
 * it cannot take harms no other.
 */
#ifndef BATCH_H
#define BATCH_H

#include "db.h"

#define BATCH_COLUMNS_MAX 24

struct db_batch;

struct db_row {
	enum db_status status;
	const struct db_result *result; /* of the flush; borrowed */
	int row; /* this row's in `result`, or -1 when the statement returned none for it */
};

typedef void db_row_done(void *ctx, const struct db_row *row);

/* `columns` has a letter per column: t text[], i bigint[]. */
struct db_batch *db_batch_new(struct db *d, struct loop *l, enum db_lane lane,
			      enum statement statement, const char *columns);
void db_batch_free(struct db_batch *b);
void db_batch_limit(struct db_batch *b, unsigned rows_per_flush);
bool db_batch_full(const struct db_batch *b); /* ask before adding what can be refused */
unsigned db_batch_pending(const struct db_batch *b);

/* Adds a row; values are copied. `done` is called exactly once, never before this returns. */
void db_batch_add(struct db_batch *b, const struct db_param *values, db_row_done *done, void *ctx);

#endif
