/*
 * router.h - a table of endpoints, and finding the row for a request. The first row that fits wins.
 */
#ifndef ROUTER_H
#define ROUTER_H

#include "exchange.h"
#include "statements.h"

struct field;

/*
 * Who may call. A key of a server needs the scope: read or write, or manage for what managers do.
 * BOARD: as HOST, but not while billing has made the board read-only.
 */
enum who { ANYONE, HOST, BOARD, MANAGER, CARRIER };

struct route {
	const char *method;
	const char *path; /* "/v1/messages/{id}": a {name} is one segment, percent-decoded */
	enum who who;
	void (*handle)(struct exchange *x); /* staff_handle: the statement is the whole job */
	enum statement statement;
	const struct field *query;  /* of the URL; NULL: none */
	const struct field *fields; /* of the JSON body; NULL: none. See fields.h */
	const char *makes;	    /* prefix of the id of what it makes; NULL: nothing */
	const char *secret;	    /* "key mk_": the answer's field, and how its secret begins */
	/* makes the secret from the answer instead: the same each time, and kept nowhere */
	struct str (*derive)(struct exchange *x, struct str body);
	/* told of a success and its answer, before that goes out; NULL: nobody */
	void (*after)(struct exchange *x, struct str body);
	int status;	    /* of success; 0: 200 */
	const char *answer; /* a schema of openapi.json, or a "media/type"; NULL: nothing */
	const char *summary;
};

/*
 * Calls the handler of the row for `x` in routes[0..num), or answers 404, or 405 with Allow.
 * Sets x->route and x->params.
 */
void router_handle(const struct route *routes, size_t num, struct exchange *x);
/* The same, but false when no row fits; then *allow names the methods that this path does have. */
bool router_try(const struct route *routes, size_t num, struct exchange *x, struct str *allow);

#endif
