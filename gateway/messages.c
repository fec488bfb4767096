/* messages.c - accepts messages: a 202 means that the row is committed. */
#include "messages.h"

#include "access.h"
#include "auth.h"
#include "channel.h"
#include "clock.h"
#include "crash.h"
#include "fields.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "reply.h"
#include "segment.h"
#include "worker.h"

#define REPLY_MAX 4096
#define SPOKEN_MAX 700 /* characters: a minute */

/* A message on its way into the database; in the exchange's arena. */
struct acceptance {
	struct exchange *x;
	struct id message_id;
	struct segments segments;
};

static void reply_accepted(const struct acceptance *m, struct str id, bool replayed)
{
	struct exchange *x = m->x;
	struct buf b = buf_new(x->arena, REPLY_MAX);

	json_open(&b, NULL, '{');
	json_put_str(&b, "id", id);
	json_put_str(&b, "state", STR("queued"));
	json_put_str(&b, "encoding", str_of(encoding_name(m->segments.encoding)));
	json_put_int(&b, "segments", m->segments.segments);
	json_close(&b, '}');
	exchange_add_header(x, "location",
			    arena_printf(x->arena, "/v1/messages/" STR_FMT, STR_ARG(id)));
	if (replayed)
		exchange_add_header(x, "idempotency-replayed", STR("true"));
	reply_json(x, 202, buf_str(&b));
}

/*
 * Where a caller's trace and the message meet: it is sent later, perhaps by another process, and
 * its lines name the message.
 */
static void log_acceptance(const struct exchange *x, struct str id)
{
	struct str trail = access_trail(x);

	log_line(*x->trace.id ? LOG_INFO_ : LOG_DEBUG_, "message_accepted",
		 "message=" STR_FMT " " STR_FMT, STR_ARG(id), STR_ARG(trail));
}

/* Row: ordinal, verdict, message id. */
static void on_stored(void *ctx, const struct db_row *row)
{
	const struct acceptance *m = ctx;
	struct exchange *x = m->x;

	if (row->row < 0) {
		reply_problem(x, row->status == DB_AWAY ? ERR_UNAVAILABLE : ERR_DATABASE, NULL,
			      NULL);
		return;
	}
	crash_point(message_committed);
	struct str verdict = db_get(row->result, row->row, 1);
	struct str id = db_get(row->result, row->row, 2);

	if (str_is(verdict, "accepted")) {
		dispatch_wake(worker_of(x)->dispatch);
		log_acceptance(x, id);
		reply_accepted(m, id, false);
	} else if (str_is(verdict, "replayed")) {
		reply_accepted(m, id, true);
	} else if (str_is(verdict, "opted_out")) {
		reply_problem(
			x, ERR_OPTED_OUT, "to",
			"This guest replied STOP. They must text START before you can text them.");
	} else if (str_is(verdict, "flagged")) {
		reply_problem(
			x, ERR_FLAGGED, "to",
			"This guest may have asked not to be texted. Look at the thread, then "
			"clear the flag or confirm it.");
	} else if (str_is(verdict, "no_number")) {
		reply_problem(x, ERR_INVALID_FIELD, "from",
			      "This account has no such number to send from.");
	} else if (str_is(verdict, "key_reused")) {
		reply_problem(x, ERR_KEY_REUSED, "Idempotency-Key", NULL);
	} else if (str_is(verdict, "texting_off")) {
		reply_problem(x, ERR_BILLING, NULL,
			      "The subscription is paused, so nothing is texted. A manager can "
			      "resume it: Settings, Subscription.");
	} else if (str_is(verdict, "read_only")) {
		auth_refuse(x, &(struct db_result){ .status = DB_REFUSED, .sqlstate = "MT402" });
	} else {
		auth_refuse(x, &(struct db_result){
				       .status = DB_REFUSED,
				       .sqlstate = str_is(verdict, "forbidden") ? "MT403" : "MT401",
			       });
	}
}

static struct db_param time_or_null(const struct field_value *v)
{
	return v->given ? db_int(v->number) : db_text_or_null(STR(""));
}

static void store(struct acceptance *m, const struct field_value *v, const struct db_caller *c)
{
	struct worker *w = worker_of(m->x);
	int64_t now = clock_wall_ms();
	int64_t from = v[MESSAGE_SEND_AT].given ? v[MESSAGE_SEND_AT].number : now;
	struct id conversation_id = id_new("cnv", now);
	bool by_key = str_is(c->kind, "key");

	crash_point(message_checked);
	m->message_id = id_new("msg", now);
	const struct db_param row[] = {
		db_text_or_null(by_key ? c->id : STR("")),
		db_text(id_str(&m->message_id)),
		db_text(id_str(&conversation_id)),
		db_text(v[MESSAGE_TO].text),
		db_text(v[MESSAGE_BODY].text),
		db_text_or_null(v[MESSAGE_FROM].text),
		db_text(v[MESSAGE_KIND].given ? v[MESSAGE_KIND].text : STR("message")),
		db_text(str_of(encoding_name(m->segments.encoding))),
		db_int(m->segments.segments),
		db_int(v[MESSAGE_EXPIRES_AT].given ? v[MESSAGE_EXPIRES_AT].number :
						     from + w->config->message_ttl_s * 1000),
		db_text_or_null(c->key),
		db_text_or_null(c->hash),
		time_or_null(&v[MESSAGE_SEND_AT]),
		time_or_null(&v[MESSAGE_ARRIVE_BY]),
		db_text_or_null(by_key ? STR("") : c->id),
		db_text_or_null(c->account),
		db_text(str_of(channel_name(channel_of(v[MESSAGE_CHANNEL].text)))),
	};
	db_batch_add(w->accept, row, on_stored, m);
}

/* What is to be sent at a time must still matter then. */
static bool times_fit(struct exchange *x, const struct field_value *v)
{
	int64_t from = clock_wall_ms();
	const char *field = NULL;

	if (v[MESSAGE_SEND_AT].given && v[MESSAGE_SEND_AT].number > from)
		from = v[MESSAGE_SEND_AT].number;
	if (v[MESSAGE_EXPIRES_AT].given && v[MESSAGE_EXPIRES_AT].number <= from)
		field = "expires_at";
	else if (v[MESSAGE_ARRIVE_BY].given && v[MESSAGE_ARRIVE_BY].number <= from)
		field = "arrive_by";
	if (field)
		reply_problem(x, ERR_INVALID_FIELD, field,
			      v[MESSAGE_SEND_AT].given ?
				      "It must be later than send_at, and than now." :
				      "It must be later than now.");
	return !field;
}

/* A call is short, and one of its kind. */
static bool spoken_fits(struct acceptance *m)
{
	if (m->segments.characters > SPOKEN_MAX) {
		reply_problem(m->x, ERR_INVALID_FIELD, "body",
			      "A call has at most 700 characters.");
		return false;
	}
	m->segments.segments = 1;
	return true;
}

void messages_create(struct exchange *x)
{
	struct acceptance *m = arena_zero(x->arena, sizeof(*m));
	struct field_value values[FIELDS_MAX];
	struct db_caller caller;
	struct worker *w = worker_of(x);

	m->x = x;
	if (!auth_caller(x, &caller) ||
	    !fields_read(x, arena_cstr(x->arena, w->config->default_region), values))
		return;
	m->segments = segment_count(values[MESSAGE_BODY].text);
	if (channel_of(values[MESSAGE_CHANNEL].text) == CHANNEL_VOICE && !spoken_fits(m))
		return;
	if (!times_fit(x, values))
		return;
	if (db_batch_full(w->accept))
		reply_problem(x, ERR_UNAVAILABLE, NULL, NULL);
	else
		store(m, values, &caller);
}
