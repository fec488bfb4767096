/*
 * sending.c - the flow of one attempt. Its row is committed before a byte leaves; its outcome is
 * committed after. Whatever happens in between, the row says that an attempt was made.
 */
#include "sending.h"

#include <assert.h>
#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "secret.h"

#define CONNECT_MS 3000
#define WRITE_WITHIN_MS 3000
#define ANSWER_MAX 65536

struct sending {
	struct flow flow;
	struct sending_room *room;
	struct arena *arena;
	struct claimed message;
	struct candidate candidates[CANDIDATES_MAX];
	size_t candidate_num;
	struct past_attempt past[ATTEMPTS_MAX];
	size_t past_num;
	struct str stale_attempt; /* one whose process died: its outcome is unknown */
	const struct carrier *carrier;
	struct str from;
	struct id attempt_id;
	struct settlement outcome;
	struct str carrier_id, code;
	int http_status;
	bool again_now;
};

static struct sending *sending_of(struct flow *f)
{
	return container_of(f, struct sending, flow);
}

/* ---- reading what was claimed ---- */

/* "twilio +12125550001,telnyx +1773...": ours at configured carriers, preferred carrier first. */
static void read_numbers(struct sending *s)
{
	const struct carrier_list *carriers = s->room->settings->carriers;

	for (size_t i = 0; i < carriers->num; i++) {
		struct str rest = s->message.numbers;

		while (rest.len && s->candidate_num < CANDIDATES_MAX) {
			struct str number = str_cut(&rest, ',');
			struct str provider = str_cut(&number, ' ');

			if (!str_is(provider, carriers->at[i].provider->name))
				continue;
			s->candidates[s->candidate_num++] = (struct candidate){
				carriers->at[i].provider, number
			};
		}
	}
}

/* The number the host asked for comes first, whatever the preferred carrier. */
static void prefer_number(struct sending *s)
{
	for (size_t i = 1; s->message.number.len && i < s->candidate_num; i++) {
		struct candidate asked = s->candidates[i];

		if (!str_eq(asked.number, s->message.number))
			continue;
		memmove(s->candidates + 1, s->candidates, i * sizeof(asked));
		s->candidates[0] = asked;
		return;
	}
}

/* "twilio rejected back-off att_...,telnyx intent - att_...": earlier attempts in their order. */
static void read_attempts(struct sending *s)
{
	struct str rest = s->message.attempts;

	while (rest.len && s->past_num < ATTEMPTS_MAX) {
		struct str attempt = str_cut(&rest, ',');
		const struct provider *p = provider_find(str_cut(&attempt, ' '));
		struct str state = str_cut(&attempt, ' ');
		struct str handling = str_cut(&attempt, ' ');
		bool ended = str_is(state, "rejected") || str_is(state, "abandoned");

		if (!ended)
			s->stale_attempt = attempt;
		if (p)
			s->past[s->past_num++] = (struct past_attempt){
				p, str_is(handling, handling_name(HANDLING_BACK_OFF))
			};
	}
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
	unsigned asked_before;

	read_numbers(s);
	prefer_number(s);
	read_attempts(s);
	if (s->stale_attempt.len) { /* its process died with it: only the carrier knows */
		s->outcome = (struct settlement){
			.attempt_state = "ambiguous",
			.sentence = STR("The gateway stopped while it was being sent."),
			.message_state = "unknown",
			.message_rank = 2,
			.reason = STR(
				"It may have been sent when the gateway stopped, so it is not "
				"sent again."),
		};
		return FLOW_NEXT;
	}
	const struct candidate *c = choose(s->candidates, s->candidate_num, s->past, s->past_num,
					   &asked_before);
	if (!c) /* its numbers were taken away since it was accepted: it waits for new ones */
		return FLOW_NEXT;
	s->carrier = carrier_find(s->room->settings->carriers, str_of(c->provider->name));
	s->from = c->number;
	s->attempt_id = id_new("att", clock_wall_ms());
	return FLOW_NEXT;
}

static void on_opened(void *ctx, const struct db_row *row)
{
	struct sending *s = ctx;
	struct str verdict = row->row < 0 ? STR("away") : db_get(row->result, row->row, 1);

	if (!str_is(verdict, "opened")) {
		log_info("not_sent", "flow=%s step=open message=" STR_FMT " verdict=" STR_FMT,
			 s->flow.name, STR_ARG(s->message.message_id), STR_ARG(verdict));
		flow_fail(&s->flow, row->status == DB_OK ? ERR_CONFLICT : ERR_UNAVAILABLE);
	}
	flow_release(&s->flow);
}

static enum flow_verdict open_attempt(struct flow *f)
{
	struct sending *s = sending_of(f);

	if (s->stale_attempt.len)
		return FLOW_NEXT; /* it only has to be settled */
	const struct db_param row[] = {
		db_text(s->message.account_id),
		db_text(s->message.message_id),
		db_text(id_str(&s->attempt_id)),
		db_int((int64_t)s->past_num + 1),
		db_text_or_null(str_of(s->carrier ? s->carrier->provider->name : NULL)),
		db_text_or_null(s->from),
	};
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
		.candidates = s->candidates,
		.candidate_num = s->candidate_num,
		.past = s->past,
		.past_num = s->past_num,
	};

	if (r->transport == HTTP_ANSWERED) {
		s->carrier->provider->parse_send(s->arena, r, &result);
		in.result = &result;
		s->carrier_id = arena_copy(s->arena, result.carrier_id);
		s->code = arena_copy(s->arena, result.code_text);
		if (result.code && result.code->alarm)
			log_error("carrier_account", "provider=%s code=" STR_FMT " says=%s",
				  s->carrier->provider->name, STR_ARG(s->code),
				  result.code->sentence);
	}
	secret_random(&in.jitter, sizeof(in.jitter));
	s->http_status = r->status;
	s->outcome = delivery_settle(s->arena, &in);
	flow_release(&s->flow);
}

static enum flow_verdict send_request(struct flow *f)
{
	struct sending *s = sending_of(f);
	const struct dispatch_settings *settings = s->room->settings;

	if (!s->carrier)
		return FLOW_NEXT;
	const struct outgoing_text text = {
		.to = s->message.phone,
		.from = s->from,
		.body = s->message.body,
		.account_id = s->message.account_id,
		.attempt_id = id_str(&s->attempt_id),
		.validity_s = settings->validity_s,
	};
	const struct http_limits limits = {
		.connect_ms = CONNECT_MS,
		.total_ms = settings->timeout_ms,
		.response_max = ANSWER_MAX,
		.write_by_ms = clock_mono_ms() + WRITE_WITHIN_MS,
	};
	struct http_request request;

	s->carrier->provider->build_send(s->arena, &s->carrier->account, &text, &request);
	flow_hold(f);
	http_client_send(settings->http, &request, &limits, on_answer, s);
	return FLOW_NEXT;
}

static void on_settled(void *ctx, const struct db_row *row)
{
	struct sending *s = ctx;

	log_debug("attempt_settled", "flow=%s step=settle message=" STR_FMT " attempt=%s state=%s",
		  s->flow.name, STR_ARG(s->message.message_id), s->attempt_id.text,
		  s->outcome.attempt_state);
	if (row->status != DB_OK) /* the lease ends, and whoever claims it next finds the attempt */
		flow_fail(&s->flow, ERR_UNAVAILABLE);
	s->again_now = row->status == DB_OK && s->outcome.again && !s->outcome.delay_ms;
	flow_release(&s->flow);
}

static enum flow_verdict settle(struct flow *f)
{
	struct sending *s = sending_of(f);
	const struct settlement *o = &s->outcome;
	const struct db_param row[] = {
		db_text(s->message.account_id),
		db_text(s->message.message_id),
		db_text(s->carrier ? id_str(&s->attempt_id) : s->stale_attempt),
		db_text(str_of(o->attempt_state)),
		db_text_or_null(s->carrier_id),
		s->http_status ? db_int(s->http_status) : db_text_or_null(STR("")),
		db_text_or_null(s->code),
		db_text_or_null(str_of(o->handling)),
		db_text(o->sentence),
		db_text_or_null(str_of(o->message_state)),
		db_int(o->message_rank),
		db_text_or_null(o->reason),
		db_text(o->again ? STR("again") : STR("end")),
		db_int(o->delay_ms),
		db_int(o->opt_out),
	};

	flow_hold(f);
	db_batch_add(s->room->settle, row, on_settled, s);
	return FLOW_NEXT;
}

/* ---- the whole ---- */

static void finish(struct flow *f, enum err err)
{
	struct sending *s = sending_of(f);
	struct sending_room *room = s->room;
	bool again_now = s->again_now;

	(void)err; /* logged where it happened; the queue row says what is left to do */
	arena_free(s->arena);
	free(s);
	room->done(room, again_now);
}

void sending_start(struct sending_room *room, const struct claimed *m)
{
	struct sending *s = calloc(1, sizeof(*s));
	struct arena *a = arena_new();

	assert(s);
	s->room = room;
	s->arena = a;
	s->message = (struct claimed){
		.account_id = arena_copy(a, m->account_id),
		.message_id = arena_copy(a, m->message_id),
		.phone = arena_copy(a, m->phone),
		.body = arena_copy(a, m->body),
		.number = arena_copy(a, m->number),
		.numbers = arena_copy(a, m->numbers),
		.attempts = arena_copy(a, m->attempts),
	};
	flow_start(&s->flow, "dispatch", steps, finish);
}

void sending_room_open(struct sending_room *room, const struct dispatch_settings *s)
{
	room->settings = s;
	/* account, message, attempt, ordinal, provider, number */
	room->open = db_batch_new(s->db, s->loop, DB_WORK, SQL_ATTEMPT_OPEN, "tttitt");
	/* account, message, attempt, state, carrier id, HTTP status, code, handling, sentence,
	 * message state, rank, reason, next, delay, opt-out */
	room->settle = db_batch_new(s->db, s->loop, DB_WORK, SQL_ATTEMPT_SETTLE, "tttttittttittii");
}
