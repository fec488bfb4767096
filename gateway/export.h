/*
 * export.h - CSV files of any length: GET /v1/reports/parties.csv and its like.
 *
 * A file is read from the database page by page, the next one when the client has taken the last:
 * so no more than one is in memory, however slow the client is. What cannot be finished is cut:
 * the client sees that the file has no end.
 */
#ifndef EXPORT_H
#define EXPORT_H

#include "db.h"
#include "exchange.h"
#include "loop.h"

#define EXPORTS_MAX 4 /* at once of one worker */

struct exports; /* those of one worker */

struct exports *exports_new(struct loop *l, struct db *d);
unsigned exports_num(const struct exports *s);
void exports_stop(struct exports *s); /* none begins any more; those under way go on */
void exports_cut(struct exports *s);
void exports_free(struct exports *s); /* only when there are none, and the database is closed */

/* Answers a route whose statement is one of the pages. */
void export_open(struct exchange *x);

#endif
