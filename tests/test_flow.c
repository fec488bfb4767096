/* test_flow.c - flows: steps in order, calls completing in any order, one finish each. */
#include "testing.h"

#include <stdlib.h>

#include "flow.h"
#include "loop.h"

/* ---- calls in flight, completed in a random order ---- */

struct call {
	struct flow *flow;
	enum err err;
};

static struct call *calls;
static size_t call_num, call_cap;

/* One call in eight completes before the step that started it returns. */
static void start_call(struct flow *f, enum err err)
{
	flow_hold(f);
	if (rand() % 8 == 0) {
		if (err)
			flow_fail(f, err);
		flow_release(f);
		return;
	}
	if (call_num == call_cap) {
		call_cap = call_cap ? call_cap * 2 : 1024;
		calls = realloc(calls, call_cap * sizeof(*calls));
	}
	calls[call_num++] = (struct call){ f, err };
}

static void complete_all(void)
{
	while (call_num) {
		size_t i = (size_t)rand() % call_num;
		struct call c = calls[i];

		calls[i] = calls[--call_num];
		if (c.err)
			flow_fail(c.flow, c.err);
		flow_release(c.flow);
	}
}

/* ---- a flow in four steps, each with up to three calls ---- */

struct sending {
	struct flow flow;
	unsigned steps; /* run so far */
	enum err to_fail;
	bool ended;
};

static unsigned finished, failed, ended;

static struct sending *sending_of(struct flow *f)
{
	return container_of(f, struct sending, flow);
}

static enum flow_verdict step(struct flow *f, unsigned nth)
{
	struct sending *s = sending_of(f);

	check("in order", s->steps == nth);
	check("nothing pending", f->pending == 0);
	check("none after a failure", !f->err);
	s->steps++;
	for (int i = rand() % 4; i > 0; i--) {
		enum err err = rand() % 50 ? ERR_NONE : ERR_UNAVAILABLE;

		if (err)
			s->to_fail = err;
		start_call(f, err);
	}
	return FLOW_NEXT;
}

static enum flow_verdict first(struct flow *f)
{
	return step(f, 0);
}

static enum flow_verdict second(struct flow *f)
{
	step(f, 1);
	if (rand() % 40)
		return FLOW_NEXT;
	sending_of(f)->ended = true;
	return FLOW_END;
}

static enum flow_verdict third(struct flow *f)
{
	if (rand() % 60)
		return step(f, 2);
	sending_of(f)->to_fail = ERR_CONFLICT;
	flow_fail(f, ERR_CONFLICT); /* without any call */
	return FLOW_NEXT;
}

static enum flow_verdict fourth(struct flow *f)
{
	return step(f, 3);
}

static const struct flow_step steps[] = {
	{ "first", first },   { "second", second }, { "third", third },
	{ "fourth", fourth }, { NULL, NULL },
};

static void finish(struct flow *f, enum err err)
{
	struct sending *s = sending_of(f);

	finished++;
	failed += err != ERR_NONE;
	ended += s->ended;
	check("nothing pending", f->pending == 0);
	check("fails when a call did", (err != ERR_NONE) == (s->to_fail != ERR_NONE));
	check("all steps, unless it ended or failed", err || s->steps == (s->ended ? 2u : 4u));
	free(s); /* used after this: ASan tells */
}

static void random_order(void **state)
{
	enum { FLOWS = 50000, AT_ONCE = 5000 };

	(void)state;
	srand(1);
	finished = failed = ended = 0;
	for (int i = 0; i < FLOWS; i++) {
		struct sending *s = calloc(1, sizeof(*s));

		flow_start(&s->flow, "sending", steps, finish);
		if (i % AT_ONCE == AT_ONCE - 1)
			complete_all();
	}
	check("each once", finished == FLOWS);
	check("some failed", failed > FLOWS / 20 && failed < FLOWS / 2);
	check("some ended early", ended > FLOWS / 100);
	free(calls);
	calls = NULL;
	call_num = call_cap = 0;
}

/* ---- small flows, looked at step by step ---- */

struct small {
	struct flow flow;
	unsigned a, b, finished;
	enum err err;
};

static enum flow_verdict hold_two(struct flow *f)
{
	container_of(f, struct small, flow)->a++;
	flow_hold(f);
	flow_hold(f);
	return FLOW_NEXT;
}

static enum flow_verdict hold_and_end(struct flow *f)
{
	hold_two(f);
	return FLOW_END;
}

static enum flow_verdict count_b(struct flow *f)
{
	container_of(f, struct small, flow)->b++;
	return FLOW_NEXT;
}

static void keep(struct flow *f, enum err err)
{
	struct small *s = container_of(f, struct small, flow);

	s->finished++;
	s->err = err;
}

static void one_by_one(void **state)
{
	static const struct flow_step two[] = { { "a", hold_two },
						{ "b", count_b },
						{ NULL, NULL } };
	static const struct flow_step end[] = { { "a", hold_and_end },
						{ "b", count_b },
						{ NULL, NULL } };
	static const struct flow_step none[] = { { NULL, NULL } };
	static const struct {
		const char *name;
		const struct flow_step *steps;
		bool fail;
		unsigned a, b;
		enum err err;
	} rows[] = {
		{ "two steps", two, false, 1, 1, ERR_NONE },
		{ "the first fails", two, true, 1, 0, ERR_CONFLICT },
		{ "the first is the end", end, false, 1, 0, ERR_NONE },
		{ "the end fails", end, true, 1, 0, ERR_CONFLICT },
		{ "no steps", none, false, 0, 0, ERR_NONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct small s = { 0 };

		flow_start(&s.flow, "small", rows[i].steps, keep);
		if (rows[i].a) {
			check(rows[i].name, s.a == 1 && !s.b && !s.finished);
			flow_release(&s.flow);
			check(rows[i].name, !s.b && !s.finished); /* one call is left */
			if (rows[i].fail) {
				flow_fail(&s.flow, ERR_CONFLICT);
				flow_fail(&s.flow, ERR_INTERNAL); /* the first is told */
			}
			check(rows[i].name, !s.finished);
			flow_release(&s.flow);
		}
		check(rows[i].name, s.finished == 1 && s.err == rows[i].err);
		check(rows[i].name, s.a == rows[i].a && s.b == rows[i].b);
	}
}

/* A thousand steps whose calls complete at once do not grow the stack. */
static enum flow_verdict at_once(struct flow *f)
{
	static char *deepest, *highest;
	char *here = __builtin_frame_address(0);

	if (!deepest)
		deepest = highest = here;
	deepest = here < deepest ? here : deepest;
	highest = here > highest ? here : highest;
	check("one depth", highest - deepest < 4096);
	flow_hold(f);
	flow_release(f);
	return FLOW_NEXT;
}

static void flat(void **state)
{
	static struct flow_step many[1001];
	struct small s = { 0 };

	(void)state;
	for (size_t i = 0; i + 1 < COUNT(many); i++)
		many[i] = (struct flow_step){ "at once", at_once };
	flow_start(&s.flow, "flat", many, keep);
	check("finished", s.finished == 1 && !s.err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_order),
		cmocka_unit_test(one_by_one),
		cmocka_unit_test(flat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
