/*
 * webhooks.c - a carrier's 200 means that the callback is committed, and with it what the guest
 * said about being texted. Telnyx waits 2 s for it, so nothing else happens here.
 */
#include "webhooks.h"

#include "clock.h"
#include "crash.h"
#include "journal.h"
#include "log.h"
#include "metrics.h"
#include "reply.h"
#include "worker.h"

/* A callback on its way into the journal; in the exchange's arena. */
struct receipt {
	struct exchange *x;
	const struct provider *provider;
	enum channel channel;
};

static void count(const struct provider *p, const char *outcome)
{
	metrics_count(METRIC_CALLBACKS, LABELS(p->name, outcome));
}

static void on_journalled(void *ctx, const struct db_row *row)
{
	const struct receipt *r = ctx;

	crash_point(callback_journalled);
	count(r->provider, row->status == DB_OK ? "journalled" : "unavailable");
	if (row->status != DB_OK) { /* the carrier tries again */
		reply_problem(r->x, row->status == DB_AWAY ? ERR_UNAVAILABLE : ERR_DATABASE, NULL,
			      NULL);
		return;
	}
	inbound_wake(worker_of(r->x)->inbound);
	/* a call goes on as it was told: what is answered here could be taken for a script */
	exchange_reply(r->x, 200, r->provider->ack_type,
		       r->channel == CHANNEL_VOICE ? STR("") : r->provider->ack_body);
}

/* Everything of it that PostgreSQL will be asked to keep as text. */
static bool storable(const struct exchange *x, const struct event *e)
{
	return str_is_text(x->request.url) && str_is_text(exchange_header(x, "content-type")) &&
	       str_is_text(x->request.body) && str_is_text(e->from) && str_is_text(e->to) &&
	       str_is_text(e->event_id) && str_is_text(e->carrier_id) && str_is_text(e->body) &&
	       str_is_text(e->status_text) && str_is_text(e->code_text);
}

const struct carrier *webhooks_verified(struct exchange *x, struct http_request *request)
{
	const struct carrier *c = carrier_find(worker_of(x)->carriers, x->params[0]);
	const char *why = "";

	if (!c) {
		reply_problem(x, ERR_NOT_FOUND, "carrier", "We have no account at this carrier.");
		return NULL;
	}
	*request = x->request; /* signed is what the carrier called: never Host */
	request->url = arena_printf(x->arena, STR_FMT STR_FMT, STR_ARG(c->account.public_url),
				    STR_ARG(x->request.url));
	if (c->provider->verify_webhook(x->arena, &c->account, request, clock_wall_ms() / 1000,
					&why) == WEBHOOK_VALID)
		return c;
	count(c->provider, "refused");
	log_warn("callback_refused", "carrier=%s http.request_id=%s path=" STR_FMT " why=%s",
		 c->provider->name, x->request_id, STR_ARG(x->path), why);
	x->suspect = "callback_forged";
	reply_problem(x, ERR_FORBIDDEN, NULL, "This is not a callback of our carrier.");
	return NULL;
}

void webhooks_receive(struct exchange *x)
{
	struct worker *w = worker_of(x);
	struct http_request request;
	const struct carrier *c = webhooks_verified(x, &request);
	struct receipt *r = arena_zero(x->arena, sizeof(*r));
	const char *why = "it holds bytes that are not UTF-8 text";
	struct event event = { 0 };

	if (!c)
		return;
	if (!c->provider->parse_webhook(x->arena, &request, &event, &why) || !storable(x, &event)) {
		count(c->provider, "unreadable");
		log_warn("callback_unreadable", "carrier=%s http.request_id=%s why=%s",
			 c->provider->name, x->request_id, why);
		reply_problem(x, ERR_BAD_REQUEST, NULL, why);
		return;
	}
	if (db_batch_full(w->journal)) {
		count(c->provider, "unavailable");
		reply_problem(x, ERR_UNAVAILABLE, NULL, NULL);
		return;
	}
	crash_point(callback_verified);
	*r = (struct receipt){ x, c->provider, event.channel };
	journal_add(w->journal, x->arena,
		    &(struct journalled){
			    .provider = c->provider,
			    .target = x->request.url,
			    .content_type = exchange_header(x, "content-type"),
			    .body = x->request.body,
			    .event = &event,
		    },
		    on_journalled, r);
}
