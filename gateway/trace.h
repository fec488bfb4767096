/*
 * trace.h - which trace of the caller's a request belongs to: W3C's traceparent, or Datadog's own
 * headers. It goes into lines of the log, and nowhere else: texts are sent later, by any process.
 */
#ifndef TRACE_H
#define TRACE_H

#include "str.h"

struct trace {
	char id[33];   /* 32 hexadecimal digits, or Datadog's decimal ones; empty: there is none */
	char span[21]; /* the caller's: 16 hexadecimal, or decimal */
};

/*
 * What the headers say, each of which may be empty. Datadog's go first, as its libraries have it;
 * what is not well formed is as if it were not there.
 */
struct trace trace_read(struct str datadog_trace, struct str datadog_parent,
			struct str traceparent);

#endif
