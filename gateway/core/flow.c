/* flow.c - runs the steps of a flow, one after the other, without growing the stack. */
#include "flow.h"

#include <assert.h>
#include <stddef.h>

static const struct flow_step flow_last = { .name = NULL };

/*
 * A call may complete before the step that started it returns (an immediate error). `running` keeps
 * that from re-entering the loop.
 */
static void flow_run(struct flow *f)
{
	if (f->running)
		return;
	f->running = true;
	while (!f->pending && !f->err && f->step->name) {
		const struct flow_step *step = f->step++;

		if (step->run(f) == FLOW_END)
			f->step = &flow_last;
	}
	f->running = false;
	if (!f->pending && (f->err || !f->step->name))
		f->finish(f, f->err);
}

void flow_start(struct flow *f, const char *name, const struct flow_step *steps,
		void (*finish)(struct flow *, enum err err))
{
	*f = (struct flow){ .name = name, .step = steps, .finish = finish };
	flow_run(f);
}

void flow_fail(struct flow *f, enum err err)
{
	assert(err != ERR_NONE);
	if (!f->err)
		f->err = err;
}

void flow_hold(struct flow *f)
{
	f->pending++;
}

void flow_release(struct flow *f)
{
	assert(f->pending);
	f->pending--;
	flow_run(f);
}
