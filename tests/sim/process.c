/* process.c - puts processes together, hands them their events, crashes, stops and starts them. */
#include "process.h"

#include <stdio.h>
#include <string.h>

#include "batch.h"
#include "front.h"
#include "network.h"
#include "tables.h"
#include "vdb.h"

struct process processes[PROCESSES_MAX];
unsigned process_num;
struct process *process_now;

/* ---- start and end of one life ---- */

static void open_flows(struct process *p)
{
	struct dispatch_settings dispatch = {
		.loop = p->loop,
		.db = p->db,
		.http = p->http,
		.carriers = &process_carriers,
		.who = p->who,
		.in_flight_max = 64,
		.timeout_ms = TIMEOUT_MS,
		.validity_s = VALIDITY_S,
		.grace_ms = GRACE_S * 1000,
		.receipt_ms = RECEIPT_MS,
		.receipt_end_ms = RECEIPT_END_MS,
	};
	const struct health_settings health = {
		.loop = p->loop,
		.db = p->db,
		.carriers = &process_carriers,
		.who = p->who,
		.concurrency_max = 32,
		.dead_after_ms = (unsigned)dispatch_dead_after_ms(&dispatch, telnyx.texts),
	};
	const struct inbound_settings inbound = { p->loop, p->db, &process_carriers };

	p->health = dispatch.health = health_new(&health);
	p->dispatch = dispatch_new(&dispatch);
	p->inbound = inbound_new(&inbound);

	const struct backfill_settings backfill = {
		.loop = p->loop,
		.db = p->db,
		.http = p->http,
		.carriers = &process_carriers,
		.journal = p->journal,
		.inbound = p->inbound,
		.timeout_ms = TIMEOUT_MS,
	};

	p->backfill = backfill_new(&backfill);
}

static void on_notify(void *ctx, const char *channel, const char *payload)
{
	struct process *p = ctx;

	if (strcmp(channel, "maitred_queue") == 0)
		dispatch_wake(p->dispatch);
	else
		health_wake(p->health);
}

static void start(struct process *p)
{
	const struct db_settings settings = {
		.waiting_max = 20000,
		.patience_ms = DB_PATIENCE_MS,
		.on_notify = on_notify,
		.ctx = p,
	};

	p->life++;
	snprintf(p->who, sizeof(p->who), "%s/%u", p->name, p->life);
	p->up = true;
	p->stopped = false;
	p->parked = NULL;
	p->parked_last = &p->parked;
	p->wall_skew_ms = sim_between(-1500, 1500);
	p->mono_ms = sim_between(0, 1000000000);
	process_now = p;
	p->loop = loop_new();
	p->http = http_client_new(p->loop, 100);
	p->db = db_new(p->loop, &settings);
	front_open(p);
	open_flows(p);
	process_now = NULL;
	story(p->name, "starts");
}

/* As worker_close(); of what it still asks for, nothing leaves it. */
static void end(struct process *p)
{
	process_now = p;
	p->up = false;
	p->life++;
	dispatch_stop(p->dispatch);
	health_stop(p->health);
	inbound_stop(p->inbound);
	backfill_stop(p->backfill);
	http_client_free(p->http);
	sim.totals.late += inbound_counts(p->inbound).late;
	db_free(p->db);
	dispatch_free(p->dispatch);
	health_free(p->health);
	backfill_free(p->backfill);
	inbound_free(p->inbound);
	front_close(p);
	loop_free(p->loop);
	process_now = NULL;
}

static void on_start(struct moment *e)
{
	start(container_of(e, struct process, start));
}

static void crash(struct process *p)
{
	int64_t rest_ms = sim_spread(100, 30000);

	story(p->name, "CRASHES, starts again in %lld ms", (long long)rest_ms);
	sim.totals.crashes++;
	network_cut(p->http);
	vdb_cut(p->db);
	end(p);
	moment_after(&p->start, rest_ms, NULL, on_start);
}

void processes_start(unsigned num)
{
	process_num = num;
	for (unsigned i = 0; i < num; i++) {
		struct process *p = &processes[i];

		*p = (struct process){ .life = 0 };
		snprintf(p->name, sizeof(p->name), "p%u", i + 1);
		start(p);
	}
}

void processes_end(void)
{
	for (unsigned i = 0; i < process_num; i++)
		if (processes[i].up)
			end(&processes[i]);
}

bool process_any(struct process **which)
{
	unsigned first = (unsigned)sim_between(0, process_num - 1);

	for (unsigned i = 0; i < process_num; i++) {
		*which = &processes[(first + i) % process_num];
		if ((*which)->up)
			return true;
	}
	return false;
}

/* ---- turns ---- */

static void on_go_on(struct moment *e)
{
	struct process *p = container_of(e, struct process, go_on);
	struct moment *parked;

	if (!p->up || e->life != p->life)
		return;
	story(p->name, "goes on");
	parked = p->parked;
	p->parked = NULL;
	p->parked_last = &p->parked;
	p->stopped = false;
	process_now = p;
	while (parked) {
		struct moment *next = parked->parked;

		parked->run(parked);
		parked = next;
	}
	loop_fire(p->loop);
	loop_run_tasks(p->loop);
	process_now = NULL;
}

static void stop(struct process *p, int64_t ms)
{
	story(p->name, "stops for %lld ms", (long long)ms);
	p->stopped = true;
	p->go_on.life = p->life;
	p->go_on.process = NULL;
	p->go_on.at = sim.now + ms;
	p->go_on.run = on_go_on;
	moment_push(&p->go_on);
}

/* What may become of a process before and after each of its turns. */
static void misfortune(struct process *p)
{
	if (strikes(FAULT_CRASH)) {
		crash(p);
	} else if (strikes(FAULT_PAUSE)) {
		sim.totals.pauses++;
		stop(p, sim_spread(100, 120000));
	} else if (strikes(FAULT_BUSY)) {
		stop(p, sim_spread(1, 200));
	}
}

static void turn(struct process *p, struct moment *e)
{
	process_now = p;
	if (e)
		e->run(e);
	else
		loop_fire(p->loop);
	loop_run_tasks(p->loop);
	process_now = NULL;
	misfortune(p);
}

void process_deliver(struct moment *e)
{
	struct process *p = e->process;

	if (!p) {
		e->run(e);
		return;
	}
	if (!p->up || e->life != p->life)
		return;
	if (!p->stopped) {
		turn(p, e);
		return;
	}
	e->parked = NULL;
	*p->parked_last = e;
	p->parked_last = &e->parked;
}

void moment_after(struct moment *e, int64_t delay_ms, struct process *p,
		  void (*run)(struct moment *))
{
	e->at = sim.now + delay_ms;
	e->process = p;
	e->life = p ? p->life : 0;
	e->run = run;
	moment_push(e);
}

/* ---- timers ---- */

int64_t process_next_timer(struct process **which)
{
	int64_t first = SIM_NEVER;

	for (unsigned i = 0; i < process_num; i++) {
		struct process *p = &processes[i];
		int64_t due;

		if (!p->up || p->stopped)
			continue;
		due = loop_next_due(p->loop);
		if (due == SIM_NEVER || due - p->mono_ms >= first)
			continue;
		first = due - p->mono_ms;
		*which = p;
	}
	return first > sim.now ? first : sim.now;
}

void process_fire_timers(struct process *p)
{
	turn(p, NULL);
}

void processes_skip(int64_t ms)
{
	for (unsigned i = 0; i < process_num; i++) {
		struct process *p = &processes[i];

		if (p->up && !p->stopped)
			loop_postpone(p->loop, sim.now + ms + p->mono_ms, ms);
	}
}
