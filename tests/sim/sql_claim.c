/* sql_claim.c - message_accept, message_cancel, queue_claim and attempt_unheard on the tables. */
#include "sql.h"

/* ---- message_accept.sql ---- */

#define TURN_MS 10
#define TURNS_AHEAD_MS 60000

static struct idempotency_key *key_find(struct str key)
{
	for (size_t i = 0; i < tables.keys.num; i++) {
		struct idempotency_key *k = tables.keys.at[i];

		if (str_eq(k->key, key))
			return k;
	}
	return NULL;
}

static void key_add(struct str key, struct str hash, struct str message_id)
{
	struct idempotency_key *k = sim_alloc(sizeof(*k));

	*k = (struct idempotency_key){ sim_copy(key), sim_copy(hash), sim_copy(message_id) };
	list_add(&tables.keys, k);
}

/* Each of an account's messages after the other, at most a minute ahead. */
static int64_t next_turn(int64_t now)
{
	int64_t turn = tables.turn_at > now ? tables.turn_at : now;

	tables.turn_at = turn + TURN_MS;
	if (tables.turn_at > now + TURNS_AHEAD_MS)
		tables.turn_at = now + TURNS_AHEAD_MS;
	return turn;
}

static void accept_one(const struct args *a, unsigned row)
{
	struct str phone = in_text(a, row, 6);
	struct thread *t = thread_by_phone(phone);
	int64_t send_at = in_int(a, row, 15), at = send_at ? send_at : a->now_ms;
	struct message *m;

	t = t ? t : thread_add(in_text(a, row, 5), phone);
	m = message_add(in_text(a, row, 4), t);
	m->body = sim_copy(in_text(a, row, 7));
	m->number = sim_copy(in_text(a, row, 8));
	m->kind = sim_copy(in_text(a, row, 9));
	m->segments = in_int(a, row, 11);
	m->expires_at = in_int(a, row, 12);
	m->arrive_by = in_int(a, row, 16);
	m->state = STR("queued");
	queue_put(m, at, at, !send_at);
	if (m->queue.later && !send_at)
		m->queue.turn_at = next_turn(a->now_ms);
	vdb_notify("maitred_queue");
}

void sql_message_accept(const struct args *a, struct rows *out)
{
	out->columns = 3;
	for (unsigned row = 0; row < a->rows; row++) {
		struct str id = in_text(a, row, 4), key = in_text(a, row, 13),
			   hash = in_text(a, row, 14);
		const struct thread *t = thread_by_phone(in_text(a, row, 6));
		const struct idempotency_key *held = key.p ? key_find(key) : NULL;
		const char *verdict = "accepted";

		if (held && !str_eq(held->hash, hash))
			verdict = "key_reused";
		else if (held && !str_eq(held->message_id, id))
			verdict = "replayed";
		else if (t && t->opted_out_at)
			verdict = str_is(t->opted_out_via, "flag") ? "flagged" : "opted_out";
		put_int(out, row + 1);
		put_text(out, str_of(verdict));
		put_text(out, held ? held->message_id : id);
		if (!str_is(str_of(verdict), "accepted") || message_find(id))
			continue;
		if (key.p && !held)
			key_add(key, hash, id);
		accept_one(a, row);
	}
}

/* ---- message_cancel.sql ---- */

void sql_message_cancel(const struct args *a, struct rows *out)
{
	struct message *m = message_find(arg_text(a, 1));
	bool was = m && str_is(m->state, "cancelled");
	bool ended = m && !was && (m->ended_at || m->rank > 3);
	bool sending = m && !was && !ended &&
		       (m->rank > 0 || !m->queue.is || m->queue.claimed_by.p);

	out->columns = 2;
	put_int(out, !m ? 404 : ended || sending ? 409 : 200);
	put_text(out, STR("{}"));
	if (!m || was || ended)
		return;
	m->cancel_reason = sim_copy(arg_text(a, 2));
	if (sending)
		return;
	message_move(m, STR("cancelled"), 4, a->now_ms);
	queue_drop(m);
}

/* ---- queue_claim.sql ---- */

/* An older text to that guest holds it back: its outcome is not known yet. */
static bool held_back(const struct message *m, int64_t now)
{
	for (size_t i = 0; i < tables.messages.num; i++) {
		const struct message *e = tables.messages.at[i];

		if (e->queue.is && e->queue.holds && e->thread == m->thread &&
		    str_cmp(e->id, m->id) < 0 && (e->queue.due_at <= now || e->queue.claimed_by.p))
			return true;
	}
	return false;
}

static bool comes_first(const struct message *a, const struct message *b)
{
	if (a->queue.later != b->queue.later)
		return !a->queue.later;
	return a->queue.turn_at < b->queue.turn_at;
}

/* Its claim ran out, and not for the first time. */
static bool is_suspect(const struct message *m)
{
	return m->queue.lapses && m->queue.claimed_by.p;
}

static bool is_less_suspect(const struct message *a, const struct message *b)
{
	if (a->queue.lapses != b->queue.lapses)
		return a->queue.lapses < b->queue.lapses;
	return a->queue.turn_at < b->queue.turn_at;
}

/* The one to be claimed alone, unless another such one is under way. */
static struct message *next_suspect(int64_t now)
{
	struct message *first = NULL;

	for (size_t i = 0; i < tables.messages.num; i++) {
		struct message *m = tables.messages.at[i];

		if (!m->queue.is || !is_suspect(m))
			continue;
		if (m->queue.due_at > now && m->queue.lapses > 1)
			return NULL;
		if (m->queue.due_at <= now && (!first || is_less_suspect(m, first)))
			first = m;
	}
	return first;
}

static struct message *next_due(int64_t now)
{
	struct message *first = NULL;

	for (size_t i = 0; i < tables.messages.num; i++) {
		struct message *m = tables.messages.at[i];

		if (m->queue.is && m->queue.due_at <= now && !is_suspect(m) &&
		    m->queue.turn_at <= now + TURNS_AHEAD_MS && (!first || comes_first(m, first)) &&
		    !held_back(m, now))
			first = m;
	}
	return first;
}

static struct str numbers_text(void)
{
	struct str s = tables.numbers;

	for (size_t i = 0; !tables.numbers.p && i < number_num; i++)
		s = sim_printf(STR_FMT "%s%s %s %s %s", STR_ARG(s), i ? "," : "",
			       numbers[i].provider, numbers[i].phone, numbers[i].kind,
			       tables.slow ? "200" : "-");
	tables.numbers = s;
	return s;
}

static struct str attempts_text(const struct message *m)
{
	struct str s = { 0 };

	for (size_t i = 0; i < m->attempts.num; i++) {
		const struct attempt *a = m->attempts.at[i];

		s = sim_printf(STR_FMT "%s" STR_FMT " " STR_FMT " " STR_FMT, STR_ARG(s),
			       i ? "," : "", STR_ARG(a->provider), STR_ARG(a->state),
			       STR_ARG(a->handling.p ? a->handling : STR("-")));
	}
	return s;
}

/* The carrier's ids of other texts to that guest since. */
static struct str known_text(const struct attempt *live)
{
	struct str s = { 0 };

	for (size_t i = 0; i < tables.attempts.num; i++) {
		const struct attempt *a = tables.attempts.at[i];

		if (a == live || a->message->thread != live->message->thread || !a->carrier_id.p ||
		    !str_eq(a->provider, live->provider) || a->opened_at <= live->opened_at - 60000)
			continue;
		s = sim_printf(STR_FMT "%s" STR_FMT, STR_ARG(s), s.len ? "," : "",
			       STR_ARG(a->carrier_id));
	}
	return s;
}

static void put_live(const struct attempt *live, struct rows *out)
{
	if (!live) {
		for (int i = 0; i < 10; i++)
			put_text(out, (struct str){ 0 });
		return;
	}
	put_text(out, live->id);
	put_text(out, live->state);
	put_text(out, live->provider);
	put_text(out, live->number);
	put_int(out, live->opened_at);
	put_int(out, live->dead_at);
	put_int(out, live->looks);
	put_text(out, str_is(live->state, "ambiguous") ? known_text(live) : (struct str){ 0 });
	put_text(out, live->carrier_id);
	put_int(out, 0); /* no doubt: history is not lost here */
}

static bool same_process(struct str a, struct str b)
{
	while (b.len && b.p[b.len - 1] != '/')
		b.len--;
	return str_starts(a, b);
}

/* How often its claims ran out, one after the other, and their process was gone. */
static void count_lapse(struct message *m, struct str claim)
{
	if (!m->queue.claimed_by.p)
		m->queue.lapses = 0;
	else if (!same_process(m->queue.claimed_by, claim))
		m->queue.lapses++;
}

/* queue_park.sql, whenever somebody claims: a chore does it. Here it is bad luck, which is rare. */
static void park(struct message *m, int64_t now)
{
	struct attempt *live = message_live(m, NULL);
	bool accepted = live && str_is(live->state, "accepted");

	story("database", "message %s is parked", m->id.p + 24);
	queue_drop(m);
	if (m->ended_at || m->rank > 3)
		return;
	if (live)
		attempt_set_state(live, accepted ? STR("finalised") : STR("ambiguous"));
	if (accepted)
		m->ended_at = now;
	else if (live)
		message_move(m, STR("uncertain"), m->rank > 2 ? m->rank : 2, now);
	else
		message_move(m, m->cancel_reason.p ? STR("cancelled") : STR("failed"), 4, now);
}

static void park_due(int64_t now)
{
	for (size_t i = 0; i < tables.messages.num; i++) {
		struct message *m = tables.messages.at[i];

		if (m->queue.is && m->queue.lapses > 6 && m->queue.claimed_by.p &&
		    m->queue.due_at <= now)
			park(m, now);
	}
}

static void claim_one(const struct args *a, struct message *m, struct rows *out)
{
	count_lapse(m, arg_text(a, 1));
	m->queue.due_at = a->now_ms + arg_int(a, 3);
	m->queue.claimed_by = sim_copy(arg_text(a, 1));
	put_text(out, STR(ACCOUNT));
	put_text(out, m->id);
	put_text(out, m->thread->id);
	put_text(out, m->phone);
	put_text(out, m->body);
	put_text(out, m->number);
	put_int(out, m->cancel_reason.p ? 0 : m->arrive_by);
	put_text(out, tables.carrier);
	put_text(out, numbers_text());
	put_text(out, attempts_text(m));
	put_live(message_live(m, NULL), out);
	put_text(out, STR("sms"));
	put_int(out, a->now_ms);
}

void sql_queue_claim(const struct args *a, struct rows *out)
{
	struct message *m;

	park_due(a->now_ms);
	m = next_suspect(a->now_ms);
	out->columns = 22;
	if (m) {
		claim_one(a, m, out);
		return;
	}
	for (int64_t left = arg_int(a, 2); left && (m = next_due(a->now_ms)); left--)
		claim_one(a, m, out);
}

/* ---- attempt_unheard.sql ---- */

static bool unheard(const struct args *a, struct attempt *at)
{
	struct message *m = at->message;

	if (at->opened_at > a->now_ms - arg_int(a, 2)) {
		if (m->queue.is)
			return false;
		queue_put(m, a->now_ms, a->now_ms, false);
		m->queue.later = true;
		return true;
	}
	attempt_set_state(at, STR("finalised"));
	if (!m->ended_at) {
		m->ended_at = a->now_ms;
		story("database", "message %s stays sent, unconfirmed", m->id.p + 24);
	}
	return false;
}

void sql_attempt_unheard(const struct args *a, struct rows *out)
{
	int64_t left = arg_int(a, 3), due = 0;

	must(arg_int(a, 1) == RECEIPT_MS && arg_int(a, 2) == RECEIPT_END_MS, "other settings");
	for (size_t i = 0; i < tables.attempts.num && left; i++) {
		struct attempt *at = tables.attempts.at[i];

		if (!str_is(at->state, "accepted") || attempt_unheard_at(at) > a->now_ms)
			continue;
		due += unheard(a, at);
		left--;
	}
	put_int(out, due);
}
