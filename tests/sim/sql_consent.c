/* sql_consent.c - callback_journal on the tables, and what guests and carriers say of consent. */
#include "checks.h"
#include "sql.h"

#define START_COMES_LATE_MS 600000

/* ---- the ledger ---- */

static bool is_said(struct str phone, struct str event_id)
{
	for (size_t i = 0; i < tables.consents.num && without != GUARD_RERUN; i++) {
		const struct consent *c = tables.consents.at[i];

		if (str_eq(c->phone, phone) && str_eq(c->event_id, event_id))
			return true;
	}
	return false;
}

static void note(struct str phone, struct str event_id, struct str action, int64_t at)
{
	struct consent *c = sim_alloc(sizeof(*c));

	*c = (struct consent){ sim_copy(phone), sim_copy(event_id), sim_copy(action), at };
	list_add(&tables.consents, c);
}

bool consent_said_since(struct str phone, const char *action, int64_t since)
{
	for (size_t i = 0; i < tables.consents.num; i++) {
		const struct consent *c = tables.consents.at[i];

		if (str_eq(c->phone, phone) && str_is(c->action, action) && c->at > since)
			return true;
	}
	return false;
}

static void opt_out(struct thread *t, int64_t now, struct str via, bool afresh)
{
	bool vague = str_is(t->opted_out_via, "flag") || str_is(t->opted_out_via, "staff");

	story("database", "%s is opted out: " STR_FMT, t->phone.p, STR_ARG(via));
	t->said_at = t->opted_out_at ? t->said_at : SIM_EPOCH_MS + sim.now;
	t->opted_out_at = t->opted_out_at ? t->opted_out_at : now;
	if (afresh || !t->opted_out_via.p || (vague && !str_is(via, "flag")))
		t->opted_out_via = sim_copy(via);
}

void consent_by_carrier(struct attempt *a, int64_t now)
{
	if (!is_said(a->message->phone, a->id))
		note(a->message->phone, a->id, STR("stop"), now);
	opt_out(a->message->thread, now, a->provider, false);
}

/* ---- callback_journal.sql ---- */

enum {
	JOURNAL_PROVIDER = 3,
	JOURNAL_TARGET,
	JOURNAL_TYPE,
	JOURNAL_BODY,
	JOURNAL_ACTION,
	JOURNAL_WORD,
	JOURNAL_PHONE,
	JOURNAL_NUMBER,
	JOURNAL_EVENT,
	JOURNAL_THREAD,
	JOURNAL_SAID,
};

struct batch *batch_find(struct str id)
{
	for (size_t i = 0; i < tables.batches.num; i++) {
		struct batch *b = tables.batches.at[i];

		if (str_eq(b->id, id))
			return b;
	}
	return NULL;
}

static void keep(const struct args *a)
{
	struct batch *b = sim_alloc(sizeof(*b));

	b->id = sim_copy(arg_text(a, 1));
	b->at = arg_int(a, 2);
	b->due_at = a->now_ms;
	b->pending = true;
	list_add(&tables.batches, b);
	for (unsigned row = 0; row < a->rows; row++) {
		struct callback *c = sim_alloc(sizeof(*c));

		*c = (struct callback){ sim_copy(in_text(a, row, JOURNAL_PROVIDER)),
					sim_copy(in_text(a, row, JOURNAL_TARGET)),
					sim_copy(in_text(a, row, JOURNAL_TYPE)),
					sim_copy(in_text(a, row, JOURNAL_BODY)) };
		list_add(&b->callbacks, c);
	}
}

/* What came late does not undo what was said after it. */
static bool is_outdated(const struct args *a, unsigned row)
{
	struct str action = in_text(a, row, JOURNAL_ACTION), phone = in_text(a, row, JOURNAL_PHONE);
	int64_t said_ms = in_int(a, row, JOURNAL_SAID);

	if (!said_ms)
		return false;
	if (str_is(action, "flag") && consent_said_since(phone, "clear", said_ms))
		return true;
	if (str_is(action, "start"))
		return consent_said_since(phone, "stop", said_ms);
	return consent_said_since(phone, "start", said_ms + START_COMES_LATE_MS);
}

static int weight(struct str action)
{
	return str_is(action, "stop") ? 2 : str_is(action, "flag");
}

/* Of the guest's words, the last START and what stands behind it; of these the weightiest. */
static void decide(const struct args *a, const bool *spoken, struct str phone)
{
	int start = -1, best = -1;

	for (unsigned row = 0; row < a->rows; row++)
		if (spoken[row] && str_eq(in_text(a, row, JOURNAL_PHONE), phone) &&
		    str_is(in_text(a, row, JOURNAL_ACTION), "start"))
			start = (int)row;
	for (unsigned row = 0; row < a->rows; row++) {
		struct str action = in_text(a, row, JOURNAL_ACTION);

		if (!spoken[row] || !str_eq(in_text(a, row, JOURNAL_PHONE), phone) ||
		    (!str_is(action, "start") && (int)row < start))
			continue;
		if (best < 0 ||
		    weight(action) >= weight(in_text(a, (unsigned)best, JOURNAL_ACTION)))
			best = (int)row;
	}
	if (best < 0)
		return;

	unsigned row = (unsigned)best;
	struct str action = in_text(a, row, JOURNAL_ACTION);
	struct thread *t = thread_by_phone(phone);

	if (str_is(action, "start")) {
		if (t)
			t->opted_out_at = 0;
		if (t)
			t->opted_out_via = (struct str){ 0 };
		story("database", STR_FMT " is opted in", STR_ARG(phone));
		return;
	}
	t = t ? t : thread_add(in_text(a, row, JOURNAL_THREAD), phone);
	opt_out(t, a->now_ms,
		str_is(action, "stop") ? in_text(a, row, JOURNAL_PROVIDER) : STR("flag"),
		start >= 0);
}

/* Each word once; `spoken` are those that are new and count. */
static void say(const struct args *a, bool *spoken)
{
	for (unsigned row = 0; row < a->rows; row++) {
		struct str action = in_text(a, row, JOURNAL_ACTION),
			   phone = in_text(a, row, JOURNAL_PHONE),
			   event_id = in_text(a, row, JOURNAL_EVENT);
		int64_t said_ms = in_int(a, row, JOURNAL_SAID);

		if (!action.p || !phone.p || is_said(phone, event_id) ||
		    !number_is_ours(in_text(a, row, JOURNAL_PROVIDER),
				    in_text(a, row, JOURNAL_NUMBER)))
			continue;
		spoken[row] = !str_is(action, "help") && !is_outdated(a, row);
		note(phone, event_id, action, said_ms ? said_ms : a->now_ms);
		check_consent(event_id);
	}
}

void sql_callback_journal(const struct args *a, struct rows *out)
{
	bool *spoken = sim_alloc(a->rows * sizeof(*spoken));

	put_int(out, 0);
	if (!batch_find(arg_text(a, 1)))
		keep(a);
	say(a, spoken);
	for (unsigned row = 0; row < a->rows; row++) {
		bool first = spoken[row];

		for (unsigned before = 0; before < row; before++)
			first = first &&
				!(spoken[before] && str_eq(in_text(a, before, JOURNAL_PHONE),
							   in_text(a, row, JOURNAL_PHONE)));
		if (first)
			decide(a, spoken, in_text(a, row, JOURNAL_PHONE));
	}
}

void sql_callback_partitions(const struct args *a, struct rows *out)
{
	(void)a;
	put_text(out, STR(""));
}
