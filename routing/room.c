/* room.c - the batches of a worker's messages, and the row that settles an attempt. */
#include "room.h"

#include "reporting.h"

void room_open(struct room *room, const struct dispatch_settings *s)
{
	struct db *db = s->db;
	struct loop *l = s->loop;

	room->settings = s;
	/* account, message, conversation, attempt, ordinal, claim, provider, number, dead after,
	 * pace of the number, of the carrier, wait, guest's zones */
	room->open = db_batch_new(db, l, DB_WORK, SQL_ATTEMPT_OPEN, "ttttitttiiiit");
	/* account, message, attempt, state, carrier id, HTTP status, code, handling, sentence,
	 * message state, rank, reason, next, delay, opt-out, looked */
	room->settle = db_batch_new(db, l, DB_WORK, SQL_ATTEMPT_SETTLE, "tttttittttittiii");
	room->reports = reporting_batch(db, l);
}

void room_close(struct room *room)
{
	db_batch_free(room->open);
	db_batch_free(room->settle);
	db_batch_free(room->reports);
}

void room_settle(struct room *room, const struct claimed *m, const struct settled_attempt *t,
		 const struct settlement *s, db_row_done *done, void *ctx)
{
	const struct db_param row[] = {
		db_text(m->account_id),
		db_text(m->message_id),
		db_text(t->attempt_id),
		db_text(str_of(s->attempt_state)),
		db_text_or_null(t->carrier_id),
		t->http_status ? db_int(t->http_status) : db_text_or_null(STR("")),
		db_text_or_null(t->code),
		db_text_or_null(str_of(s->handling)),
		db_text(s->sentence),
		db_text_or_null(str_of(s->message_state)),
		db_int(s->message_rank),
		db_text_or_null(s->reason),
		db_text(s->again ? STR("again") : STR("end")),
		db_int(s->delay_ms),
		db_int(s->opt_out),
		db_int(s->looked),
	};

	db_batch_add(room->settle, row, done, ctx);
}

bool room_more_due(const struct db_row *row, const struct settlement *s)
{
	return row->status == DB_OK && ((s->again && !s->delay_ms) ||
					(row->row >= 0 && db_get_int(row->result, row->row, 2)));
}
