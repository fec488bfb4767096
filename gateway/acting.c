/* acting.c - one statement each, and its verdict as an answer. */
#include "acting.h"

#include "auth.h"
#include "clock.h"
#include "fields.h"
#include "id.h"
#include "json.h"
#include "reading.h"
#include "reply.h"
#include "worker.h"

#define REPLY_MAX 4096

/* Row: is the key ours, the verdict, ... False when that alone is the answer, which was sent. */
static bool has_verdict(struct exchange *x, const struct db_result *r, struct str *verdict)
{
	if (r->status != DB_OK) {
		reply_problem(x, r->status == DB_AWAY ? ERR_UNAVAILABLE : ERR_DATABASE, NULL, NULL);
		return false;
	}
	*verdict = db_get(r, 0, 1);
	if (!str_is(db_get(r, 0, 0), "t"))
		reply_problem(x, ERR_UNAUTHORIZED, NULL, "This API key is not one of ours.");
	else if (!verdict->p)
		reply_problem(x, ERR_NOT_FOUND, "id", "This account has nothing with this id.");
	else
		return true;
	return false;
}

static void reply_state(struct exchange *x, int status, struct str id, const char *state,
			struct str known)
{
	struct buf b = buf_new(x->arena, REPLY_MAX);

	json_open(&b, NULL, '{');
	json_put_str(&b, "id", id);
	json_put_str(&b, "state", str_of(state));
	if (known.len)
		json_put_str(&b, "known", known);
	json_close(&b, '}');
	reply_json(x, status, buf_str(&b));
}

/* ---- cancel ---- */

static void on_cancelled(void *ctx, const struct db_result *r)
{
	struct exchange *x = ctx;
	struct str verdict;

	if (!has_verdict(x, r, &verdict))
		return;
	if (str_is(verdict, "cancelled"))
		reply_state(x, 200, x->params[0], "cancelled", STR(""));
	else if (str_is(verdict, "sending"))
		reply_problem(x, ERR_CONFLICT, NULL,
			      "It is on its way, so it may arrive. If it does not leave the "
			      "carrier, it is not tried again.");
	else
		reply_problem(x, ERR_CONFLICT, NULL, "It has ended: nothing is left to cancel.");
}

void acting_cancel(struct exchange *x)
{
	struct field_value v[FIELDS_MAX];
	struct str key_hash;

	v[CANCEL_REASON].given = false;
	if (!auth_key(x, &key_hash) || !reading_id_fits(x, "msg") ||
	    (x->request.body.len && !fields_read(x, "US", v))) /* it needs no body */
		return;
	const struct db_param params[] = {
		db_text(key_hash),
		db_text(x->params[0]),
		db_text(v[CANCEL_REASON].given ? v[CANCEL_REASON].text :
						 STR("It was cancelled before it was sent.")),
	};

	db_query(worker_of(x)->db, DB_API, SQL_MESSAGE_CANCEL, DB_PARAMS(params), on_cancelled, x);
}

/* ---- send again anyway ---- */

static void on_again(void *ctx, const struct db_result *r)
{
	struct exchange *x = ctx;
	struct str verdict, id;

	if (!has_verdict(x, r, &verdict))
		return;
	id = db_get(r, 0, 2);
	if (str_is(verdict, "accepted")) {
		dispatch_wake(worker_of(x)->dispatch);
		exchange_add_header(x, "location",
				    arena_printf(x->arena, "/v1/messages/" STR_FMT, STR_ARG(id)));
		reply_state(x, 202, arena_copy(x->arena, id), "queued", db_get(r, 0, 3));
	} else if (str_is(verdict, "waiting")) {
		reply_problem(x, ERR_CONFLICT, NULL, "It is still waiting to be sent.");
	} else if (str_is(verdict, "delivered")) {
		reply_problem(x, ERR_CONFLICT, NULL, "It is on the guest's phone already.");
	} else {
		reply_problem(
			x, ERR_OPTED_OUT, NULL,
			"This guest replied STOP. They must text START before you can text them.");
	}
}

void acting_again(struct exchange *x)
{
	struct worker *w = worker_of(x);
	int64_t now = clock_wall_ms();
	struct id id = id_new("msg", now);
	struct str key_hash;

	if (!auth_key(x, &key_hash) || !reading_id_fits(x, "msg"))
		return;
	const struct db_param params[] = {
		db_text(key_hash),
		db_text(x->params[0]),
		db_text(id_str(&id)),
		db_int(now + w->config->message_ttl_s * 1000),
	};

	db_query(w->db, DB_API, SQL_MESSAGE_AGAIN, DB_PARAMS(params), on_again, x);
}

/* ---- the carrier that the account prefers ---- */

void acting_prefer(struct exchange *x)
{
	struct field_value v[FIELDS_MAX];
	struct str key_hash;

	if (!auth_key(x, &key_hash) || !fields_read(x, "US", v))
		return;
	const struct db_param params[] = {
		db_text(key_hash),
		db_text_or_null(str_is(v[PREFER_CARRIER].text, "none") ? STR("") :
									 v[PREFER_CARRIER].text),
	};

	db_query(worker_of(x)->db, DB_API, SQL_CARRIER_PREFER, DB_PARAMS(params), reading_done, x);
}
