/*
 * csv.h - cells of a CSV file (RFC 4180): pure functions between values and bytes.
 */
#ifndef CSV_H
#define CSV_H

#include "buf.h"

/*
 * A cell, in quotes where it needs them. A spreadsheet would run what begins like a formula: such a
 * cell gets an apostrophe in front, which a spreadsheet takes for "this is text".
 */
void csv_put(struct buf *b, struct str cell);
void csv_put_end(struct buf *b); /* of a line */

#endif
