/*
 * inbound.c - claim a few journalled batches, apply every callback in them, mark them done. Each
 * statement is idempotent, so a crash anywhere means that the batch is applied again, to no effect.
 */
#include "inbound.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "batch.h"
#include "buf.h"
#include "clock.h"
#include "crash.h"
#include "flow.h"
#include "helping.h"
#include "id.h"
#include "journal.h"
#include "log.h"
#include "measure.h"
#include "reply_intent.h"
#include "reporting.h"
#include "segment.h"

#define POLL_MS 1000
#define LEASE_MS 10000
#define BATCHES_PER_CLAIM 16
#define PARTITIONS_EVERY_MS (6 * 3600 * 1000)

struct inbound {
	struct flow flow;
	struct inbound_settings settings;
	struct inbound_counts counts;
	struct db_batch *reports, *replies, *helps;
	struct arena *arena; /* of this round */
	struct buf done;     /* ids of this round's batches, joined by commas */
	bool round_failed;   /* the database went away: the round's batches stay pending */
	bool running, woken, stopping, more;
	struct timer poll, partitions;
};

static void start_round(struct inbound *in);

static struct inbound *inbound_of(struct flow *f)
{
	return container_of(f, struct inbound, flow);
}

/* ---- one callback ---- */

static void count_row(struct inbound *in, const struct db_row *row, uint64_t *applied)
{
	if (row->status == DB_AWAY)
		in->round_failed = true;
	else if (row->status == DB_REFUSED)
		in->counts.failed++; /* kept in the journal, and logged */
	else if (row->row < 0)
		in->counts.unmatched++;
	else
		++*applied;
	flow_release(&in->flow);
}

/* A carrier's report; in the arena of the round. */
struct heard_report {
	struct inbound *in;
	struct event event;
	struct report meaning;
};

static void on_report(void *ctx, const struct db_row *row)
{
	const struct heard_report *heard = ctx;
	struct inbound *in = heard->in;

	measure_report(row, &heard->event, &heard->meaning);

	/* the carrier has it after all, and the other one may have sent it meanwhile */
	if (row->row >= 0 && str_is(db_get(row->result, row->row, 1), "abandoned")) {
		in->counts.late++;
		log_warn("late_evidence", "flow=%s late=%" PRIu64, in->flow.name, in->counts.late);
	}
	count_row(in, row, &in->counts.reports);
}

/* A guest's text; in the arena of the round. */
struct reply {
	struct inbound *in;
	struct str phone, number;
};

static void on_helped(void *ctx, const struct db_row *row)
{
	struct inbound *in = ctx;

	if (row->status == DB_AWAY) /* the guest asks again, or the batch is applied again */
		in->round_failed = true;
	flow_release(&in->flow);
}

/* Row: ordinal, account, answer to HELP. */
static void on_reply(void *ctx, const struct db_row *row)
{
	struct reply *reply = ctx;
	struct inbound *in = reply->in;
	struct str answer = row->row < 0 ? STR("") : db_get(row->result, row->row, 2);

	if (answer.len) {
		const struct help h = {
			.account_id = db_get(row->result, row->row, 1),
			.phone = reply->phone,
			.number = reply->number,
			.answer = answer,
		};

		flow_hold(&in->flow);
		helping_add(in->helps, &h, on_helped, in);
	}
	count_row(in, row, &in->counts.replies);
}

static void add_reply(struct inbound *in, const struct provider *p, const struct event *e,
		      int64_t received_ms)
{
	struct segments s = segment_count(e->body);
	struct id message = id_new("msg", clock_wall_ms());
	struct id conversation = id_new("cnv", clock_wall_ms());
	struct reply *reply = arena_zero(in->arena, sizeof(*reply));
	struct reply_intent chosen = reply_intent_read(e->body);
	struct db_param nothing = db_text_or_null(STR(""));
	const struct db_param row[] = {
		db_text(str_of(p->name)),
		db_text(e->carrier_id),
		db_text(e->from),
		db_text(e->to),
		db_text(e->body),
		db_int(e->media_num),
		db_text(id_str(&message)),
		db_text(id_str(&conversation)),
		db_text(str_of(encoding_name(s.encoding))),
		db_int(s.segments),
		db_int(journal_said_ms(e, received_ms)),
		db_text_or_null(str_of(helping_where(p, e))),
		chosen.digit && chosen.slot >= 0 ? db_int(chosen.slot) : nothing,
		chosen.digit ? db_int(chosen.digit) : nothing,
		db_text_or_null(str_of(chosen.word)),
	};

	*reply = (struct reply){ in, arena_copy(in->arena, e->from), arena_copy(in->arena, e->to) };
	flow_hold(&in->flow);
	db_batch_add(in->replies, row, on_reply, reply);
}

/* Row: batch id, received (ms), provider, target, content type, body. */
static void apply_callback(struct inbound *in, const struct db_result *r, int row)
{
	const struct carrier *c = carrier_find(in->settings.carriers, db_get(r, row, 2));
	const struct http_header type = { STR("content-type"), db_get(r, row, 4) };
	const struct http_request request = {
		.method = STR("POST"),
		.url = db_get(r, row, 3),
		.body = db_get(r, row, 5),
		.headers = &type,
		.header_num = 1,
	};
	const char *why = "we have no account at this carrier any more";
	struct event e;

	in->counts.callbacks++;
	if (!c || !c->provider->parse_webhook(in->arena, &request, &e, &why)) {
		in->counts.failed++;
		log_warn("callback_not_applied", "batch=" STR_FMT " why=%s",
			 STR_ARG(db_get(r, row, 0)), why);
		return;
	}
	if (e.kind == EVENT_STATUS) {
		struct heard_report *heard = arena_alloc(in->arena, sizeof(*heard));

		flow_hold(&in->flow);
		heard->in = in;
		heard->event = e; /* its text is gone by then: only what it is counts */
		heard->meaning = reporting_add(
			in->reports, in->arena,
			&(struct reported){ c->provider, &e, db_get_int(r, row, 1) }, on_report,
			heard);
	}
	if (e.kind == EVENT_REPLY)
		add_reply(in, c->provider, &e, db_get_int(r, row, 1));
}

/* ---- the steps of a round ---- */

static enum flow_verdict claim(struct flow *f);
static enum flow_verdict mark_done(struct flow *f);

static const struct flow_step steps[] = {
	{ "claim", claim },    /* database: a few pending batches; applies what is in them */
	{ "done", mark_done }, /* database: they are not pending any more */
	{ NULL, NULL },
};

static void on_claimed(void *ctx, const struct db_result *r)
{
	struct inbound *in = ctx;
	struct str last = { 0 };
	int n = db_rows(r);

	if (r->status != DB_OK)
		flow_fail(&in->flow, ERR_UNAVAILABLE);
	if (n > 0)
		crash_point(callbacks_claimed);
	in->more = n > 0;
	for (int i = 0; i < n; i++) {
		struct str batch = db_get(r, i, 0);

		apply_callback(in, r, i);
		if (str_eq(batch, last))
			continue;
		buf_printf(&in->done, "%s" STR_FMT, in->done.len ? "," : "", STR_ARG(batch));
		last = batch;
	}
	flow_release(&in->flow);
}

static enum flow_verdict claim(struct flow *f)
{
	struct inbound *in = inbound_of(f);
	const struct db_param params[] = { db_int(BATCHES_PER_CLAIM), db_int(LEASE_MS) };

	flow_hold(f);
	db_query(in->settings.db, DB_WORK, SQL_PENDING_CLAIM, DB_PARAMS(params), on_claimed, in);
	return FLOW_NEXT;
}

static void on_done(void *ctx, const struct db_result *r)
{
	struct inbound *in = ctx;

	crash_point(callbacks_done);
	if (r->status != DB_OK)
		flow_fail(&in->flow, ERR_UNAVAILABLE);
	flow_release(&in->flow);
}

static enum flow_verdict mark_done(struct flow *f)
{
	struct inbound *in = inbound_of(f);
	const struct db_param params[] = { db_text(buf_str(&in->done)) };

	if (in->round_failed || !in->done.len)
		return FLOW_END;
	crash_point(callbacks_applied);
	flow_hold(f);
	db_query(in->settings.db, DB_WORK, SQL_PENDING_DONE, DB_PARAMS(params), on_done, in);
	return FLOW_NEXT;
}

static void finish(struct flow *f, enum err err)
{
	struct inbound *in = inbound_of(f);
	bool go_on = (in->more || in->woken) && !err && !in->round_failed;

	arena_free(in->arena);
	in->running = false;
	if (go_on)
		start_round(in);
}

static void start_round(struct inbound *in)
{
	if (in->running || in->stopping)
		return;
	in->running = true;
	in->woken = in->more = in->round_failed = false;
	in->arena = arena_new();
	in->done = buf_new(in->arena, BATCHES_PER_CLAIM * (ID_BYTES + 1));
	flow_start(&in->flow, "inbound", steps, finish);
}

/* ---- the whole ---- */

void inbound_wake(struct inbound *in)
{
	in->woken = true;
	start_round(in);
}

static void on_poll(struct timer *t)
{
	struct inbound *in = container_of(t, struct inbound, poll);

	timer_start(in->settings.loop, &in->poll, POLL_MS, on_poll);
	start_round(in);
}

static void on_partitions_made(void *ctx, const struct db_result *r)
{
	(void)ctx,
		(void)r; /* a refusal was logged; there is a partition for whatever fits no other */
}

static void on_partitions_due(struct timer *t)
{
	struct inbound *in = container_of(t, struct inbound, partitions);

	timer_start(in->settings.loop, &in->partitions, PARTITIONS_EVERY_MS, on_partitions_due);
	db_query(in->settings.db, DB_WORK, SQL_CALLBACK_PARTITIONS, DB_NO_PARAMS,
		 on_partitions_made, in);
}

struct inbound *inbound_new(const struct inbound_settings *s)
{
	struct inbound *in = calloc(1, sizeof(*in));
	struct db *db = s->db;
	struct loop *l = s->loop;

	assert(in);
	in->settings = *s;
	in->reports = reporting_batch(db, l);
	/* provider, carrier id, phone, number, body, media, message, conversation, encoding,
	 * segments, said, help, slot, digit, word */
	in->replies = db_batch_new(db, l, DB_WORK, SQL_REPLIES_APPLY, "tttttitttiitiit");
	in->helps = helping_batch(db, l);
	timer_start(s->loop, &in->poll, 0, on_poll);
	timer_start(s->loop, &in->partitions, PARTITIONS_EVERY_MS, on_partitions_due);
	return in;
}

void inbound_stop(struct inbound *in)
{
	in->stopping = true;
	timer_stop(in->settings.loop, &in->poll);
	timer_stop(in->settings.loop, &in->partitions);
}

bool inbound_busy(const struct inbound *in)
{
	return in->running;
}

struct inbound_counts inbound_counts(const struct inbound *in)
{
	return in->counts;
}

void inbound_free(struct inbound *in)
{
	inbound_stop(in);
	db_batch_free(in->reports);
	db_batch_free(in->replies);
	db_batch_free(in->helps);
	free(in);
}
