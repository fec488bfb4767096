/*
 * stream.c - one stream: it opens, reads, sends, and ends. It is freed when its client has gone and
 * no statement of it is under way, whichever is last.
 */
#include "stream.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "auth.h"
#include "log.h"
#include "reply.h"
#include "stream_set.h"
#include "worker.h"

#define ROWS_MAX 100
#define CHUNK_MAX (64 * 1024)
#define EVENT_MAX (1 << 20) /* of one alone; a text of 1,600 characters has 20 KB at most */
#define LOOK_AGAIN_MS 10    /* at what an older transaction holds up; then twice that, and so on */
#define LOOK_AGAIN_MAX_MS 320
#define RETRY_MS 1000 /* after the database was away */

enum column { ACCOUNT, LOST, WAITS, XID, SEQ, TYPE, TOLD };

static void on_opened(void *ctx, const struct db_result *r);
static void on_read(void *ctx, const struct db_result *r);

/* ---- reading ---- */

static void read_as(struct stream *st, const struct db_caller *c, db_done *done)
{
	char xid[24];
	int n = snprintf(xid, sizeof(xid), "%" PRIu64, st->at.xid);
	const struct db_param params[] = {
		db_text_or_null((struct str){ xid, st->begins ? 0 : (size_t)n }),
		db_int(st->at.seq),
		db_int(ROWS_MAX),
	};

	st->reading = true;
	st->dirty = false;
	db_query_as(st->set->db, c, SQL_EVENTS_READ, DB_PARAMS(params), done, st);
}

static bool can_take(const struct stream *st)
{
	return st->x && !st->reading && !st->x->sending && !st->ending;
}

/* What the one reads is news to the other too: the screens of a stand are told of the same. */
static bool stands_with(const struct stream *st, const struct stream *other)
{
	return st->at.xid == other->at.xid && st->at.seq == other->at.seq;
}

/* Another stream of the account reads what this one would, and shares it: see on_read(). */
static bool another_reads(const struct stream *st)
{
	const struct stream *other = st->account->first;

	while (other && !(other->reading && stands_with(st, other)))
		other = other->next;
	return other != NULL;
}

void stream_look(struct stream *st)
{
	st->dirty = true;
	if (!can_take(st) || another_reads(st))
		return;
	timer_stop(st->set->loop, &st->again);
	const struct db_caller c = {
		.kind = st->is_key ? STR("key") : STR("session"),
		.id = str_of(st->caller),
		.account = str_of(st->account->id),
		.needs = STR("read"),
	};
	read_as(st, &c, on_read);
}

static void on_again(struct timer *t)
{
	stream_look(container_of(t, struct stream, again));
}

static void look_after(struct stream *st, unsigned ms)
{
	timer_start(st->set->loop, &st->again, ms, on_again);
}

/* Something older is still open: usually for milliseconds, seldom for seconds. */
static void look_when_committed(struct stream *st)
{
	st->wait_ms = st->wait_ms ? st->wait_ms * 2 : LOOK_AGAIN_MS;
	if (st->wait_ms > LOOK_AGAIN_MAX_MS)
		st->wait_ms = LOOK_AGAIN_MAX_MS;
	look_after(st, st->wait_ms);
}

static struct place place_of(const struct db_result *r, int row)
{
	struct place at = { 0, db_get_int(r, row, SEQ) };
	long long xid = 0;

	if (!str_number(db_get(r, row, XID), &xid))
		assert(!"the statement gives each row a place");
	at.xid = (uint64_t)xid;
	return at;
}

/* As many as fit; false when some were left, for the next chunk. */
static bool put_events(struct stream *st, struct buf *b, const struct db_result *r)
{
	for (int i = 0; i < db_rows(r); i++) {
		struct str type = db_get(r, i, TYPE), told = db_get(r, i, TOLD);

		if (type.p && i && b->len + type.len + told.len > CHUNK_MAX)
			return false;
		st->at = place_of(r, i);
		if (type.p)
			stream_put_event(b, st->at, type, told);
	}
	return db_rows(r) < ROWS_MAX;
}

static void send_chunk(struct stream *st, const struct buf *b)
{
	assert(!st->chunk && !buf_full(b));
	st->chunk = b->arena;
	st->sent_ms = loop_now(st->set->loop);
	exchange_stream_send(st->x, buf_str(b), st->ending);
}

static void take_rows(struct stream *st, const struct db_result *r, bool opens)
{
	struct buf b = buf_new(arena_new(), EVENT_MAX);
	bool lost = db_get_int(r, 0, LOST);

	if (opens)
		buf_put(&b, STR("retry: 1000\n"));
	if (lost || opens) {
		if (st->begins || lost)
			st->at = place_of(r, 0);
		stream_put_place(&b, st->at, lost ? "reset" : "hello");
	}
	st->begins = false;
	if (!put_events(st, &b, r))
		st->dirty = true;
	if (!db_get_int(r, 0, WAITS) || b.len)
		st->wait_ms = 0;
	if (db_get_int(r, 0, WAITS))
		look_when_committed(st);
	if (b.len) {
		send_chunk(st, &b);
		return;
	}
	arena_free(b.arena);
	if (st->dirty)
		stream_look(st);
}

/*
 * Those of the account who waited for what `st` has read: who stands where it stood gets the same
 * rows, and looks again if it has to; the others look for themselves. It ended or failed: NULL. The
 * caller of each is asked for every few seconds anyway (stream_set.c).
 */
static void share(struct stream_account *a, const struct stream *st, const struct db_result *r)
{
	for (struct stream *other = a->first, *next; other; other = next) {
		next = other->next;
		if (other == st || !other->dirty || !can_take(other))
			continue;
		if (!r || !stands_with(st, other)) {
			stream_look(other);
			continue;
		}
		timer_stop(other->set->loop, &other->again);
		other->dirty = st->dirty;
		take_rows(other, r, false);
	}
}

static void on_read(void *ctx, const struct db_result *r)
{
	struct stream *st = ctx;

	st->reading = false;
	if (!st->x) {
		free(st);
		return;
	}
	share(st->account, st, r->status == DB_OK && !st->ending ? r : NULL);
	if (st->ending)
		return;
	if (r->status == DB_OK) {
		take_rows(st, r, false);
		return;
	}
	st->dirty = true;
	if (r->status == DB_REFUSED)
		streams_check_soon(st->set); /* which says why */
	look_after(st, RETRY_MS);
}

/* ---- sending ---- */

static void end_now(struct stream *st)
{
	struct buf b = buf_new(arena_new(), CHUNK_MAX);

	if (*st->end)
		stream_put_end(&b, str_of(st->end));
	else
		buf_put(&b, STR(": this process stops; go on at another\n\n"));
	send_chunk(st, &b);
}

void stream_end(struct stream *st, struct str why)
{
	assert(why.len < sizeof(st->end));
	if (st->ending || !st->x)
		return;
	st->ending = true;
	if (why.len)
		memcpy(st->end, why.p, why.len);
	timer_stop(st->set->loop, &st->again);
	if (!st->x->sending)
		end_now(st);
}

void stream_beat(struct stream *st)
{
	if (!st->x || st->x->sending || st->reading || st->ending)
		return;
	st->sent_ms = loop_now(st->set->loop);
	exchange_stream_send(st->x, STR(":\n\n"), false);
}

void stream_cut(struct stream *st)
{
	if (!st->x || st->cut)
		return;
	st->cut = st->ending = true;
	timer_stop(st->set->loop, &st->again);
	exchange_stream_cut(st->x);
}

static void on_taken(void *owner)
{
	struct stream *st = owner;

	arena_free(st->chunk);
	st->chunk = NULL;
	if (st->cut)
		return;
	if (st->ending)
		end_now(st);
	else if (st->dirty)
		stream_look(st);
}

static void on_gone(void *owner)
{
	struct stream *st = owner;

	st->x = NULL;
	timer_stop(st->set->loop, &st->again);
	arena_free(st->chunk);
	st->chunk = NULL;
	struct stream_account *a = st->account;
	bool alone = a->num == 1;

	streams_remove(st);
	if (st->reading && !alone)
		share(a, st, NULL);
	if (!st->reading)
		free(st);
}

/* ---- opening ---- */

static const struct exchange_stream events = { on_taken, on_gone };

static bool may_open(struct stream *st, const struct db_result *r)
{
	if (r->status != DB_OK || !db_rows(r))
		auth_refuse(st->x, r);
	else if (st->set->stopping || st->set->num >= st->set->max)
		reply_problem(st->x, ERR_UNAVAILABLE, NULL, NULL);
	else if (!streams_have_room(st->set, db_get(r, 0, ACCOUNT)))
		reply_problem(st->x, ERR_LIMITED, NULL, "This account has 50 streams open here.");
	else if (str_is(st->x->request.method, "HEAD"))
		exchange_reply(st->x, 200, STR("text/event-stream"), STR(""));
	else
		return exchange_stream(st->x, STR("text/event-stream"), &events, st);
	return false;
}

static void on_opened(void *ctx, const struct db_result *r)
{
	struct stream *st = ctx;

	st->reading = false;
	if (!may_open(st, r)) {
		free(st);
		return;
	}
	streams_add(st->set, st, db_get(r, 0, ACCOUNT));
	take_rows(st, r, true);
}

void stream_open(struct exchange *x)
{
	struct str last = exchange_header(x, "last-event-id");
	struct db_caller c;
	struct place at = { 0 };

	if (!auth_caller(x, &c))
		return;
	if (last.len && !place_read(last, &at)) {
		reply_problem(x, ERR_INVALID_FIELD, "Last-Event-ID",
			      "It must be the id of an event, or absent.");
		return;
	}
	struct stream *st = calloc(1, sizeof(*st));

	assert(st && c.id.len < sizeof(st->caller));
	st->set = worker_of(x)->streams;
	st->x = x;
	st->is_key = str_is(c.kind, "key");
	memcpy(st->caller, c.id.p, c.id.len);
	st->at = at;
	st->begins = !last.len;
	read_as(st, &c, on_opened);
}
