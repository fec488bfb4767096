/*
 * metrics.c - one page per thread: a table of series, to which only its thread adds, and nobody
 * takes away. Readers on other threads see a series when it is whole, and its numbers one by one.
 */
#include "metrics_read.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SERIES_SLOTS 256
#define SERIES_MAX 8192 /* of a page: more would mean that a label is not bounded */

struct series {
	_Atomic(struct series *) next; /* of the same slot */
	enum metric metric;
	struct labels labels;
	atomic_int_fast64_t value;	/* of a histogram: the sum, in microseconds */
	atomic_uint_fast64_t buckets[]; /* of a histogram */
};

struct page {
	struct page *next; /* const once it is listed */
	unsigned num;
	_Atomic(struct series *) slots[SERIES_SLOTS];
};

static _Atomic(struct page *) pages; /* of all threads, also of those that have ended */
static _Thread_local struct page *mine;

void metrics_begin(void)
{
	struct page *p = calloc(1, sizeof(*p));

	assert(p && !mine);
	p->next = atomic_load(&pages);
	while (!atomic_compare_exchange_weak(&pages, &p->next, p))
		;
	mine = p;
}

void metrics_end(void)
{
	mine = NULL;
}

/* ---- writing: only on the page's own thread ---- */

static bool same(struct labels a, struct labels b)
{
	for (int i = 0; i < METRIC_LABELS_MAX; i++)
		if (a.at[i] != b.at[i] && (!a.at[i] || !b.at[i] || strcmp(a.at[i], b.at[i]) != 0))
			return false;
	return true;
}

static unsigned slot_of(enum metric m, struct labels l)
{
	uint32_t hash = 2166136261u + (uint32_t)m; /* FNV-1a */

	for (int i = 0; i < METRIC_LABELS_MAX && l.at[i]; i++)
		for (const char *p = l.at[i]; *p; p++)
			hash = (hash ^ (unsigned char)*p) * 16777619u;
	return hash % SERIES_SLOTS;
}

static struct series *series_of(enum metric m, struct labels l)
{
	_Atomic(struct series *) *slot = &mine->slots[slot_of(m, l)];
	struct series *first = atomic_load_explicit(slot, memory_order_relaxed);
	size_t buckets = metric_table[m].type == METRIC_HISTOGRAM ? METRIC_BUCKETS + 1 : 0;

	for (struct series *s = first; s; s = atomic_load_explicit(&s->next, memory_order_relaxed))
		if (s->metric == m && same(s->labels, l))
			return s;
	mine->num++;
	assert(mine->num <= SERIES_MAX);
	struct series *s = calloc(1, sizeof(*s) + buckets * sizeof(*s->buckets));

	assert(s);
	s->metric = m;
	s->labels = l;
	atomic_store_explicit(&s->next, first, memory_order_relaxed);
	atomic_store_explicit(slot, s, memory_order_release);
	return s;
}

/* Nobody else writes it: no locked instruction is needed. */
#define ADD(at, n)                                                                                 \
	atomic_store_explicit(at, atomic_load_explicit(at, memory_order_relaxed) + (n),            \
			      memory_order_relaxed)

void metrics_count(enum metric m, struct labels l)
{
	if (mine)
		ADD(&series_of(m, l)->value, 1);
}

void metrics_set(enum metric m, struct labels l, int64_t value)
{
	if (mine)
		atomic_store_explicit(&series_of(m, l)->value, value, memory_order_relaxed);
}

void metrics_observe(enum metric m, struct labels l, int64_t us)
{
	int bucket = 0;

	if (!mine)
		return;
	struct series *s = series_of(m, l);

	while (bucket < METRIC_BUCKETS && us > metric_bounds_us[bucket])
		bucket++;
	ADD(&s->buckets[bucket], 1);
	ADD(&s->value, us);
}

/* ---- reading: on any thread ---- */

static struct sample *sample_of(struct metrics *all, enum metric m, struct labels l)
{
	for (struct sample *s = all->first[m]; s; s = s->next)
		if (same(s->labels, l))
			return s;
	struct sample *s = arena_zero(all->arena, sizeof(*s));

	s->labels = l;
	*all->last[m] = s;
	all->last[m] = &s->next;
	return s;
}

static void add_series(struct metrics *all, struct series *s)
{
	struct sample *to = sample_of(all, s->metric, s->labels);
	double value = (double)atomic_load_explicit(&s->value, memory_order_relaxed);

	if (metric_table[s->metric].type != METRIC_HISTOGRAM) {
		to->value += value;
		return;
	}
	to->value += value / 1e6;
	for (int i = 0; i <= METRIC_BUCKETS; i++) {
		uint64_t n = atomic_load_explicit(&s->buckets[i], memory_order_relaxed);

		to->buckets[i] += n;
		to->count += n;
	}
}

static struct metrics *metrics_new(struct arena *a)
{
	struct metrics *all = arena_zero(a, sizeof(*all));

	all->arena = a;
	for (int m = 0; m < METRICS; m++)
		all->last[m] = &all->first[m];
	return all;
}

struct metrics *metrics_copy(const struct metrics *all, struct arena *a)
{
	struct metrics *copy = metrics_new(a);

	for (enum metric m = 0; m < METRICS; m++)
		for (const struct sample *s = all->first[m];
		     s && metric_table[m].type != METRIC_GAUGE; s = s->next) {
			struct sample *to = arena_alloc(a, sizeof(*to));

			*to = *s;
			to->next = NULL;
			*copy->last[m] = to;
			copy->last[m] = &to->next;
		}
	return copy;
}

struct metrics *metrics_read(struct arena *a)
{
	struct metrics *all = metrics_new(a);

	for (struct page *p = atomic_load(&pages); p; p = p->next)
		for (int i = 0; i < SERIES_SLOTS; i++)
			for (struct series *s =
				     atomic_load_explicit(&p->slots[i], memory_order_acquire);
			     s; s = atomic_load_explicit(&s->next, memory_order_relaxed))
				add_series(all, s);
	return all;
}

void metrics_put(struct metrics *all, enum metric m, struct labels l, double value)
{
	sample_of(all, m, l)->value += value;
}

const struct sample *metrics_find(const struct metrics *all, enum metric m, struct labels l)
{
	for (const struct sample *s = all->first[m]; s; s = s->next)
		if (same(s->labels, l))
			return s;
	return NULL;
}
