/*
 * sending.c - the flow of one attempt. Its row is committed before a byte leaves; its outcome is
 * committed after. Whatever happens in between, the row says that an attempt was made.
 */
#include "sending.h"

#include <assert.h>
#include <stdlib.h>

#include "clock.h"
#include "crash.h"
#include "flow.h"
#include "id.h"
#include "log.h"
#include "measure.h"
#include "secret.h"
#include "zone.h"

struct sending {
	struct flow flow;
	struct room *room;
	struct arena *arena;
	struct claimed *message;
	const struct carrier *carrier; /* NULL: there is none to send through */
	const struct candidate *number;
	unsigned wait_ms; /* no carrier: there may be one then */
	struct id attempt_id;
	int64_t write_by_ms; /* monotonic */
	struct settlement outcome;
	struct str carrier_id, code;
	int http_status;
	bool again_now;
};

static struct sending *sending_of(struct flow *f)
{
	return container_of(f, struct sending, flow);
}

static const struct outbound *way_of(const struct sending *s)
{
	return provider_on(s->carrier->provider, s->message->channel);
}

/* ---- the steps ---- */

static enum flow_verdict choose_carrier(struct flow *f);
static enum flow_verdict open_attempt(struct flow *f);
static enum flow_verdict send_request(struct flow *f);
static enum flow_verdict settle(struct flow *f);

static const struct flow_step steps[] = {
	{ "choose", choose_carrier }, /* pure: which carrier, which number */
	{ "open", open_attempt },     /* database: the attempt's row, before a byte leaves */
	{ "send", send_request },     /* the carrier */
	{ "settle", settle },	      /* database: what it came to, and what follows */
	{ NULL, NULL },
};

static enum flow_verdict choose_carrier(struct flow *f)
{
	struct sending *s = sending_of(f);
	const struct claimed *m = s->message;
	struct standing standings[CANDIDATES_MAX];
	struct choosing in = {
		.candidates = m->candidates,
		.standings = standings,
		.candidate_num = m->candidate_num,
		.past = m->past,
		.past_num = m->past_num,
	};

	for (size_t i = 0; i < m->candidate_num; i++)
		standings[i] = health_standing(s->room->settings->health, m->candidates[i].provider,
					       m->past_num);
	secret_random(&in.draw, sizeof(in.draw));
	in.draw %= 100;
	struct choice r = choose_route(&in);

	s->attempt_id = id_new("att", clock_wall_ms());
	s->number = r.candidate;
	s->wait_ms = r.wait_ms;
	if (r.candidate) /* else opening will say whether that is for now, or for good */
		s->carrier = carrier_find(s->room->settings->carriers,
					  str_of(r.candidate->provider->name));
	return FLOW_NEXT;
}

static void on_opened(void *ctx, const struct db_row *row)
{
	struct sending *s = ctx;
	struct str verdict = row->row < 0 ? STR("away") : db_get(row->result, row->row, 1);

	measure_verdict(verdict);
	if (!str_is(verdict, "opened")) {
		log_info("not_sent", "flow=%s step=open message=" STR_FMT " verdict=" STR_FMT,
			 s->flow.name, STR_ARG(s->message->message_id), STR_ARG(verdict));
		flow_fail(&s->flow, row->status == DB_OK ? ERR_CONFLICT : ERR_UNAVAILABLE);
	} else {
		crash_point(attempt_opened);
	}
	flow_release(&s->flow);
}

static enum flow_verdict open_attempt(struct flow *f)
{
	struct sending *s = sending_of(f);
	const struct carrier_list *carriers = s->room->settings->carriers;
	bool calls = s->message->channel == CHANNEL_VOICE;
	const struct db_param row[] = {
		db_text(s->message->account_id),
		db_text(s->message->message_id),
		db_text(s->message->conversation_id),
		db_text(id_str(&s->attempt_id)),
		db_int((int64_t)s->message->past_num + 1),
		db_text(s->message->claim),
		db_text_or_null(str_of(s->carrier ? s->carrier->provider->name : NULL)),
		db_text_or_null(s->carrier ? s->number->number : STR("")),
		db_int(s->carrier ? dispatch_dead_after_ms(s->room->settings, way_of(s)) : 0),
		db_int(s->carrier && !calls ? s->number->pace : 0),
		db_int(s->carrier ? (calls ? carriers->pace_calls : s->carrier->pace) : 0),
		db_int(s->wait_ms),
		db_text_or_null(phone_zones(s->message->phone)),
	};

	s->write_by_ms = clock_mono_ms() + WRITE_WITHIN_MS; /* from before its row is opened */
	flow_hold(f);
	db_batch_add(s->room->open, row, on_opened, s);
	return FLOW_NEXT;
}

static void on_answer(void *ctx, const struct http_response *r)
{
	struct sending *s = ctx;
	struct send_result result = { 0 };
	struct settle_input in = {
		.provider = s->carrier->provider,
		.response = r,
		.candidates = s->message->candidates,
		.candidate_num = s->message->candidate_num,
		.past = s->message->past,
		.past_num = s->message->past_num,
	};

	crash_point(attempt_answered);
	if (r->transport == HTTP_ANSWERED) {
		way_of(s)->parse_send(s->arena, r, &result);
		in.result = &result;
		s->carrier_id = arena_copy(s->arena, result.carrier_id);
		s->code = arena_copy(s->arena, result.code_text);
		if (result.code && result.code->alarm)
			log_error("carrier_account", "provider=%s code=" STR_FMT " says=%s",
				  s->carrier->provider->name, STR_ARG(s->code),
				  result.code->sentence);
	}
	measure_request(s->carrier->provider,
			s->message->channel == CHANNEL_VOICE ? "call" : "send", r);
	health_ended(s->room->settings->health, s->carrier->provider, OPERATION_SEND,
		     health_outcome(r, in.result));
	secret_random(&in.jitter, sizeof(in.jitter));
	s->http_status = r->status;
	s->outcome = delivery_settle(s->arena, &in);
	flow_release(&s->flow);
}

static enum flow_verdict send_request(struct flow *f)
{
	struct sending *s = sending_of(f);
	const struct dispatch_settings *settings = s->room->settings;

	const struct outgoing text = {
		.to = s->message->phone,
		.from = s->number->number,
		.body = s->message->body,
		.account_id = s->message->account_id,
		.attempt_id = id_str(&s->attempt_id),
		.validity_s = settings->validity_s,
	};
	const struct http_limits limits = {
		.connect_ms = CONNECT_MS,
		.total_ms = settings->timeout_ms,
		.response_max = ANSWER_MAX,
		.write_by_ms = s->write_by_ms,
	};
	struct http_request request;

	way_of(s)->build_send(s->arena, &s->carrier->account, &text, &request);
	health_began(settings->health, s->carrier->provider, OPERATION_SEND, s->message->past_num);
	flow_hold(f);
	http_client_send(settings->http, &request, &limits, on_answer, s);
	return FLOW_NEXT;
}

static void on_settled(void *ctx, const struct db_row *row)
{
	struct sending *s = ctx;

	log_debug("attempt_settled", "flow=%s step=settle message=" STR_FMT " attempt=%s state=%s",
		  s->flow.name, STR_ARG(s->message->message_id), s->attempt_id.text,
		  s->outcome.attempt_state);
	measure_settled(row, &s->outcome);
	if (row->status != DB_OK) /* the lease ends, and whoever claims it next finds the attempt */
		flow_fail(&s->flow, ERR_UNAVAILABLE);
	crash_point(attempt_settled);
	s->again_now = room_more_due(row, &s->outcome);
	flow_release(&s->flow);
}

static enum flow_verdict settle(struct flow *f)
{
	struct sending *s = sending_of(f);
	const struct settled_attempt attempt = { .attempt_id = id_str(&s->attempt_id),
						 .carrier_id = s->carrier_id,
						 .code = s->code,
						 .http_status = s->http_status };

	flow_hold(f);
	room_settle(s->room, s->message, &attempt, &s->outcome, on_settled, s);
	return FLOW_NEXT;
}

/* ---- the whole ---- */

static void finish(struct flow *f, enum err err)
{
	struct sending *s = sending_of(f);
	struct room *room = s->room;
	bool again_now = s->again_now;

	(void)err; /* logged where it happened; the queue row says what is left to do */
	arena_free(s->arena);
	free(s);
	room->done(room, again_now);
}

void sending_start(struct room *room, struct claimed *m, struct arena *arena)
{
	struct sending *s = calloc(1, sizeof(*s));

	assert(s && !m->live.attempt_id.len);
	s->room = room;
	s->arena = arena;
	s->message = m;
	flow_start(&s->flow, "dispatch", steps, finish);
}
