/* history.c - sets a history up by its seed, lets it happen, and looks at its end. */
#include "history.h"

#include "actors.h"
#include "carriers.h"
#include "checks.h"
#include "front.h"
#include "process.h"
#include "vdb.h"

#define FAULT_IS_ON_OF_1000 300
#define CALM_MAX_MS 400000
#define QUIET_WITHIN_MS 2400000 /* of calm: far longer than anything waits */
#define MOMENTS_MAX 400000

/* Swarm: each history has faults of some kinds only, at rates of its own. */
static void draw_faults(void)
{
	bool calm = sim_chance(20); /* and some have none */

	for (int f = 0; f < FAULT_KINDS; f++) {
		sim.rate[f] = 0;
		if (!calm && sim_chance(FAULT_IS_ON_OF_1000))
			sim.rate[f] = (unsigned)sim_between(1, fault_kinds[f].most);
		if (sim.rate[f])
			story("weather", "%3u of 1000: %s", sim.rate[f], fault_kinds[f].words);
	}
}

/* Nothing but polling until `next`: so many polls are left out. */
static void skip(int64_t next, int64_t timer_at)
{
	int64_t due = tables_next_due();

	next = due < next ? due : next;
	due = tables_heard_due();
	if (due > timer_at) /* else it has been claimed, or will be soon */
		next = due < next ? due : next;
	if (next != SIM_NEVER && next - timer_at > 2000)
		processes_skip((next - timer_at) / 1000 * 1000 - 1000);
}

static bool step(void)
{
	struct process *p = NULL;
	int64_t timer_at = process_next_timer(&p);
	struct moment *m = moment_next();

	if (!m && tables_idle())
		return false;
	if (p && (!m || timer_at < m->at)) {
		skip(m ? m->at : SIM_NEVER, timer_at);
		timer_at = process_next_timer(&p);
	}
	sim.event_num++;
	if (m && (!p || m->at <= timer_at)) {
		moment_take();
		sim.now = m->at > sim.now ? m->at : sim.now;
		process_deliver(m);
	} else {
		must(p, "no process is left");
		sim.now = timer_at;
		process_fire_timers(p);
	}
	return true;
}

static void reset(uint64_t seed)
{
	sim_reset(seed);
	ids_reset();
	tables_reset();
	vdb_reset();
	carriers_reset();
	checks_reset();
	front_reset();
}

void history_run(uint64_t seed)
{
	int64_t calm_ms;

	reset(seed);
	draw_faults();
	calm_ms = sim_spread(5000, CALM_MAX_MS);
	actors_plan(calm_ms);
	processes_start((unsigned)sim_between(1, PROCESSES_MAX));
	while (step()) {
		must(sim.now < calm_ms + QUIET_WITHIN_MS, "it does not become quiet");
		must(sim.event_num < MOMENTS_MAX, "it does not come to rest");
	}
	check_quiet();
	processes_end();
	sim.totals.histories++;
	sim.totals.events += sim.event_num;
	sim.totals.virtual_ms += (uint64_t)sim.now;
}
