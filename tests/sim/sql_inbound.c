/* sql_inbound.c - pending_claim, pending_done, receipts_apply, replies_apply, help_queue. */
#include "checks.h"
#include "sql.h"

/* ---- pending_claim.sql, pending_done.sql ---- */

static void put_batch(const struct batch *b, struct rows *out)
{
	for (size_t i = 0; i < b->callbacks.num; i++) {
		const struct callback *c = b->callbacks.at[i];

		put_text(out, b->id);
		put_int(out, b->at);
		put_text(out, c->provider);
		put_text(out, c->target);
		put_text(out, c->content_type);
		put_text(out, c->body);
	}
}

void sql_pending_claim(const struct args *a, struct rows *out)
{
	int64_t left = arg_int(a, 1);

	out->columns = 6;
	for (size_t i = 0; i < tables.batches.num && left; i++) {
		struct batch *b = tables.batches.at[i];

		if (!b->pending || b->due_at > a->now_ms)
			continue;
		b->due_at = a->now_ms + arg_int(a, 2);
		put_batch(b, out);
		left--;
	}
}

void sql_pending_done(const struct args *a, struct rows *out)
{
	struct str rest = arg_text(a, 1);

	(void)out;
	while (rest.len) {
		struct batch *b = batch_find(str_cut(&rest, ','));

		if (b)
			b->pending = false;
	}
}

/* ---- receipts_apply.sql ---- */

static struct attempt *by_carrier_id(struct str provider, struct str carrier_id)
{
	for (size_t i = 0; i < tables.attempts.num; i++) {
		struct attempt *a = tables.attempts.at[i];

		if (str_eq(a->provider, provider) && str_eq(a->carrier_id, carrier_id))
			return a;
	}
	return NULL;
}

static struct attempt *match(const struct args *a, unsigned row)
{
	struct str id = in_text(a, row, 4), provider = in_text(a, row, 5),
		   carrier_id = in_text(a, row, 6);
	struct attempt *at = id.p ? attempt_find(id) : by_carrier_id(provider, carrier_id);

	if (!at || !str_is(in_text(a, row, 3).p ? in_text(a, row, 3) : STR(ACCOUNT), ACCOUNT))
		return NULL;
	if (!str_eq(at->provider, provider) ||
	    (at->carrier_id.p && !str_eq(at->carrier_id, carrier_id)))
		return NULL;
	return str_eq(at->message->phone, in_text(a, row, 8)) ? at : NULL;
}

struct report {
	struct attempt *attempt;
	unsigned row;
	bool was_live, was_last, had_ended, again;
};

enum {
	RECEIPT_ACCOUNT = 3,
	RECEIPT_ATTEMPT,
	RECEIPT_PROVIDER,
	RECEIPT_CARRIER_ID,
	RECEIPT_PHONE = 8,
	RECEIPT_STATUS,
	RECEIPT_STATUS_RANK,
	RECEIPT_CODE = 12,
	RECEIPT_HANDLING,
	RECEIPT_ATTEMPT_STATE = 17,
	RECEIPT_MESSAGE_STATE,
	RECEIPT_MESSAGE_RANK,
	RECEIPT_AGAIN,
};

static struct report read_report(const struct args *a, unsigned row, struct attempt *at)
{
	return (struct report){
		.attempt = at,
		.row = row,
		.was_live = attempt_is_live(at),
		.was_last = str_is(at->state, "finalised") && !at->moved_on,
		.had_ended = at->message->rank > 3 || at->message->ended_at,
		.again = in_int(a, row, RECEIPT_AGAIN),
	};
}

/* Of reports on one attempt in one batch, the highest in rank; of those, the first. */
static bool is_best(const struct args *a, const struct report *all, unsigned num, unsigned i)
{
	int64_t mine = in_int(a, all[i].row, RECEIPT_STATUS_RANK);

	for (unsigned j = 0; j < num; j++) {
		int64_t other = in_int(a, all[j].row, RECEIPT_STATUS_RANK);

		if (all[j].attempt == all[i].attempt && (other > mine || (other == mine && j < i)))
			return false;
	}
	return true;
}

/* It never left the carrier, and neither this batch nor an earlier one says that it did. */
static bool moves_on(const struct args *a, const struct report *all, unsigned num,
		     const struct report *r)
{
	if (!r->again || !r->was_live || r->had_ended)
		return false;
	if (without == GUARD_SAID_SENT)
		return true;
	for (unsigned j = 0; j < num; j++)
		if (all[j].attempt == r->attempt &&
		    str_is(in_text(a, all[j].row, RECEIPT_STATUS), "sent"))
			return false;
	return r->attempt->status_rank < 2;
}

static void raise_attempt(const struct args *a, const struct report *r)
{
	struct attempt *at = r->attempt;
	struct str to = in_text(a, r->row, RECEIPT_ATTEMPT_STATE);

	at->status = sim_copy(in_text(a, r->row, RECEIPT_STATUS));
	at->status_rank = in_int(a, r->row, RECEIPT_STATUS_RANK);
	if (!at->carrier_id.p)
		at->carrier_id = sim_copy(in_text(a, r->row, RECEIPT_CARRIER_ID));
	if (in_text(a, r->row, RECEIPT_CODE).p)
		at->code = sim_copy(in_text(a, r->row, RECEIPT_CODE));
	if (in_text(a, r->row, RECEIPT_HANDLING).p)
		at->handling = sim_copy(in_text(a, r->row, RECEIPT_HANDLING));
	bool lives_after_all = str_is(at->state, "abandoned") && !message_live(at->message, at);

	if (str_is(at->state, "intent") || str_is(at->state, "ambiguous") ||
	    str_is(to, "finalised") || lives_after_all)
		attempt_set_state(at, to);
}

/* The carrier knows of a STOP that we do not, unless a START came after the text. */
static void learn(const struct args *a, const struct report *r)
{
	const struct attempt *at = r->attempt;

	if (str_is(in_text(a, r->row, RECEIPT_HANDLING), "opted-out") &&
	    !consent_said_since(at->message->phone, "start", at->opened_at))
		consent_by_carrier(r->attempt, a->now_ms);
}

static void raise_message(const struct args *a, const struct report *r)
{
	struct message *m = r->attempt->message;
	bool moved_on = r->attempt->moved_on;
	int64_t rank = moved_on ? 3 : in_int(a, r->row, RECEIPT_MESSAGE_RANK);

	/* what ended badly after another attempt took over says nothing of the message */
	if (!r->was_live && !r->was_last && rank == 4)
		return;
	if (message_rises(m, rank))
		message_move(m, moved_on ? STR("sent") : in_text(a, r->row, RECEIPT_MESSAGE_STATE),
			     rank, rank > 3 ? a->now_ms : 0);
	if (!moved_on) {
		const struct attempt *other = message_live(m, r->attempt);

		if (!other || str_is(other->state, "accepted"))
			queue_drop(m);
		return;
	}
	queue_put(m, a->now_ms, a->now_ms, !m->queue.is || m->queue.holds);
	vdb_notify("maitred_queue");
}

void sql_receipts_apply(const struct args *a, struct rows *out)
{
	struct report *all = sim_alloc(a->rows * sizeof(*all));
	unsigned num = 0;

	out->columns = 2;
	for (unsigned row = 0; row < a->rows; row++) {
		struct attempt *at = match(a, row);

		if (!at)
			continue;
		all[num++] = read_report(a, row, at);
		if (!str_is(in_text(a, row, RECEIPT_STATUS), "failed"))
			check_proof(at);
		put_int(out, row + 1);
		put_text(out, at->state);
	}
	for (unsigned i = 0; i < num; i++) {
		struct attempt *at = all[i].attempt;

		if (!is_best(a, all, num, i))
			continue;
		learn(a, &all[i]);
		if (at->status_rank >= in_int(a, all[i].row, RECEIPT_STATUS_RANK))
			continue;
		at->moved_on = moves_on(a, all, num, &all[i]);
		raise_attempt(a, &all[i]);
		raise_message(a, &all[i]);
	}
}

/* ---- replies_apply.sql ---- */

static bool received(struct str provider, struct str carrier_id)
{
	for (size_t i = 0; i < tables.messages.num; i++) {
		const struct message *m = tables.messages.at[i];

		if (m->in && str_eq(m->provider, provider) && str_eq(m->carrier_id, carrier_id))
			return true;
	}
	return false;
}

static const struct number *our_number(struct str provider, struct str phone)
{
	for (size_t i = 0; i < number_num; i++)
		if (str_is(provider, numbers[i].provider) && str_is(phone, numbers[i].phone))
			return &numbers[i];
	return NULL;
}

/* HELP is answered: not to a guest who is opted out, nor twice in 10 minutes, nor late. */
static bool answers_help(const struct args *a, unsigned row, const struct thread *t,
			 const struct number *n)
{
	struct str help = in_text(a, row, 14);

	if (!str_is(help, "any") && !str_is(help, n->kind))
		return false;
	if (in_int(a, row, 13) <= a->now_ms - 300000)
		return false;
	return !t || (!t->opted_out_at && (!t->helped_at || t->helped_at < a->now_ms - 600000));
}

static void put_into_thread(const struct args *a, unsigned row)
{
	struct str phone = in_text(a, row, 5);
	struct thread *t = thread_by_phone(phone);
	struct message *m;

	t = t ? t : thread_add(in_text(a, row, 10), phone);
	m = message_add(in_text(a, row, 9), t);
	m->in = true;
	m->provider = sim_copy(in_text(a, row, 3));
	m->carrier_id = sim_copy(in_text(a, row, 4));
	m->body = sim_copy(in_text(a, row, 7));
	m->state = STR("received");
	m->rank = 5;
	m->ended_at = a->now_ms;
}

void sql_replies_apply(const struct args *a, struct rows *out)
{
	out->columns = 3;
	for (unsigned row = 0; row < a->rows; row++) {
		struct str provider = in_text(a, row, 3), carrier_id = in_text(a, row, 4);
		const struct number *n = our_number(provider, in_text(a, row, 6));
		bool help;

		if (!n)
			continue;
		help = answers_help(a, row, thread_by_phone(in_text(a, row, 5)), n);
		put_int(out, row + 1);
		put_text(out, help ? STR(ACCOUNT) : (struct str){ 0 });
		put_text(out, help ? STR("Call us.") : (struct str){ 0 });
		if (!received(provider, carrier_id) || without == GUARD_REPLY_ONCE)
			put_into_thread(a, row);
	}
}

/* ---- help_queue.sql ---- */

void sql_help_queue(const struct args *a, struct rows *out)
{
	for (unsigned row = 0; row < a->rows; row++) {
		struct thread *t = thread_by_phone(in_text(a, row, 5));
		struct message *m;

		if (!t || t->opted_out_at || (t->helped_at && t->helped_at >= a->now_ms - 600000))
			continue;
		t->helped_at = a->now_ms;
		put_int(out, row + 1);
		m = message_add(in_text(a, row, 4), t);
		m->number = sim_copy(in_text(a, row, 6));
		m->body = sim_copy(in_text(a, row, 7));
		m->segments = in_int(a, row, 9);
		m->kind = STR("help");
		m->state = STR("queued");
		m->expires_at = a->now_ms + 600000;
		queue_put(m, a->now_ms, a->now_ms, true);
		vdb_notify("maitred_queue");
	}
}
