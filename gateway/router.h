/*
 * router.h - a table of endpoints, and finding the row for a request. The first row that fits wins.
 */
#ifndef ROUTER_H
#define ROUTER_H

#include "exchange.h"

struct field;

struct route {
	const char *method;
	const char *path; /* "/v1/messages/{id}": a {name} is one segment, percent-decoded */
	void (*handle)(struct exchange *x);
	const struct field *fields; /* of the JSON body; NULL: no body is read. See fields.h */
	const char *summary;	    /* what it does, for the documentation */
};

/*
 * Calls the handler of the row for `x` in routes[0..num), or answers 404, or 405 with Allow.
 * Sets x->route and x->params.
 */
void router_handle(const struct route *routes, size_t num, struct exchange *x);
/* The same, but false when no row fits; then *allow names the methods that this path does have. */
bool router_try(const struct route *routes, size_t num, struct exchange *x, struct str *allow);

#endif
