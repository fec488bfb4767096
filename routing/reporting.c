/* reporting.c - the row of receipts_apply.sql that a report is. */
#include "reporting.h"

#include "id.h"

struct db_batch *reporting_batch(struct db *db, struct loop *l)
{
	/* account, attempt, provider, carrier id, event id, phone, status, rank, status text, code,
	 * handling, sentence, occurred, received, attempt state, message state, rank, again,
	 * duration, answered by */
	return db_batch_new(db, l, DB_WORK, SQL_RECEIPTS_APPLY, "tttttttittttiittiiit");
}

struct report reporting_add(struct db_batch *b, struct arena *a, const struct reported *what,
			    db_row_done *done, void *ctx)
{
	const struct provider *p = what->provider;
	const struct event *e = what->event;
	struct report r = delivery_report(a, p, e);
	bool hinted = id_valid(e->attempt_id, "att") && id_valid(e->account_id, "acc");
	const struct db_param nothing = db_text_or_null(STR(""));
	const struct db_param row[] = {
		db_text_or_null(hinted ? e->account_id : STR("")),
		db_text_or_null(hinted ? e->attempt_id : STR("")),
		db_text(str_of(p->name)),
		db_text(e->carrier_id),
		db_text(e->event_id),
		db_text(e->to),
		db_text(str_of(delivery_name(e->status))),
		db_int(delivery_rank(e->status)),
		db_text(e->status_text),
		db_text_or_null(e->code_text),
		db_text_or_null(str_of(e->code ? handling_name(e->code->handling) : NULL)),
		db_text(r.sentence),
		e->occurred_ms ? db_int(e->occurred_ms) : nothing,
		db_int(what->received_ms),
		db_text(str_of(r.attempt_state)),
		db_text(str_of(r.message_state)),
		db_int(r.message_rank),
		db_int(r.again),
		e->call.duration_s ? db_int(e->call.duration_s) : nothing,
		db_text_or_null(str_of(answered_name(e->call.answered_by))),
	};

	db_batch_add(b, row, done, ctx);
	return r;
}
