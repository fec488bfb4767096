/*
 * billing_hook.c - a webhook of Recurly's is a hint: which account it is about is committed, then
 * it gets its 200, within the 5 s that Recurly waits. What changed is fetched afterwards, so lost
 * ones, old ones and ones that come twice do no harm.
 */
#include "billing_hook.h"

#include "clock.h"
#include "json.h"
#include "log.h"
#include "metrics.h"
#include "reply.h"
#include "worker.h"

static void count(const char *outcome)
{
	metrics_count(METRIC_CALLBACKS, LABELS("recurly", outcome));
}

static void turn_away(struct exchange *x, const char *outcome, enum err err, const char *why)
{
	count(outcome);
	log_warn(err == ERR_FORBIDDEN ? "callback_refused" : "callback_unreadable",
		 "carrier=recurly http.request_id=%s why=%s", x->request_id, why);
	if (err == ERR_FORBIDDEN)
		x->suspect = "callback_forged";
	reply_problem(x, err, NULL,
		      err == ERR_FORBIDDEN ? "This is not a webhook of our Recurly." : why);
}

static void on_hinted(void *ctx, const struct db_result *r)
{
	struct exchange *x = ctx;

	count(r->status == DB_OK ? "journalled" : "unavailable");
	if (r->status == DB_OK)
		exchange_reply(x, 200, STR("text/plain"), STR("")); /* also when it is nobody's */
	else							    /* Recurly tries again */
		reply_problem(x, r->status == DB_AWAY ? ERR_UNAVAILABLE : ERR_DATABASE, NULL, NULL);
}

void billing_hook(struct exchange *x)
{
	const struct worker *w = worker_of(x);
	struct str signature = exchange_header(x, "recurly-signature");
	const char *why;

	if (!w->recurly) {
		reply_problem(x, ERR_NOT_FOUND, NULL, "There is no billing here.");
		return;
	}
	if (!recurly_signed(x->arena, w->recurly, signature, x->request.body, clock_wall_ms(),
			    &why)) {
		turn_away(x, "refused", ERR_FORBIDDEN, why);
		return;
	}
	const struct json *body = json_parse(x->arena, x->request.body, &why);

	if (!body || body->type != JSON_OBJECT) {
		turn_away(x, "unreadable", ERR_BAD_REQUEST, body ? "it is not an object" : why);
		return;
	}
	const struct db_param params[] = { db_text(json_str(body, "account_code")) };

	db_query(w->db, DB_JOURNAL, SQL_BILLING_HINT, DB_PARAMS(params), on_hinted, x);
}
