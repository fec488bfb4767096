/*
 * flow.h - an operation as a list of named steps. A step starts zero or more asynchronous calls and
 * returns; when every call it started has completed, the next step runs. The steps of a flow stand
 * in one const table, in the order they run, and are defined in that order: the table is the table
 * of contents.
 *
 * Ownership: the flow is embedded in its owner. finish() is called exactly once, after the last
 * call has completed, and is where the owner frees it. A failed flow runs no further step.
 */
#ifndef FLOW_H
#define FLOW_H

#include <stdbool.h>

#include "err.h"

struct flow;

enum flow_verdict {
	FLOW_NEXT, /* go on to the following step once nothing is pending */
	FLOW_END,  /* finished early, successfully */
};

struct flow_step {
	const char *name; /* for logs and tests; NULL ends the table */
	enum flow_verdict (*run)(struct flow *);
};

struct flow {
	const char *name;	      /* of the flow, for logs */
	const struct flow_step *step; /* next to run */
	void (*finish)(struct flow *, enum err err);
	unsigned pending; /* calls in flight */
	enum err err;	  /* the first failure, ERR_NONE so far */
	bool running;	  /* inside flow_run(): see flow.c */
};

void flow_start(struct flow *f, const char *name, const struct flow_step *steps,
		void (*finish)(struct flow *, enum err err));
void flow_fail(struct flow *f, enum err err); /* no further step will run */
void flow_hold(struct flow *f);		      /* a call has started */
void flow_release(struct flow *f);	      /* ... and has completed; may finish the flow */

#endif
