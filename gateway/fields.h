/*
 * fields.h - the fields of a request's JSON body as a table: what is read, what is checked, and
 * what the answer says when it does not fit. The same table will document them.
 */
#ifndef FIELDS_H
#define FIELDS_H

#include <stdint.h>

#include "exchange.h"

#define FIELDS_MAX 16

enum field_type {
	FIELD_TEXT,   /* a string of min to max characters */
	FIELD_PHONE,  /* a telephone number, as people write it; read as E.164 */
	FIELD_CHOICE, /* one of `choices`, separated by spaces */
	FIELD_TIME,   /* RFC 3339, in the future */
};

struct field {
	const char *name; /* NULL ends the table */
	enum field_type type;
	bool required;
	unsigned min, max;
	const char *choices;
	const char *help; /* for the documentation */
};

struct field_value {
	bool given;
	struct str text; /* FIELD_PHONE: E.164 */
	int64_t ms;	 /* FIELD_TIME: Unix time */
};

/*
 * Reads the body of `x` by x->route->fields into out[], in the table's order. False when it does
 * not fit: then the problem, naming the field, was replied. `region` is for FIELD_PHONE.
 */
bool fields_read(struct exchange *x, const char *region, struct field_value out[FIELDS_MAX]);

#endif
