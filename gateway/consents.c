/*
 * consents.c - staff may stop texts at once, and undo what staff did. Texts that the guest stopped,
 * only the guest starts: by texting START, since carriers block until then as well.
 */
#include "consents.h"

#include "auth.h"
#include "clock.h"
#include "fields.h"
#include "id.h"
#include "reading.h"
#include "reply.h"
#include "worker.h"

/* Row: is the key one of ours, verdict, the state now as JSON. */
static void on_recorded(void *ctx, const struct db_result *r)
{
	struct exchange *x = ctx;

	if (r->status != DB_OK) {
		reply_problem(x, r->status == DB_AWAY ? ERR_UNAVAILABLE : ERR_DATABASE, NULL, NULL);
		return;
	}
	struct str verdict = db_get(r, 0, 1);

	if (!str_is(db_get(r, 0, 0), "t"))
		reply_problem(x, ERR_UNAUTHORIZED, NULL, "This API key is not one of ours.");
	else if (!verdict.p)
		reply_problem(x, ERR_NOT_FOUND, "id", "This account has nothing with this id.");
	else if (str_is(verdict, "done"))
		reply_json(x, 200, arena_copy(x->arena, db_get(r, 0, 2)));
	else if (str_is(verdict, "flagged"))
		reply_problem(x, ERR_CONFLICT, "action",
			      "The guest's words are flagged. Read them, then clear the flag, or "
			      "confirm it with stop.");
	else
		reply_problem(x, ERR_CONFLICT, "action",
			      "The guest stopped the texts. Only they can start them again, by "
			      "texting START.");
}

void consents_record(struct exchange *x)
{
	struct field_value values[FIELDS_MAX];
	struct id event = id_new("evt", clock_wall_ms());
	struct worker *w = worker_of(x);
	struct str key_hash;

	if (!auth_key(x, &key_hash) || !reading_id_fits(x, "cnv") ||
	    !fields_read(x, arena_cstr(x->arena, w->config->default_region), values))
		return;
	const struct db_param params[] = {
		db_text(key_hash),
		db_text(x->params[0]),
		db_text(values[CONSENT_ACTION].text),
		db_text_or_null(values[CONSENT_WORDS].text),
		db_text(id_str(&event)),
	};

	db_query(w->db, DB_API, SQL_CONSENT_RECORD, DB_PARAMS(params), on_recorded, x);
}
