/* delivery.c - from a carrier's answer to what we record and do next. */
#include "delivery.h"

#include <assert.h>

#define FIRST_DELAY_MS 1000
#define MAX_DELAY_MS 60000
#define FIRST_LOOK_MS 2000
#define LOOK_AFTER_DEAD_MS 1000
#define LOOK_WHEN_DEAD_MS 10000
#define LOOK_NOT_ASKED_MS 2000	  /* its breaker is open: it may be the one to try it */
#define UNCERTAIN_AFTER_MS 120000 /* past dead_ms without an answer: a host decides */

enum { RANK_UNKNOWN = 1, RANK_UNCERTAIN, RANK_SENT, RANK_ENDED, RANK_DELIVERED };

static struct settlement accepted(struct arena *a, const struct settle_input *in)
{
	return (struct settlement){
		.attempt_state = "accepted",
		.sentence = arena_printf(a, "%s accepted it.", in->provider->title),
		.message_state = "sent",
		.message_rank = RANK_SENT,
	};
}

struct settlement delivery_lost(struct arena *a, const struct provider *p, struct str what)
{
	return (struct settlement){
		.attempt_state = "ambiguous",
		.sentence = what,
		.message_state = "unknown",
		.message_rank = RANK_UNKNOWN,
		.reason = arena_printf(a, "It may have been sent; %s is being asked.", p->title),
		.again = true,
		.delay_ms = FIRST_LOOK_MS,
	};
}

/* A byte may have left and no clear answer came: only the carrier knows. Not sent again unasked. */
static struct settlement unclear(struct arena *a, const struct settle_input *in)
{
	const char *title = in->provider->title;
	struct str what;

	if (in->result && in->result->outcome == SEND_ACCEPTED)
		what = arena_printf(a, "%s says that it took it, but not under which id.", title);
	else if (in->result)
		what = arena_printf(a,
				    "%s answered with an error (HTTP %d) that does not say whether "
				    "it took the text.",
				    title, in->response->status);
	else
		what = arena_printf(a, "%s may have taken it: no clear answer came (%s).", title,
				    in->response->error);
	return delivery_lost(a, in->provider, what);
}

static unsigned delay_ms(unsigned asked_before, unsigned retry_after_s, unsigned jitter)
{
	unsigned delay = FIRST_DELAY_MS;

	if (!asked_before)
		return 0;
	for (unsigned i = 1; i < asked_before && delay < MAX_DELAY_MS; i++)
		delay *= 2;
	delay = delay > MAX_DELAY_MS ? MAX_DELAY_MS : delay;
	delay = delay / 2 + jitter % (delay / 2 + 1);
	return delay > retry_after_s * 1000 ? delay : retry_after_s * 1000;
}

/* Definitely not sent: another try, if there is a carrier left to ask. `past` has this attempt. */
static void try_elsewhere(struct settlement *s, const struct settle_input *in,
			  const struct past_attempt *past, size_t past_num)
{
	unsigned asked_before, retry_after = in->result ? in->result->retry_after_s : 0;

	if (choose(in->candidates, in->candidate_num, past, past_num, &asked_before)) {
		s->again = true;
		s->delay_ms = delay_ms(asked_before, retry_after, in->jitter);
		return;
	}
	s->message_state = "failed";
	s->message_rank = RANK_ENDED;
	s->reason = s->sentence;
}

static void refused_here(struct settlement *s, const struct settle_input *in, bool transient)
{
	struct past_attempt past[ATTEMPTS_MAX + 1];

	assert(in->past_num < ATTEMPTS_MAX);
	for (size_t i = 0; i < in->past_num; i++)
		past[i] = in->past[i];
	past[in->past_num] = (struct past_attempt){ in->provider, transient };
	try_elsewhere(s, in, past, in->past_num + 1);
}

static struct settlement not_sent(struct arena *a, const struct settle_input *in)
{
	struct settlement s = {
		.attempt_state = "rejected",
		.handling = handling_name(HANDLING_BACK_OFF),
		.sentence = arena_printf(a, "%s could not be reached: %s.", in->provider->title,
					 in->response->error),
	};

	refused_here(&s, in, true);
	return s;
}

static struct settlement refused(struct arena *a, const struct settle_input *in)
{
	const struct code *code = in->result->code;
	struct settlement s = {
		.attempt_state = "rejected",
		.handling = handling_name(code->handling),
		.sentence = arena_printf(a, "%s refused it (%s): %s", in->provider->title,
					 in->result->code_text.len ?
						 arena_cstr(a, in->result->code_text) :
						 "no code",
					 code->sentence),
	};

	switch (code->handling) {
	case HANDLING_ASK_CARRIER:
		return unclear(a, in);
	case HANDLING_OTHER_CARRIER:
	case HANDLING_NOTE:
		refused_here(&s, in, false);
		break;
	case HANDLING_BACK_OFF:
		refused_here(&s, in, true);
		break;
	case HANDLING_OPTED_OUT:
	case HANDLING_LANDLINE:
	case HANDLING_END:
		s.opt_out = code->handling == HANDLING_OPTED_OUT;
		s.message_state = s.opt_out ? "stopped" : "failed";
		s.message_rank = RANK_ENDED;
		s.reason = str_of(code->sentence);
		break;
	}
	return s;
}

struct settlement delivery_settle(struct arena *a, const struct settle_input *in)
{
	if (in->response->transport == HTTP_NOT_SENT)
		return not_sent(a, in);
	if (in->response->transport == HTTP_MAYBE_SENT)
		return unclear(a, in);
	switch (in->result->outcome) {
	case SEND_ACCEPTED: /* without an id there is no telling its receipt, nor asking for one */
		return in->result->carrier_id.len ? accepted(a, in) : unclear(a, in);
	case SEND_REFUSED:
		return refused(a, in);
	case SEND_AMBIGUOUS:
		break;
	}
	return unclear(a, in);
}

/* ---- asking for a text whose answer was lost ---- */

/*
 * After 2, 5, 10, 20, 40 s, then every minute; right when it cannot be sent any more, and from then
 * on more often, because the next answer decides.
 */
static unsigned look_delay_ms(const struct look_input *in)
{
	static const unsigned schedule[] = { 3000, 5000, 10000, 20000, 60000 };
	size_t last = sizeof(schedule) / sizeof(*schedule) - 1;
	unsigned delay = schedule[in->looks < last ? in->looks : last];
	int64_t until_dead = in->dead_ms - in->asked_ms + LOOK_AFTER_DEAD_MS;
	int64_t until_arrive = in->arrive_ms ? in->arrive_ms - in->asked_ms : 0;

	if (until_dead > 0 && until_dead < delay)
		delay = (unsigned)until_dead;
	else if (until_dead <= 0 && delay > LOOK_WHEN_DEAD_MS)
		delay = LOOK_WHEN_DEAD_MS;
	return until_arrive > 0 && until_arrive < delay ? (unsigned)until_arrive : delay;
}

static struct settlement look_found(struct arena *a, const struct look_input *in)
{
	return (struct settlement){
		.attempt_state = "accepted",
		.sentence = arena_printf(a, "Asked for it, %s says that it has it.",
					 in->provider->title),
		.message_state = "sent",
		.message_rank = RANK_SENT,
		.looked = true,
	};
}

/* The other carrier may send it: this one can no more, or the text has to be there by now. */
static struct settlement look_gave_up(struct arena *a, const struct look_input *in, bool dead)
{
	const struct settle_input other = { .candidates = in->candidates,
					    .candidate_num = in->candidate_num };
	struct settlement s = {
		.attempt_state = "abandoned",
		.handling = handling_name(HANDLING_BACK_OFF),
		.sentence = arena_printf(
			a,
			dead ? "Asked for it, %s never got it and can send it no "
			       "more." :
			       "%s may have it, but it must arrive now: sent again, "
			       "as was asked for in that case.",
			in->provider->title),
		.looked = true,
	};

	try_elsewhere(&s, &other, in->past, in->past_num);
	return s;
}

static struct settlement look_again(struct arena *a, const struct look_input *in)
{
	struct settlement s = {
		.attempt_state = "ambiguous",
		.sentence = arena_printf(a, "Asked for it, %s %s.", in->provider->title,
					 in->outcome == LOOKUP_ABSENT ? "does not have it so far" :
									"gives no answer"),
		.again = true,
		.delay_ms = look_delay_ms(in),
		.looked = true,
	};

	if (in->not_asked) {
		s.sentence = arena_printf(a, "%s cannot be asked for it just now.",
					  in->provider->title);
		s.delay_ms = LOOK_NOT_ASKED_MS;
	}
	return s;
}

static struct settlement look_uncertain(struct arena *a, const struct look_input *in)
{
	return (struct settlement){
		.attempt_state = "ambiguous",
		.sentence = arena_printf(a, "Asked for it, %s gives no answer.",
					 in->provider->title),
		.message_state = "uncertain",
		.message_rank = RANK_UNCERTAIN,
		.reason = arena_printf(
			a,
			"It may have been sent: %s could not be asked. Send it again "
			"if the guest does not come.",
			in->provider->title),
		.looked = true,
	};
}

struct settlement delivery_look(struct arena *a, const struct look_input *in)
{
	if (in->outcome == LOOKUP_FOUND)
		return look_found(a, in);
	if (in->outcome == LOOKUP_ABSENT && in->asked_ms > in->dead_ms)
		return look_gave_up(a, in, true);
	if (in->arrive_ms && in->asked_ms >= in->arrive_ms)
		return look_gave_up(a, in, false);
	if (in->outcome == LOOKUP_UNAVAILABLE && in->asked_ms > in->dead_ms + UNCERTAIN_AFTER_MS)
		return look_uncertain(a, in);
	return look_again(a, in);
}

/* ---- receipts ---- */

struct settlement delivery_no_receipt(struct arena *a, const struct provider *p, bool answered)
{
	return (struct settlement){
		.attempt_state = "accepted",
		.sentence = arena_printf(a,
					 answered ? "Asked for its receipt, %s has none so far." :
						    "Asked for its receipt, %s gives no answer.",
					 p->title),
		.looked = true,
	};
}

struct meaning {
	const char *message_state;
	unsigned rank;
	const char *text, *call; /* behind the carrier's name */
};

static const struct meaning meanings[] = {
	[DELIVERY_QUEUED] = { "sent", RANK_SENT, "has it in its queue.", "is about to call." },
	[DELIVERY_SENDING] = { "sent", RANK_SENT, "is sending it.", "lets the phone ring." },
	[DELIVERY_SENT] = { "sent", RANK_SENT, "passed it on to the guest's network.",
			    "says that somebody picked up." },
	[DELIVERY_UNCONFIRMED] = { "sent", RANK_SENT,
				   "sent it; the guest's network gives no receipts.",
				   "knows no more of the call." },
	[DELIVERY_FAILED] = { "failed", RANK_ENDED, "could not send it.", "could not call." },
	[DELIVERY_UNDELIVERED] = { "undelivered", RANK_ENDED,
				   "sent it, but it did not reach the phone.", "called." },
	[DELIVERY_DELIVERED] = { "delivered", RANK_DELIVERED,
				 "reports that it is on the guest's phone.",
				 "says that the call is over." },
};

struct report delivery_report(struct arena *a, const struct provider *p, const struct event *e)
{
	const struct meaning *m = &meanings[e->status];
	const struct code *code = m->rank == RANK_ENDED ? e->code : NULL;
	const char *said = e->channel == CHANNEL_VOICE ? m->call : m->text;
	bool barred = code && code->handling == HANDLING_OPTED_OUT;

	return (struct report){
		.attempt_state = delivery_is_final(e->status) ? "finalised" : "accepted",
		.message_state = barred ? "stopped" : m->message_state,
		.message_rank = m->rank,
		.again = e->status == DELIVERY_FAILED && code && code->never_left,
		.sentence = code ? arena_printf(a, "%s %s %s", p->title, said, code->sentence) :
				   arena_printf(a, "%s %s", p->title, said),
	};
}
