/*
 * process.h - a gateway process of the simulation: the production flows over a virtual loop,
 * database and network. It handles one event per turn, and may crash, stop and go on between any
 * two.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include "backfill.h"
#include "carrier.h"
#include "dispatch.h"
#include "health.h"
#include "inbound.h"
#include "sim.h"

#define PROCESSES_MAX 3
#define DB_PATIENCE_MS 5000 /* as gateway/worker.c */
#define TIMEOUT_MS 10000
#define VALIDITY_S 30
#define GRACE_S 35

struct batch;

struct process {
	char name[12];
	char who[24];  /* no other life has it */
	unsigned life; /* counts starts */
	bool up, stopped;
	int64_t wall_skew_ms, mono_ms; /* its clocks at virtual time 0 */
	struct loop *loop;
	struct db *db;
	struct http_client *http;
	struct health *health;
	struct dispatch *dispatch;
	struct inbound *inbound;
	struct backfill *backfill;
	struct db_batch *accept, *journal;
	struct moment *parked, **parked_last; /* came while it was stopped */
	struct moment go_on, start;
};

extern struct process processes[PROCESSES_MAX];
extern unsigned process_num;
extern struct process *process_now; /* whose turn it is; NULL outside */
extern struct carrier_list process_carriers;

void processes_start(unsigned num);
void processes_end(void); /* each as worker_close() does it: everything is freed */

/* Hands it to its process, or runs it; a stopped process gets it when it goes on. */
void process_deliver(struct moment *e);
/* Earliest virtual time at which a process has a timer due. */
int64_t process_next_timer(struct process **which);
void process_fire_timers(struct process *p);
/* So many seconds in which nothing happens but polling: timers are due so much later. */
void processes_skip(int64_t ms);
bool process_any(struct process **which); /* one that is up, by chance; false: none is */

/* What floor.c has beyond the production code's headers. */
int64_t loop_next_due(const struct loop *l); /* monotonic; SIM_NEVER */
void loop_fire(struct loop *l);
void loop_run_tasks(struct loop *l);
void loop_postpone(struct loop *l, int64_t until_ms, int64_t by_ms);
void ids_reset(void);

#endif
