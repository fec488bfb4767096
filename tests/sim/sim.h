/*
 * sim.h - what all parts of the simulation share: one history's time, chance, faults, memory and
 * story. Everything is decided by the seed; nothing here reads a clock, a file or the environment.
 */
#ifndef SIM_H
#define SIM_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "faults.h"
#include "str.h"

/* Virtual time 0 as Unix time: 2026-09-21 14:13:20 UTC, a Monday morning in New York. */
#define SIM_EPOCH_MS INT64_C(1790000000000)
#define SIM_NEVER INT64_MAX

struct process;

/* What happens at a time: to a process, or (process NULL) outside. Embedded in its owner. */
struct moment {
	int64_t at;
	uint64_t seq; /* of two at one time, the first made comes first */
	struct process *process;
	unsigned life; /* that process's; a later life knows nothing of it */
	struct moment *parked;
	bool waits; /* it is in the heap */
	void (*run)(struct moment *);
};

struct totals {
	uint64_t histories, messages, events, texts, callbacks, replies, attempts, statements;
	uint64_t crashes, pauses, late, virtual_ms;
	uint64_t ended[6]; /* messages by their rank at the end */
	uint64_t strikes[FAULT_KINDS];
};

struct sim {
	uint64_t seed;
	int64_t now; /* ms since the start */
	uint64_t event_num;
	bool tracing;
	bool faults_over;
	unsigned rate[FAULT_KINDS]; /* of 1000 */
	struct totals totals;	    /* of this and earlier histories */
};

extern struct sim sim;

/* ---- chance ---- */

uint64_t sim_random(void);
int64_t sim_between(int64_t least, int64_t most); /* both included */
int64_t sim_spread(int64_t least, int64_t most);  /* the same, small ones as often as large ones */
bool sim_chance(unsigned of_1000);
bool strikes(enum fault f); /* by its rate in this history; counted; never once faults are over */

/* ---- time ---- */

/* `life` is the process's now. Owned by the caller, alive until it has run. */
void moment_after(struct moment *e, int64_t delay_ms, struct process *p,
		  void (*run)(struct moment *));
struct moment *moment_next(void); /* the earliest, or NULL; stays */
struct moment *moment_take(void);
void moment_push(struct moment *e); /* at e->at */

/* ---- one history after the other ---- */

void sim_reset(uint64_t seed);
void sim_free(void);

/* ---- memory: cleared when given, gone at the end of the history ---- */

void *sim_alloc(size_t size);
struct str sim_copy(struct str s); /* NUL-terminated; p stays NULL when it is */
struct str sim_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A growing list of pointers. */
struct list {
	void **at;
	size_t num, cap;
};

void list_add(struct list *l, void *item);
void list_remove(struct list *l, size_t index); /* keeps the order */

/* ---- the story ---- */

void story_line(const char *who, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#define story(...) (sim.tracing ? story_line(__VA_ARGS__) : (void)0)

/* The history broke a promise: tells seed and moment, and ends the process with status 1. */
_Noreturn void violation(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
#define must(condition, ...) ((condition) ? (void)0 : violation(__VA_ARGS__))

#endif
