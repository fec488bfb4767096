/*
 * openapi.h - the OpenAPI 3.1 document of the API, made from the table in routes.c, the fields that
 * it names and the problems of err.c. Only what answers look like is written by hand, in
 * openapi_schemas.json: a schema for each `answer` of the table.
 */
#ifndef OPENAPI_H
#define OPENAPI_H

#include "buf.h"
#include "router.h"

/* Made at the first call, from any thread; lives as long as the process. Always the same bytes. */
struct str openapi_document(void);

/*
 * openapi_parts.c: the components, with the problems of those statuses that are used, and the
 * schema of a request's field, inside an open object.
 */
void openapi_components(struct buf *b, bool (*used)(int status));
void openapi_field(struct buf *b, const struct field *f, bool in_query);

/* ["error", "gone"] from "error gone"; `or_null` adds null. */
void openapi_enum(struct buf *b, const char *name, const char *choices, bool or_null);
void openapi_ref(struct buf *b, const char *name, const char *part, const char *what);

#endif
