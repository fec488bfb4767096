/*
 * stream_set.c - the streams of one worker: by account, for those who wake them; and by age, for
 * what has to be looked after.
 */
#include "stream_set.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "log.h"
#include "secret.h"

#define LOOK_ROUND_MS 1000 /* in which each stream is looked after once */
#define LOOK_AT_ONCE 10	   /* neither requests nor callbacks wait for more */
#define STEP_LEAST_MS 2	   /* ... unless they are very many */
#define STEP_MOST_MS 100
#define BEAT_MS 15000	    /* proxies and clients take silence for death */
#define BEAT_SPREAD_MS 5000 /* ... or so much before: those that came at once do not beat at once */
#define TAKEN_WITHIN_MS 30000
#define CHECK_EVERY_MS 2500 /* and up to 500 ms more: an ended session is out within 5 s */
#define CHECK_JITTER_MS 500
#define CHECK_ROUND_MS 2000 /* in which all are asked about */
#define CHECK_AT_ONCE 25    /* at least: a statement costs more than what it asks */
#define LEFT_ROUNDS 4	    /* whether the client has closed its side */
#define ENTRY_MAX 128	    /* bytes, of a stream in one of the lists */

/* ---- rounds through all of them, in steps ---- */

/* How long after one step the next one is, for `at_once` streams in each. */
static unsigned step_ms(const struct streams *s, unsigned round_ms, unsigned at_once)
{
	unsigned ms = round_ms * at_once / (s->num + 1);

	if (ms < STEP_LEAST_MS)
		return STEP_LEAST_MS;
	return ms < STEP_MOST_MS ? ms : STEP_MOST_MS;
}

/* How many it takes. */
static unsigned step_num(const struct streams *s, unsigned round_ms, unsigned at_once)
{
	return s->num * step_ms(s, round_ms, at_once) / round_ms + 1;
}

/* ---- by account ---- */

static struct stream_account **bucket_of(struct streams *s, struct str id)
{
	uint32_t hash = 2166136261U; /* FNV-1a; the ids are ours */

	for (size_t i = 0; i < id.len; i++)
		hash = (hash ^ (unsigned char)id.p[i]) * 16777619U;
	return &s->buckets[hash % STREAM_BUCKETS];
}

/* Where it is, or would be. */
static struct stream_account **find_account(struct streams *s, struct str id)
{
	struct stream_account **at = bucket_of(s, id);

	while (*at && !str_is(id, (*at)->id))
		at = &(*at)->next;
	return at;
}

static struct stream_account *account_new(struct str id)
{
	struct stream_account *a = calloc(1, sizeof(*a) + id.len + 1);

	assert(a);
	memcpy(a->id, id.p, id.len);
	return a;
}

bool streams_have_room(struct streams *s, struct str account)
{
	struct stream_account *a = *find_account(s, account);
	unsigned num = a ? a->num : 0;

	if (num < STREAMS_PER_ACCOUNT)
		return true;
	for (struct stream *st = a->first; st; st = st->next)
		if (st->cut || exchange_stream_left(st->x)) {
			stream_cut(st);
			num--;
		}
	return num < STREAMS_PER_ACCOUNT;
}

void streams_wake(struct streams *s, struct str account)
{
	struct stream_account *a = *find_account(s, account);

	for (struct stream *st = a ? a->first : NULL; st; st = st->next)
		stream_look(st);
}

/* ---- who may stay, and who has something to read ---- */

static void on_checked(void *ctx, const struct db_result *r)
{
	struct streams *s = ctx;
	struct stream *at = s->oldest;

	s->checking = false;
	for (int i = 0; i < db_rows(r); i++) {
		int64_t number = db_get_int(r, i, 0);
		struct str why = db_get(r, i, 1);

		while (at && at->number < number)
			at = at->newer;
		if (at && at->number == number && why.len)
			stream_end(at, why);
		else if (at && at->number == number)
			stream_look(at);
	}
}

enum list { NUMBERS, KINDS, CALLERS, ACCOUNTS, XIDS, SEQS, LISTS };

static void put_stream(struct buf lists[LISTS], const struct stream *st)
{
	const char *space = lists[NUMBERS].len ? " " : "";

	buf_printf(&lists[NUMBERS], "%s%" PRId64, space, st->number);
	buf_printf(&lists[KINDS], "%s%s", space, st->is_key ? "key" : "session");
	buf_printf(&lists[CALLERS], "%s%s", space, st->caller);
	buf_printf(&lists[ACCOUNTS], "%s%s", space, st->account->id);
	buf_printf(&lists[XIDS], "%s%" PRIu64, space, st->at.xid);
	buf_printf(&lists[SEQS], "%s%" PRId64, space, st->at.seq);
}

/* The next ones, not all: neither we nor the database do anything else meanwhile. */
static void check(struct streams *s)
{
	unsigned step = step_num(s, CHECK_ROUND_MS, CHECK_AT_ONCE);
	unsigned num = step > CHECK_AT_ONCE ? step : CHECK_AT_ONCE;
	struct arena *a = arena_new();
	struct buf lists[LISTS];
	struct db_param params[LISTS];

	for (int i = 0; i < LISTS; i++)
		lists[i] = buf_new(a, (size_t)num * ENTRY_MAX);
	for (; num && s->check_next; s->check_next = s->check_next->newer)
		if (!s->check_next->ending) {
			put_stream(lists, s->check_next);
			num--;
		}
	for (int i = 0; i < LISTS; i++) {
		assert(!buf_full(&lists[i]));
		params[i] = db_text(buf_str(&lists[i]));
	}
	s->checking = true;
	db_query(s->db, DB_WORK, SQL_STREAMS_CHECK, DB_PARAMS(params), on_checked, s);
	arena_free(a);
}

static void on_check(struct timer *t)
{
	struct streams *s = container_of(t, struct streams, check);
	unsigned jitter;

	if (!s->checking && !s->check_next && loop_now(s->loop) >= s->check_at_ms) {
		secret_random(&jitter, sizeof(jitter));
		s->check_at_ms = loop_now(s->loop) + CHECK_EVERY_MS + jitter % CHECK_JITTER_MS;
		s->check_next = s->oldest;
	}
	if (!s->checking && s->check_next)
		check(s);
	if (s->num)
		timer_start(s->loop, t, step_ms(s, CHECK_ROUND_MS, CHECK_AT_ONCE), on_check);
}

void streams_check_soon(struct streams *s)
{
	s->check_at_ms = 0;
	s->check_next = NULL;
}

/* ---- by age ---- */

static void look_after(struct streams *s, struct stream *st, bool look_whether_left)
{
	int64_t silent_ms = loop_now(s->loop) - st->sent_ms;

	if (st->x->sending && silent_ms >= TAKEN_WITHIN_MS) {
		log_info("stream_dropped", "account=%s why=it does not read", st->account->id);
		stream_cut(st);
	} else if (look_whether_left && exchange_stream_left(st->x)) {
		stream_cut(st);
	} else if (silent_ms >= BEAT_MS - (int64_t)(st->number * 977 % BEAT_SPREAD_MS)) {
		stream_beat(st);
	}
}

static void on_look(struct timer *t)
{
	struct streams *s = container_of(t, struct streams, look);

	for (unsigned num = step_num(s, LOOK_ROUND_MS, LOOK_AT_ONCE); num && s->oldest; num--) {
		struct stream *st = s->look_next ? s->look_next : s->oldest;

		s->looks += !s->look_next;
		s->look_next = st->newer;
		look_after(s, st, (s->looks + (uint64_t)st->number) % LEFT_ROUNDS == 0);
	}
	if (s->num)
		timer_start(s->loop, t, step_ms(s, LOOK_ROUND_MS, LOOK_AT_ONCE), on_look);
}

void streams_add(struct streams *s, struct stream *st, struct str account)
{
	struct stream_account **at = find_account(s, account);

	if (!*at)
		*at = account_new(account);
	st->account = *at;
	st->account->num++;
	st->next = st->account->first;
	st->prev = &st->account->first;
	if (st->next)
		st->next->prev = &st->next;
	st->account->first = st;

	st->number = ++s->last_number;
	st->older = s->newest;
	*(s->newest ? &s->newest->newer : &s->oldest) = st;
	s->newest = st;
	s->num++;
	if (s->num == 1) {
		timer_start(s->loop, &s->look, STEP_MOST_MS, on_look);
		timer_start(s->loop, &s->check, STEP_MOST_MS, on_check);
	}
}

void streams_remove(struct stream *st)
{
	struct streams *s = st->set;
	struct stream_account *a = st->account;

	*st->prev = st->next;
	if (st->next)
		st->next->prev = st->prev;
	if (!--a->num) {
		*find_account(s, str_of(a->id)) = a->next;
		free(a);
	}
	st->account = NULL;
	if (s->look_next == st)
		s->look_next = st->newer;
	if (s->check_next == st)
		s->check_next = st->newer;
	*(st->older ? &st->older->newer : &s->oldest) = st->newer;
	*(st->newer ? &st->newer->older : &s->newest) = st->older;
	if (!--s->num) {
		timer_stop(s->loop, &s->look);
		timer_stop(s->loop, &s->check);
	}
}

/* ---- all of them ---- */

struct streams *streams_new(struct loop *l, struct db *d, unsigned max)
{
	struct streams *s = calloc(1, sizeof(*s));

	assert(s);
	s->loop = l;
	s->db = d;
	s->max = max;
	return s;
}

unsigned streams_num(const struct streams *s)
{
	return s->num;
}

void streams_stop(struct streams *s)
{
	s->stopping = true;
	for (struct stream *st = s->oldest; st; st = st->newer)
		stream_end(st, (struct str){ 0 });
}

void streams_free(struct streams *s)
{
	assert(!s->num);
	free(s);
}
