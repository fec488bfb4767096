/* base.c - chance, the heap of events, memory of one history, and its story. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "runner.h"
#include "sim.h"

#define BLOCK_BYTES (1 << 20)

struct sim sim;
enum guard without;

const struct fault_kind fault_kinds[FAULT_KINDS] = {
#define X(name, words, most) { #name, words, most },
	FAULTS(X)
#undef X
};

const struct guard_kind guard_kinds[GUARD_NUM] = { { NULL, NULL },
#define X(name, word, promise) { word, promise },
						   GUARDS(X)
#undef X
};

/* ---- chance: splitmix64 ---- */

static uint64_t chance_state;

static void chance_reset(uint64_t seed)
{
	chance_state = seed * 0x9e3779b97f4a7c15ULL + 0x1234567;
}

uint64_t sim_random(void)
{
	uint64_t z = (chance_state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

int64_t sim_between(int64_t least, int64_t most)
{
	return least + (int64_t)(sim_random() % (uint64_t)(most - least + 1));
}

int64_t sim_spread(int64_t least, int64_t most)
{
	int64_t top = most - least;

	for (int64_t halvings = sim_between(0, 10); halvings && top > 1; halvings--)
		top /= 2;
	return least + sim_between(0, top);
}

bool sim_chance(unsigned of_1000)
{
	return sim_random() % 1000 < of_1000;
}

bool strikes(enum fault f)
{
	if (sim.faults_over || !sim.rate[f] || !sim_chance(sim.rate[f]))
		return false;
	sim.totals.strikes[f]++;
	return true;
}

/* ---- events: a binary heap, heap[0] is the earliest ---- */

static struct {
	struct moment **heap;
	size_t num, cap;
	uint64_t seq;
} events;

static bool before(const struct moment *a, const struct moment *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static void sink(size_t at)
{
	struct moment *e = events.heap[at];

	for (size_t child = at * 2 + 1; child < events.num; child = at * 2 + 1) {
		if (child + 1 < events.num && before(events.heap[child + 1], events.heap[child]))
			child++;
		if (!before(events.heap[child], e))
			break;
		events.heap[at] = events.heap[child];
		at = child;
	}
	events.heap[at] = e;
}

static void rise(size_t at)
{
	struct moment *e = events.heap[at];

	while (at && before(e, events.heap[(at - 1) / 2])) {
		events.heap[at] = events.heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	events.heap[at] = e;
}

void moment_push(struct moment *e)
{
	if (events.num == events.cap) {
		events.cap = events.cap ? events.cap * 2 : 256;
		events.heap = realloc(events.heap, events.cap * sizeof(struct moment *));
		assert(events.heap);
	}
	assert(!e->waits);
	e->waits = true;
	e->seq = events.seq++;
	events.heap[events.num] = e;
	rise(events.num++);
}

struct moment *moment_next(void)
{
	return events.num ? events.heap[0] : NULL;
}

struct moment *moment_take(void)
{
	struct moment *e = events.heap[0];

	e->waits = false;
	events.heap[0] = events.heap[--events.num];
	if (events.num)
		sink(0);
	return e;
}

/* ---- memory: blocks that are used again by the next history ---- */

static struct {
	struct list blocks;
	size_t block, used;
} memory;

void *sim_alloc(size_t size)
{
	size_t need = (size + 15) & ~(size_t)15;
	char *p;

	assert(need <= BLOCK_BYTES);
	if (!memory.blocks.num || memory.used + need > BLOCK_BYTES) {
		memory.block += memory.blocks.num > 0;
		memory.used = 0;
		if (memory.block == memory.blocks.num) {
			void *block = malloc(BLOCK_BYTES);

			assert(block);
			memory.blocks.at = realloc(memory.blocks.at,
						   (memory.block + 1) * sizeof(void *));
			assert(memory.blocks.at);
			memory.blocks.at[memory.blocks.num++] = block;
		}
	}
	p = (char *)memory.blocks.at[memory.block] + memory.used;
	memory.used += need;
	return memset(p, 0, need);
}

struct str sim_copy(struct str s)
{
	char *p;

	if (!s.p)
		return s;
	p = sim_alloc(s.len + 1);
	memcpy(p, s.p, s.len);
	return (struct str){ p, s.len };
}

struct str sim_printf(const char *fmt, ...)
{
	char text[16384];
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	assert(n >= 0 && (size_t)n < sizeof(text));
	return sim_copy((struct str){ text, (size_t)n });
}

void list_add(struct list *l, void *item)
{
	if (l->num == l->cap) {
		void **old = l->at;

		l->cap = l->cap ? l->cap * 2 : 16;
		l->at = sim_alloc(l->cap * sizeof(void *));
		if (old)
			memcpy(l->at, old, l->num * sizeof(void *));
	}
	l->at[l->num++] = item;
}

void list_remove(struct list *l, size_t index)
{
	l->num--;
	memmove(l->at + index, l->at + index + 1, (l->num - index) * sizeof(void *));
}

/* ---- a history begins ---- */

void sim_reset(uint64_t seed)
{
	sim.seed = seed;
	sim.now = 0;
	sim.event_num = 0;
	sim.faults_over = false;
	events.num = 0;
	events.seq = 0;
	memory.block = memory.used = 0;
	chance_reset(seed);
}

void sim_free(void)
{
	for (size_t i = 0; i < memory.blocks.num; i++)
		free(memory.blocks.at[i]);
	free(memory.blocks.at);
	free(events.heap);
}

/* ---- the story ---- */

static void tell(const char *who, const char *fmt, va_list args)
{
	printf("%10.3f  %-9s ", (double)sim.now / 1000, who);
	vprintf(fmt, args);
	putchar('\n');
}

void story_line(const char *who, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(who, fmt, args);
	va_end(args);
}

void violation(const char *fmt, ...)
{
	char what[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	runner_violation(what);
}
