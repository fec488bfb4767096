/*
 * measure.h - what routing counts: requests to carriers and services, and what messages became.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include "batch.h"
#include "delivery.h"

/* A request ended: "send", "call", "ask", "hang_up" or "list". */
void measure_request(const struct provider *p, const char *operation,
		     const struct http_response *r);

/* The same to a service beside carriers: "recurly", "amplitude". */
void measure_service(const char *service, const char *operation, const struct http_response *r);

/* What attempt_open.sql said ended the message without an attempt, if it did. */
void measure_verdict(struct str verdict);

/* The row of attempt_settle.sql: the message became that, unless a callback was faster. */
void measure_settled(const struct db_row *row, const struct settlement *s);

/* The row of receipts_apply.sql for this event: the first report that ends the message. */
void measure_report(const struct db_row *row, const struct event *e, const struct report *r);

#endif
