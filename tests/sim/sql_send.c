/* sql_send.c - attempt_open and attempt_settle on the tables. */
#include "sql.h"

/* ---- attempt_open.sql ---- */

enum {
	OPEN_MESSAGE = 4,
	OPEN_ATTEMPT = 6,
	OPEN_ORDINAL,
	OPEN_CLAIM,
	OPEN_PROVIDER,
	OPEN_NUMBER,
	OPEN_DEAD_AFTER,
	OPEN_NUMBER_PACE,
	OPEN_CARRIER_PACE,
	OPEN_WAIT,
};

/* A carrier has said that it has it after all: the attempt. */
static struct attempt *proof_of(const struct message *m)
{
	for (size_t i = 0; i < m->attempts.num; i++) {
		struct attempt *a = m->attempts.at[i];

		if (a->status_rank >= 0 && !str_is(a->status, "failed") && !attempt_is_live(a))
			return a;
	}
	return NULL;
}

/* The one tried since is over, nothing is left to be tried: the first one lives, to its end. */
static void let_live(struct message *m)
{
	struct attempt *proof = proof_of(m);

	if (!m->ended_at && proof && str_is(proof->state, "abandoned") && !message_live(m, NULL))
		attempt_set_state(proof, STR("accepted"));
}

/* Read while the row is locked; without the lock, it is what was true when the statement began. */
static bool opted_out(const struct args *a, const struct thread *t)
{
	if (without == GUARD_STOP_CHECK)
		return false;
	return t->opted_out_at && (without != GUARD_STOP_LOCK || t->said_at < a->now_ms);
}

static bool is_quiet(const struct args *a, const struct message *m)
{
	return str_is(m->kind, "reminder") && a->now_ms >= tables.quiet_from &&
	       a->now_ms < tables.quiet_until;
}

/* "opened" may still become "later", by the pace. */
static const char *judge(const struct args *a, unsigned row, const struct message *m)
{
	const struct attempt *own = attempt_find(in_text(a, row, OPEN_ATTEMPT));
	bool none = !in_text(a, row, OPEN_PROVIDER).p;

	if (!m || !m->queue.is)
		return "ended";
	if (!str_eq(m->queue.claimed_by, in_text(a, row, OPEN_CLAIM)) && without != GUARD_FENCE)
		return "lost";
	if (m->rank > 3 || m->ended_at || proof_of(m))
		return "ended";
	if (message_live(m, own) && without != GUARD_FENCE)
		return "live";
	if (m->cancel_reason.p)
		return "cancelled";
	if (opted_out(a, m->thread))
		return "opted_out";
	if (m->expires_at <= a->now_ms)
		return "expired";
	if (own && str_is(own->state, "intent"))
		return "again";
	if (is_quiet(a, m) || (none && in_int(a, row, OPEN_WAIT) > 0))
		return "later";
	if (none)
		return in_int(a, row, OPEN_ORDINAL) > 1 ? "exhausted" : "no_carrier";
	return "opened";
}

/* ---- pace: each through the gate of its number and that of its carrier ---- */

static struct pace *gate(struct str name)
{
	struct pace *p;

	for (size_t i = 0; i < tables.paces.num; i++) {
		p = tables.paces.at[i];
		if (str_eq(p->gate, name))
			return p;
	}
	p = sim_alloc(sizeof(*p));
	p->gate = name;
	list_add(&tables.paces, p);
	return p;
}

/* How long it has to wait at that gate, beyond a second's worth; negative: not at all. */
static int64_t gate_wait(const struct args *a, struct str name, int64_t pace)
{
	const struct pace *p = gate(name);

	if (!pace)
		return -1;
	return (p->free_at > a->now_ms ? p->free_at - a->now_ms : 0) - 1000;
}

static void gate_pass(const struct args *a, struct str name, int64_t pace, int64_t segments)
{
	struct pace *p = gate(name);

	if (pace)
		p->free_at = (p->free_at > a->now_ms ? p->free_at : a->now_ms) +
			     segments * 1000000 / pace;
}

static struct str number_gate(const struct args *a, unsigned row)
{
	return sim_printf(STR_FMT " " STR_FMT, STR_ARG(in_text(a, row, OPEN_PROVIDER)),
			  STR_ARG(in_text(a, row, OPEN_NUMBER)));
}

/* Returns how long to wait, 0 when it is opened; -1: another is live. */
static int64_t open_row(const struct args *a, unsigned row, struct message *m)
{
	struct str provider = sim_copy(in_text(a, row, OPEN_PROVIDER));
	int64_t number_pace = in_int(a, row, OPEN_NUMBER_PACE),
		carrier_pace = in_int(a, row, OPEN_CARRIER_PACE);
	int64_t number_ms = gate_wait(a, number_gate(a, row), number_pace),
		carrier_ms = gate_wait(a, provider, carrier_pace);
	const struct attempt fresh = {
		.id = in_text(a, row, OPEN_ATTEMPT),
		.ordinal = in_int(a, row, OPEN_ORDINAL),
		.provider = provider,
		.number = in_text(a, row, OPEN_NUMBER),
		.opened_at = a->now_ms,
		.dead_at = a->now_ms + in_int(a, row, OPEN_DEAD_AFTER),
	};

	if (without == GUARD_INTENT)
		return 0;
	if (number_ms > 0 || carrier_ms > 0)
		return number_ms > carrier_ms ? number_ms : carrier_ms;
	if (!attempt_open(m, &fresh))
		return -1;
	gate_pass(a, number_gate(a, row), number_pace, m->segments);
	gate_pass(a, provider, carrier_pace, m->segments);
	return 0;
}

static void put_back(const struct args *a, struct message *m, int64_t wait_ms)
{
	int64_t at = is_quiet(a, m) ? tables.quiet_until :
				      a->now_ms + (wait_ms < 60000 ? wait_ms : 60000);

	at = at < m->expires_at ? at : m->expires_at;
	queue_put(m, at, at, m->queue.holds);
}

static void end_unsent(const struct args *a, unsigned row, struct message *m, struct str verdict)
{
	struct attempt *own = attempt_find(in_text(a, row, OPEN_ATTEMPT));
	const char *state = str_is(verdict, "expired")	 ? "expired" :
			    str_is(verdict, "exhausted") ? "failed" :
			    str_is(verdict, "cancelled") ? "cancelled" :
							   "stopped";

	if (own && str_is(own->state, "intent") && !str_is(verdict, "exhausted") &&
	    without != GUARD_NEVER_WRITTEN)
		attempt_set_state(own, STR("rejected"));
	message_move(m, str_of(state), 4, a->now_ms);
	queue_drop(m);
}

static const char *open_one(const struct args *a, unsigned row, struct message *m)
{
	const char *verdict = judge(a, row, m);
	struct str v = str_of(verdict);
	int64_t wait_ms = in_int(a, row, OPEN_WAIT);

	if (str_is(v, "opened")) {
		wait_ms = open_row(a, row, m);
		verdict = wait_ms > 0 ? "later" : wait_ms < 0 ? "live" : verdict;
	}
	if (str_is(v, "again"))
		verdict = "opened";
	else if (str_is(v, "opted_out") || str_is(v, "expired") || str_is(v, "exhausted") ||
		 str_is(v, "cancelled"))
		end_unsent(a, row, m, v);
	else if (str_is(v, "ended") && m) {
		let_live(m);
		queue_drop(m);
	}
	if (str_is(str_of(verdict), "later"))
		put_back(a, m, wait_ms);
	return verdict;
}

void sql_attempt_open(const struct args *a, struct rows *out)
{
	out->columns = 2;
	for (unsigned row = 0; row < a->rows; row++) {
		const char *verdict = open_one(a, row, message_find(in_text(a, row, OPEN_MESSAGE)));

		put_int(out, row + 1);
		put_text(out, str_of(verdict));
	}
}

/* ---- attempt_settle.sql ---- */

enum {
	SETTLE_ATTEMPT = 5,
	SETTLE_STATE,
	SETTLE_CARRIER_ID,
	SETTLE_CODE = 9,
	SETTLE_HANDLING,
	SETTLE_MESSAGE_STATE = 12,
	SETTLE_RANK,
	SETTLE_NEXT = 15,
	SETTLE_DELAY,
	SETTLE_OPT_OUT,
	SETTLE_LOOKED,
};

static void settle_attempt(const struct args *a, unsigned row, struct attempt *at)
{
	if (str_is(at->state, "intent") || str_is(at->state, "ambiguous"))
		attempt_set_state(at, in_text(a, row, SETTLE_STATE));
	if (!at->carrier_id.p)
		at->carrier_id = sim_copy(in_text(a, row, SETTLE_CARRIER_ID));
	if (!at->code.p)
		at->code = sim_copy(in_text(a, row, SETTLE_CODE));
	at->handling = sim_copy(in_text(a, row, SETTLE_HANDLING));
	at->looks += in_int(a, row, SETTLE_LOOKED);
	if (in_int(a, row, SETTLE_LOOKED))
		at->looked_at = a->now_ms;
}

/* What follows from an answer that says what the attempt now is. */
static void settle_message(const struct args *a, unsigned row, struct attempt *at)
{
	struct message *m = at->message;
	struct str state = in_text(a, row, SETTLE_MESSAGE_STATE);
	int64_t rank = in_int(a, row, SETTLE_RANK), due = a->now_ms + in_int(a, row, SETTLE_DELAY);

	if (str_is(state, "uncertain") && m->rank == 3 && !m->ended_at)
		rank = m->rank; /* a carrier had it, and failed it */
	if (message_rises(m, rank) || (str_is(state, "uncertain") && !m->ended_at))
		message_move(m, state, rank,
			     rank > 3 || str_is(state, "uncertain") ? a->now_ms : 0);
	if (str_is(in_text(a, row, SETTLE_NEXT), "again"))
		queue_put(m, due, due, !str_is(in_text(a, row, SETTLE_STATE), "ambiguous"));
	if (in_int(a, row, SETTLE_OPT_OUT))
		consent_by_carrier(at, a->now_ms);
}

static bool younger_waits(const struct message *m)
{
	for (size_t i = 0; i < tables.messages.num; i++) {
		const struct message *o = tables.messages.at[i];

		if (o->queue.is && o->thread == m->thread && str_cmp(o->id, m->id) > 0)
			return true;
	}
	return false;
}

void sql_attempt_settle(const struct args *a, struct rows *out)
{
	out->columns = 3;
	for (unsigned row = 0; row < a->rows; row++) {
		struct attempt *at = attempt_find(in_text(a, row, SETTLE_ATTEMPT));
		bool follows, end, had_ended;

		if (!at)
			continue;
		had_ended = at->message->rank > 3 || at->message->ended_at;
		settle_attempt(a, row, at);
		follows = str_eq(at->state, in_text(a, row, SETTLE_STATE));
		end = follows && str_is(in_text(a, row, SETTLE_NEXT), "end");
		if (follows)
			settle_message(a, row, at);
		if (end || str_is(at->state, "accepted") || had_ended)
			queue_drop(at->message);
		put_int(out, row + 1);
		put_text(out, at->state);
		put_int(out, younger_waits(at->message));
	}
}
