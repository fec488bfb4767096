/* vdb.c - the lanes to the virtual database, and how they die: as db/conn.c does it. */
#include "vdb.h"

#include "process.h"

#define TRIES_MAX 4
#define REST_FIRST_MS 50
#define REST_MAX_MS 1000
#define SWEEP_MS 250
#define LOCK_WAIT_MAX_MS 9000 /* statement_timeout is 10 s */

struct lane {
	struct db *db;
	bool up;
	unsigned connection; /* counts them */
	int64_t rest_ms;
	int64_t busy_until; /* the server runs one statement of a connection after the other */
	int64_t answered_until;
	struct query *waiting, *sent;
	struct moment reconnect, dies, sweep;
	bool sweeping, dying;
};

struct db {
	struct process *process;
	struct db_settings settings;
	struct lane lanes[DB_LANES];
	unsigned pending;
};

struct query {
	struct query *next;
	struct lane *lane;
	enum statement statement;
	struct args args;
	db_done *done;
	void *ctx;
	int64_t give_up_at;
	unsigned tries, connection;
	bool ran;    /* took effect, or was refused */
	bool orphan; /* runs for nobody: its connection is gone */
	bool ended;  /* done() was called */
	enum db_status status;
	const char *sqlstate;
	struct rows rows;
	struct moment executes, answers;
};

static int64_t outage_until;

void vdb_reset(void)
{
	outage_until = 0;
}

/* ---- the end of a query ---- */

static void append(struct query **list, struct query *q)
{
	while (*list)
		list = &(*list)->next;
	q->next = NULL;
	*list = q;
}

static void take_out(struct query **list, const struct query *q)
{
	while (*list != q)
		list = &(*list)->next;
	*list = q->next;
}

static void end(struct query *q, enum db_status status)
{
	const struct db_result r = { .status = status, .rows = &q->rows, .sqlstate = q->sqlstate };

	must(!q->ended, "a statement's done() is called a second time");
	q->ended = true;
	q->lane->db->pending--;
	q->done(q->ctx, &r);
}

static void submit(struct query *q);
static void sweep(struct lane *l);

static void on_answers(struct moment *e)
{
	struct query *q = container_of(e, struct query, answers);
	struct lane *l = q->lane;

	if (q->connection != l->connection)
		return;
	take_out(&l->sent, q);
	if (q->status == DB_REFUSED && str_starts(str_of(q->sqlstate), STR("40")) &&
	    q->tries < TRIES_MAX) {
		submit(q);
		return;
	}
	end(q, q->status == DB_REFUSED ? DB_AWAY : q->status); /* none is the rows' own fault */
}

/* ---- on the server ---- */

static void run(struct query *q)
{
	if (strikes(FAULT_DB_DEADLOCK)) {
		q->status = DB_REFUSED;
		q->sqlstate = "40P01";
	} else if (strikes(FAULT_DB_REFUSED)) {
		q->status = DB_REFUSED;
		q->sqlstate = "57014"; /* cancelled: told as DB_AWAY, see query_blame() */
	} else {
		q->status = DB_OK;
		q->rows = (struct rows){ 0 };
		sim.totals.statements++;
		statement_run(q->statement, &q->args, &q->rows);
	}
	story("database", "%s %s%s%s", statements[q->statement].name,
	      q->status == DB_OK ? "runs" : "is refused",
	      q->orphan ? ", for a connection that is gone" : " for ",
	      q->orphan ? "" : q->lane->db->process->name);
}

static void on_executes(struct moment *e)
{
	struct query *q = container_of(e, struct query, executes);
	struct lane *l = q->lane;
	int64_t back_ms = sim_spread(0, 20);

	if (!q->orphan && q->connection != l->connection)
		return;
	q->ran = true;
	run(q);
	if (q->orphan)
		return;
	if (sim.now + back_ms < l->answered_until)
		back_ms = l->answered_until - sim.now;
	l->answered_until = sim.now + back_ms;
	moment_after(&q->answers, back_ms, l->db->process, on_answers);
}

/* ---- connections ---- */

static void on_dies(struct moment *e);

static void submit(struct query *q)
{
	struct lane *l = q->lane;
	int64_t at = sim.now + sim_spread(0, 20);

	append(&l->sent, q);
	q->tries++;
	q->connection = l->connection;
	at = at > l->busy_until ? at : l->busy_until;
	q->args.now_ms = SIM_EPOCH_MS + at;
	if (strikes(FAULT_DB_SLOW))
		at += sim_spread(1, LOCK_WAIT_MAX_MS);
	l->busy_until = at;
	moment_after(&q->executes, at - sim.now, NULL, on_executes);
	if (!l->dying && strikes(FAULT_DB_LOST)) {
		l->dying = true;
		moment_after(&l->dies, sim_spread(0, 60), l->db->process, on_dies);
	}
}

static void on_sweep(struct moment *e)
{
	struct lane *l = container_of(e, struct lane, sweep);
	struct query *q;

	while ((q = l->waiting) && q->give_up_at <= sim.now) {
		l->waiting = q->next;
		end(q, DB_AWAY);
	}
	l->sweeping = false;
	sweep(l);
}

static void sweep(struct lane *l)
{
	if (!l->waiting || l->up || l->sweeping)
		return;
	l->sweeping = true;
	moment_after(&l->sweep, SWEEP_MS, l->db->process, on_sweep);
}

static void on_reconnect(struct moment *e)
{
	struct lane *l = container_of(e, struct lane, reconnect);
	struct query *q = l->waiting;

	if (sim.now < outage_until) {
		l->rest_ms = l->rest_ms * 2 > REST_MAX_MS ? REST_MAX_MS : l->rest_ms * 2;
		moment_after(&l->reconnect, sim_between(l->rest_ms, l->rest_ms * 2), l->db->process,
			     on_reconnect);
		return;
	}
	l->up = true;
	l->rest_ms = REST_FIRST_MS;
	l->waiting = NULL;
	while (q) {
		struct query *next = q->next;

		submit(q);
		q = next;
	}
}

/* A statement that the server has got runs to its end, whoever asked for it. */
static void orphan(const struct query *q, int64_t *at)
{
	struct query *o = sim_alloc(sizeof(*o));

	*at = (q->executes.at > *at ? q->executes.at : *at) + sim_spread(0, LOCK_WAIT_MAX_MS);
	o->lane = q->lane;
	o->statement = q->statement;
	o->args = q->args;
	o->orphan = true;
	moment_after(&o->executes, *at - sim.now, NULL, on_executes);
}

static void leave_orphans(struct lane *l)
{
	int64_t at = sim.now;

	for (const struct query *q = l->sent; q; q = q->next) {
		if (q->ran)
			continue;
		if (!strikes(FAULT_DB_ORPHAN))
			return; /* a connection's statements run in order */
		orphan(q, &at);
	}
}

/* Its outcome is unknown; it is idempotent, so it goes first again. */
static struct query *once_more(const struct query *q)
{
	struct query *again = sim_alloc(sizeof(*again));

	again->lane = q->lane;
	again->statement = q->statement;
	again->args = q->args;
	again->done = q->done;
	again->ctx = q->ctx;
	again->give_up_at = q->give_up_at;
	again->tries = q->tries;
	return again;
}

static void lose(struct lane *l)
{
	struct query *rest = l->waiting, **last = &l->waiting;

	if (!l->up)
		return;
	leave_orphans(l);
	l->up = false;
	l->connection++;
	l->busy_until = l->answered_until = 0;
	for (const struct query *q = l->sent; q; q = q->next) {
		*last = once_more(q);
		last = &(*last)->next;
	}
	*last = rest;
	l->sent = NULL;
	moment_after(&l->reconnect, sim_between(l->rest_ms, l->rest_ms * 2), l->db->process,
		     on_reconnect);
	sweep(l);
}

static void on_dies(struct moment *e)
{
	struct lane *l = container_of(e, struct lane, dies);

	l->dying = false;
	story(l->db->process->name, "loses lane %d to the database", (int)(l - l->db->lanes));
	lose(l);
}

void vdb_outage(int64_t ms)
{
	story("database", "is away for %lld ms", (long long)ms);
	outage_until = sim.now + ms;
	for (unsigned i = 0; i < process_num; i++)
		for (int lane = 0; processes[i].up && lane < DB_LANES; lane++)
			lose(&processes[i].db->lanes[lane]);
}

void vdb_cut(struct db *d)
{
	for (int i = 0; i < DB_LANES; i++) {
		leave_orphans(&d->lanes[i]);
		d->lanes[i].up = false;
		d->lanes[i].connection++;
	}
}

/* ---- db.h ---- */

struct db *db_new(struct loop *l, const struct db_settings *s)
{
	struct db *d = sim_alloc(sizeof(*d));

	(void)l;
	d->process = process_now;
	d->settings = *s;
	for (int i = 0; i < DB_LANES; i++) {
		d->lanes[i].db = d;
		d->lanes[i].rest_ms = REST_FIRST_MS;
		moment_after(&d->lanes[i].reconnect, sim_between(5, 50), d->process, on_reconnect);
	}
	return d;
}

void db_free(struct db *d)
{
	struct query *q;

	for (int i = 0; i < DB_LANES; i++) {
		struct lane *l = &d->lanes[i];

		l->up = false;
		l->connection++;
		while ((q = l->sent)) {
			l->sent = q->next;
			end(q, DB_AWAY);
		}
		while ((q = l->waiting)) {
			l->waiting = q->next;
			end(q, DB_AWAY);
		}
	}
}

bool db_up(const struct db *d)
{
	for (int i = 0; i < DB_LANES; i++)
		if (!d->lanes[i].up)
			return false;
	return true;
}

unsigned db_pending(const struct db *d)
{
	return d->pending;
}

void db_query(struct db *d, enum db_lane lane, enum statement statement, struct db_params params,
	      db_done *done, void *ctx)
{
	struct query *q = sim_alloc(sizeof(*q));

	assert(params.num <= PARAMS_MAX);
	q->lane = &d->lanes[lane];
	q->statement = statement;
	q->done = done;
	q->ctx = ctx;
	q->give_up_at = sim.now + d->settings.patience_ms;
	q->args.num = params.num;
	for (int i = 0; i < params.num; i++) {
		const struct db_param *p = &params.at[i];
		struct str bytes = { p->is_int ? (const char *)&p->big_endian : p->bytes,
				     (size_t)p->len };

		q->args.raw[i + 1] = sim_copy(bytes);
	}
	d->pending++;
	if (q->lane->up) {
		submit(q);
	} else {
		append(&q->lane->waiting, q);
		sweep(q->lane);
	}
}

/* On the lane that works, if it is connected just now. */
void vdb_hear(struct db *d, const char *channel)
{
	if (d->lanes[DB_WORK].up)
		d->settings.on_notify(d->settings.ctx, channel, "");
}
