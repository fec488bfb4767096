/* tables.c - finds, adds and changes rows, and holds what constraints and triggers hold. */
#include "tables.h"

#include "checks.h"

struct tables tables;

const struct number numbers[] = {
	{ "twilio", "+13125550002", "10dlc" },
	{ "telnyx", "+17735550002", "toll_free" },
	{ "twilio", "+13125550003", "long_code" },
};
const size_t number_num = sizeof(numbers) / sizeof(*numbers);

void tables_reset(void)
{
	static const char *const lines[LINES][2] = {
		{ "twilio", "send" }, { "twilio", "ask" }, { "telnyx", "send" }, { "telnyx", "ask" }
	};

	tables = (struct tables){ 0 };
	tables.heard[0].provider = "twilio";
	tables.heard[1].provider = "telnyx";
	for (int i = 0; i < LINES; i++) {
		tables.lines[i].provider = lines[i][0];
		tables.lines[i].operation = lines[i][1];
	}
	if (sim_chance(200))
		tables.carrier = sim_chance(500) ? STR("twilio") : STR("telnyx");
}

/* ---- finding ---- */

struct thread *thread_find(struct str id)
{
	for (size_t i = 0; i < tables.threads.num; i++) {
		struct thread *t = tables.threads.at[i];

		if (str_eq(t->id, id))
			return t;
	}
	return NULL;
}

struct thread *thread_by_phone(struct str phone)
{
	for (size_t i = 0; i < tables.threads.num; i++) {
		struct thread *t = tables.threads.at[i];

		if (str_eq(t->phone, phone))
			return t;
	}
	return NULL;
}

struct message *message_find(struct str id)
{
	for (size_t i = 0; i < tables.messages.num; i++) {
		struct message *m = tables.messages.at[i];

		if (str_eq(m->id, id))
			return m;
	}
	return NULL;
}

struct attempt *attempt_find(struct str id)
{
	for (size_t i = 0; i < tables.attempts.num; i++) {
		struct attempt *a = tables.attempts.at[i];

		if (str_eq(a->id, id))
			return a;
	}
	return NULL;
}

bool number_is_ours(struct str provider, struct str phone)
{
	for (size_t i = 0; i < number_num; i++)
		if (str_is(provider, numbers[i].provider) && str_is(phone, numbers[i].phone))
			return true;
	return false;
}

/* ---- adding ---- */

struct thread *thread_add(struct str id, struct str phone)
{
	struct thread *t = sim_alloc(sizeof(*t));

	t->id = sim_copy(id);
	t->phone = sim_copy(phone);
	list_add(&tables.threads, t);
	return t;
}

struct message *message_add(struct str id, struct thread *t)
{
	struct message *m = sim_alloc(sizeof(*m));

	m->id = sim_copy(id);
	m->thread = t;
	m->phone = t->phone;
	list_add(&tables.messages, m);
	return m;
}

bool attempt_is_live(const struct attempt *a)
{
	return str_is(a->state, "intent") || str_is(a->state, "ambiguous") ||
	       str_is(a->state, "accepted");
}

struct attempt *message_live(const struct message *m, const struct attempt *but)
{
	for (size_t i = 0; i < m->attempts.num; i++) {
		struct attempt *a = m->attempts.at[i];

		if (a != but && attempt_is_live(a))
			return a;
	}
	return NULL;
}

static bool ordinal_taken(const struct message *m, int64_t ordinal)
{
	for (size_t i = 0; i < m->attempts.num; i++)
		if (((struct attempt *)m->attempts.at[i])->ordinal == ordinal)
			return true;
	return false;
}

struct attempt *attempt_open(struct message *m, const struct attempt *row)
{
	struct attempt *a;

	if (attempt_find(row->id))
		return NULL; /* ON CONFLICT DO NOTHING */
	if (without != GUARD_FENCE && (message_live(m, NULL) || ordinal_taken(m, row->ordinal)))
		return NULL;
	a = sim_alloc(sizeof(*a));
	*a = *row;
	a->message = m;
	a->id = sim_copy(row->id);
	a->provider = sim_copy(row->provider);
	a->number = sim_copy(row->number);
	a->state = STR("intent");
	a->status_rank = -1;
	list_add(&m->attempts, a);
	list_add(&tables.attempts, a);
	sim.totals.attempts++;
	check_opened(a);
	return a;
}

void attempt_set_state(struct attempt *a, struct str state)
{
	if (str_eq(a->state, state))
		return;
	story("database", "attempt %s of %s: " STR_FMT " -> " STR_FMT, a->id.p + 24,
	      a->message->id.p + 24, STR_ARG(a->state), STR_ARG(state));
	a->state = sim_copy(state);
	check_live(a->message);
}

bool message_rises(const struct message *m, int64_t rank)
{
	return m->rank < rank || (without == GUARD_RANK && rank);
}

void message_move(struct message *m, struct str state, int64_t rank, int64_t ended_at)
{
	must(rank >= m->rank, "the rank of message %s falls: " STR_FMT " (%d) -> " STR_FMT " (%d)",
	     m->id.p, STR_ARG(m->state), (int)m->rank, STR_ARG(state), (int)rank);
	story("database", "message %s: " STR_FMT " -> " STR_FMT, m->id.p + 24, STR_ARG(m->state),
	      STR_ARG(state));
	m->state = sim_copy(state);
	m->rank = rank;
	m->ended_at = ended_at;
}

/* ---- the queue ---- */

void queue_put(struct message *m, int64_t due_at, int64_t turn_at, bool holds)
{
	m->queue.is = true;
	m->queue.due_at = due_at;
	m->queue.turn_at = turn_at;
	m->queue.holds = holds;
	m->queue.later = !str_is(m->kind, "table_ready");
	m->queue.claimed_by = (struct str){ 0 };
}

void queue_drop(struct message *m)
{
	m->queue.is = false;
}

/* When attempt_unheard.sql takes it next. */
int64_t attempt_unheard_at(const struct attempt *a)
{
	int64_t end = a->opened_at + RECEIPT_END_MS;
	int64_t next = a->looked_at ? a->looked_at + (a->looked_at - a->opened_at) : 0;

	next = next > a->opened_at + RECEIPT_MS ? next : a->opened_at + RECEIPT_MS;
	return next < end ? next : end;
}

static int64_t message_due(const struct message *m)
{
	const struct attempt *live = message_live(m, NULL);

	if (m->queue.is)
		return m->queue.due_at;
	if (live && str_is(live->state, "accepted"))
		return attempt_unheard_at(live);
	return SIM_NEVER;
}

int64_t tables_next_due(void)
{
	int64_t first = SIM_NEVER;

	for (size_t i = 0; i < tables.messages.num; i++) {
		int64_t due = message_due(tables.messages.at[i]);

		first = due < first ? due : first;
	}
	for (size_t i = 0; i < tables.batches.num; i++) {
		const struct batch *b = tables.batches.at[i];

		if (b->pending && b->due_at < first)
			first = b->due_at;
	}
	return first == SIM_NEVER ? first : first - SIM_EPOCH_MS;
}

int64_t tables_heard_due(void)
{
	int64_t first = SIM_NEVER;

	for (int i = 0; i < 2; i++)
		if (tables.heard[i].until && tables.heard[i].due_at < first)
			first = tables.heard[i].due_at;
	return first == SIM_NEVER ? first : first - SIM_EPOCH_MS;
}

bool tables_idle(void)
{
	return tables_next_due() == SIM_NEVER;
}
