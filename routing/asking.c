/*
 * asking.c - one question to a carrier about one attempt, and what is made of the answer: has it a
 * text whose answer was lost; how far is one that it accepted and never reported on? An attempt
 * whose process died is first marked as unknown: its write deadline and its lease are over by then.
 */
#include "asking.h"

#include <assert.h>
#include <stdlib.h>

#include "clock.h"
#include "crash.h"
#include "flow.h"
#include "log.h"
#include "measure.h"
#include "reporting.h"

struct asking {
	struct flow flow;
	struct room *room;
	struct arena *arena;
	struct claimed *message;
	const struct carrier *carrier; /* NULL: we have no account there any more */
	struct lost_text lost;
	struct http_response list; /* the carrier's answer; kept while its texts are read */
	struct lookup_result found;
	struct event fetched; /* "accepted": what should have come as a callback */
	bool was_fetched;
	struct report reported; /* what that means */
	bool not_asked;		/* the carrier is out */
	struct settlement outcome;
	bool again_now;
};

static struct asking *asking_of(struct flow *f)
{
	return container_of(f, struct asking, flow);
}

static const struct outbound *way_of(const struct asking *s)
{
	return provider_on(s->carrier->provider, s->message->channel);
}

/* ---- the steps ---- */

static enum flow_verdict ask(struct flow *f);
static enum flow_verdict read_it(struct flow *f);
static enum flow_verdict decide(struct flow *f);
static enum flow_verdict report(struct flow *f);
static enum flow_verdict settle(struct flow *f);

static const struct flow_step steps[] = {
	{ "ask", ask },	      /* the carrier: has it this text? how far is it? */
	{ "read", read_it },  /* the carrier, when its list has no words: are they these? */
	{ "decide", decide }, /* pure: accepted, given up, or asked again */
	{ "report", report }, /* database: the receipt that was fetched, as if it had come */
	{ "settle", settle }, /* database: what was learnt, and what follows */
	{ NULL, NULL },
};

/* Another answer of the carrier's, good or bad. */
static void count(struct asking *s, const struct http_response *r)
{
	measure_request(s->carrier->provider, "ask", r);
	health_ended(s->room->settings->health, s->carrier->provider, OPERATION_ASK,
		     health_outcome(r, NULL));
}

static void on_answer(void *ctx, const struct http_response *r)
{
	struct asking *s = ctx;
	const struct outbound *way = way_of(s);

	count(s, r);
	if (r->transport == HTTP_ANSWERED && s->lost.attempt_id.len) {
		crash_point(lookup_answered);
		s->list = (struct http_response){ .transport = r->transport,
						  .status = r->status,
						  .body = arena_copy(s->arena, r->body) };
		way->parse_lookup(s->arena, &s->lost, &s->list, &s->found);
	} else if (r->transport == HTTP_ANSWERED) {
		crash_point(receipt_fetched);
		s->was_fetched = way->parse_fetch(s->arena, r, &s->fetched);
	}
	s->found.carrier_id = arena_copy(s->arena, s->found.carrier_id);
	flow_release(&s->flow);
}

static void build_question(struct asking *s, struct http_request *request)
{
	const struct live_attempt *live = &s->message->live;
	const struct carrier *c = s->carrier;

	if (str_is(live->state, "accepted")) {
		way_of(s)->build_fetch(s->arena, &c->account, live->carrier_id, request);
		return;
	}
	s->lost = (struct lost_text){
		.to = s->message->phone,
		.from = live->number,
		.body = s->message->body,
		.attempt_id = live->attempt_id,
		.opened_ms = live->opened_ms,
		.known = live->known,
		.nameless = live->doubt,
	};
	way_of(s)->build_lookup(s->arena, &c->account, &s->lost, request);
}

/* There is a question, and somebody to ask. */
static bool may_ask(const struct asking *s)
{
	const struct live_attempt *live = &s->message->live;

	if (!s->carrier || s->not_asked)
		return false;
	return str_is(live->state, "ambiguous") ||
	       (str_is(live->state, "accepted") && live->carrier_id.len);
}

static void put(struct asking *s, const struct http_request *request, http_done *done)
{
	const struct dispatch_settings *settings = s->room->settings;
	const struct http_limits limits = {
		.connect_ms = CONNECT_MS,
		.total_ms = settings->timeout_ms,
		.response_max = ANSWER_MAX,
	};

	health_began(settings->health, s->carrier->provider, OPERATION_ASK, true);
	flow_hold(&s->flow);
	http_client_send(settings->http, request, &limits, done, s);
}

static enum flow_verdict ask(struct flow *f)
{
	struct asking *s = asking_of(f);
	const struct dispatch_settings *settings = s->room->settings;
	struct http_request request;

	s->found.outcome = LOOKUP_UNAVAILABLE;
	s->carrier = carrier_find(settings->carriers, s->message->live.provider);
	s->not_asked = s->carrier && !health_may_ask(settings->health, s->carrier->provider);
	if (!may_ask(s))
		return FLOW_NEXT;
	build_question(s, &request);
	put(s, &request, on_answer);
	return FLOW_NEXT;
}

static void on_read(void *ctx, const struct http_response *r);

static void read_next(struct asking *s)
{
	struct http_request request;

	way_of(s)->build_fetch(s->arena, &s->carrier->account, s->found.carrier_id, &request);
	put(s, &request, on_read);
}

/* Other words: it is another text, and the next of the list is read. */
static void on_read(void *ctx, const struct http_response *r)
{
	struct asking *s = ctx;
	struct event text;

	count(s, r);
	if (r->transport != HTTP_ANSWERED || !way_of(s)->parse_fetch(s->arena, r, &text)) {
		s->found.outcome = LOOKUP_UNAVAILABLE;
	} else if (!str_eq(text.body, s->message->body)) {
		s->lost.known = arena_printf(s->arena, STR_FMT "," STR_FMT, STR_ARG(s->lost.known),
					     STR_ARG(s->found.carrier_id));
		way_of(s)->parse_lookup(s->arena, &s->lost, &s->list, &s->found);
		if (s->found.outcome == LOOKUP_FOUND)
			read_next(s);
	}
	flow_release(&s->flow);
}

static enum flow_verdict read_it(struct flow *f)
{
	struct asking *s = asking_of(f);

	if (s->found.outcome == LOOKUP_FOUND && s->found.unread)
		read_next(s);
	return FLOW_NEXT;
}

static enum flow_verdict decide(struct flow *f)
{
	struct asking *s = asking_of(f);
	const struct claimed *m = s->message;
	const struct look_input in = {
		.provider = provider_find(m->live.provider),
		.outcome = s->found.outcome,
		.looks = m->live.looks,
		.not_asked = s->not_asked,
		.asked_ms = m->now_ms,
		.dead_ms = m->live.dead_ms,
		.arrive_ms = m->arrive_ms,
		.candidates = m->candidates,
		.candidate_num = m->candidate_num,
		.past = m->past,
		.past_num = m->past_num,
	};

	assert(in.provider);
	if (str_is(m->live.state, "accepted"))
		s->outcome = delivery_no_receipt(s->arena, in.provider, s->was_fetched);
	else if (str_is(m->live.state, "ambiguous"))
		s->outcome = delivery_look(s->arena, &in);
	else
		s->outcome = delivery_lost(s->arena, in.provider,
					   STR("The gateway stopped while it was being sent."));
	return FLOW_NEXT;
}

static void on_reported(void *ctx, const struct db_row *row)
{
	struct asking *s = ctx;

	crash_point(receipt_applied);
	measure_report(row, &s->fetched, &s->reported);
	if (row->status != DB_OK)
		flow_fail(&s->flow, ERR_UNAVAILABLE);
	flow_release(&s->flow);
}

static enum flow_verdict report(struct flow *f)
{
	struct asking *s = asking_of(f);

	if (!s->was_fetched || s->fetched.kind != EVENT_STATUS)
		return FLOW_NEXT;
	if (delivery_is_final(s->fetched.status)) {
		s->outcome.sentence = arena_printf(s->arena, "Asked for its receipt, %s has one.",
						   s->carrier->provider->title);
		health_unheard(s->room->settings->health, s->carrier->provider);
	}
	s->fetched.account_id = s->message->account_id;
	s->fetched.attempt_id = s->message->live.attempt_id;
	s->fetched.to = s->message->phone;
	flow_hold(f);
	s->reported = reporting_add(
		s->room->reports, s->arena,
		&(struct reported){ s->carrier->provider, &s->fetched, s->message->now_ms },
		on_reported, s);
	return FLOW_NEXT;
}

static void on_settled(void *ctx, const struct db_row *row)
{
	struct asking *s = ctx;

	log_info("attempt_asked",
		 "flow=%s step=settle message=" STR_FMT " attempt=" STR_FMT " state=%s",
		 s->flow.name, STR_ARG(s->message->message_id),
		 STR_ARG(s->message->live.attempt_id), s->outcome.attempt_state);
	measure_settled(row, &s->outcome);
	if (row->status != DB_OK) /* the lease ends, and it is asked again */
		flow_fail(&s->flow, ERR_UNAVAILABLE);
	crash_point(lookup_settled);
	s->again_now = room_more_due(row, &s->outcome);
	flow_release(&s->flow);
}

static enum flow_verdict settle(struct flow *f)
{
	struct asking *s = asking_of(f);
	const struct settled_attempt attempt = { .attempt_id = s->message->live.attempt_id,
						 .carrier_id = s->found.carrier_id };

	flow_hold(f);
	room_settle(s->room, s->message, &attempt, &s->outcome, on_settled, s);
	return FLOW_NEXT;
}

/* ---- the whole ---- */

static void finish(struct flow *f, enum err err)
{
	struct asking *s = asking_of(f);
	struct room *room = s->room;
	bool again_now = s->again_now;

	(void)err; /* logged where it happened */
	arena_free(s->arena);
	free(s);
	room->done(room, again_now);
}

void asking_start(struct room *room, struct claimed *m, struct arena *arena)
{
	struct asking *s = calloc(1, sizeof(*s));

	assert(s && m->live.attempt_id.len);
	s->room = room;
	s->arena = arena;
	s->message = m;
	flow_start(&s->flow, "asking", steps, finish);
}
