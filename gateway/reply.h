/*
 * reply.h - the answers of the API: JSON, and problems (RFC 9457, application/problem+json).
 */
#ifndef REPLY_H
#define REPLY_H

#include "err.h"
#include "exchange.h"

void reply_json(struct exchange *x, int status, struct str body);

/*
 * A problem: type, title, status, code, detail, param and request_id. `param` names the field
 * ("to", "limit") or is NULL; `detail` is one sentence, or NULL for the title alone.
 */
void reply_problem(struct exchange *x, enum err err, const char *param, const char *detail);

/* ERR_LIMITED: it may be tried again after so many seconds. */
void reply_limited(struct exchange *x, int64_t seconds, const char *detail);

#endif
