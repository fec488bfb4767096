/*
 * fields.h - the fields of a request's JSON body, or of its URL's query, as a table: what is read,
 * what is checked, and what the answer says when it does not fit. openapi.c documents them from it.
 */
#ifndef FIELDS_H
#define FIELDS_H

#include <stdint.h>

#include "db.h"
#include "exchange.h"

#define FIELDS_MAX 24

enum field_type {
	FIELD_TEXT,	/* a string of min to max characters */
	FIELD_SMS,	/* the same, and a text that carriers and wording.h let a guest read */
	FIELD_TEMPLATE, /* the same with {variables} in it */
	FIELD_PHONE,	/* a telephone number, as people write it; read as E.164 */
	FIELD_CHOICE,	/* one of `choices`, separated by spaces */
	FIELD_TIME,	/* RFC 3339, in the future */
	FIELD_LIST,	/* an array of some of `choices`; read as them, with spaces between */
	FIELD_TAGS,	/* an array of texts of min to max characters; read with commas between */
	FIELD_NUMBER,	/* a whole number from min to max */
	FIELD_BOOL,
	FIELD_ID,     /* one of ours; `choices` is its prefix */
	FIELD_CLOCK,  /* a time of day: 21:00 */
	FIELD_DATE,   /* a day of the calendar: 2026-11-22 */
	FIELD_EMAIL,  /* an address of at most 254 characters; read in lower case */
	FIELD_URL,    /* https, http only with WEBHOOK_PRIVATE; at most 2,000 characters */
	FIELD_SECRET, /* a text of min to max bytes, which the documentation shows as a password */
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
	int64_t number;	 /* FIELD_TIME: Unix time in ms; FIELD_NUMBER; FIELD_BOOL: 0 or 1 */
};

/*
 * Reads the body of `x` by x->route->fields into out[], in the table's order. False when it does
 * not fit: then the problem, naming the field, was replied. `region` is for FIELD_PHONE.
 */
bool fields_read(struct exchange *x, const char *region, struct field_value out[FIELDS_MAX]);
/* The same for the query of the URL, by x->route->query. */
bool fields_read_query(struct exchange *x, struct field_value out[FIELDS_MAX]);

/* A field of an HTML form, where empty is absent. False when it does not fit; without a reply. */
bool fields_read_text(struct exchange *x, const struct field *f, const char *region,
		      struct str text, struct field_value *out);

/* As a parameter of a statement: text, or bigint for times and numbers, 'true' or 'false'. */
struct db_param fields_param(const struct field *f, const struct field_value *v);
/* The same for a whole table; at most FIELDS_MAX. Returns how many. */
int fields_params(const struct field *fields, const struct field_value *v, struct db_param *out);

#endif
