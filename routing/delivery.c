/* delivery.c - from a carrier's answer to what we record and do next. */
#include "delivery.h"

#include <assert.h>

#define FIRST_DELAY_MS 1000
#define MAX_DELAY_MS 60000

enum { RANK_UNKNOWN = 2, RANK_SENT = 3, RANK_ENDED = 4, RANK_DELIVERED = 5 };

static struct settlement accepted(struct arena *a, const struct settle_input *in)
{
	return (struct settlement){
		.attempt_state = "accepted",
		.sentence = arena_printf(
			a, "%s accepted it%s.", in->provider->title,
			in->result->carrier_id.len ? "" : ", but its answer could not be read"),
		.message_state = "sent",
		.message_rank = RANK_SENT,
	};
}

/* A byte may have left and no clear answer came: only the carrier knows. Not sent again unasked. */
static struct settlement unclear(struct arena *a, const struct settle_input *in)
{
	const char *title = in->provider->title;
	struct str sentence;

	if (in->result)
		sentence = arena_printf(a,
					"%s answered with an error (HTTP %d) that does not say "
					"whether it took the text.",
					title, in->response->status);
	else
		sentence = arena_printf(a, "%s may have taken it: no clear answer came (%s).",
					title, in->response->error);

	return (struct settlement){
		.attempt_state = "ambiguous",
		.sentence = sentence,
		.message_state = "unknown",
		.message_rank = RANK_UNKNOWN,
		.reason = arena_printf(a,
				       "It may have been sent. %s has not said yet, so it is not "
				       "sent again.",
				       title),
	};
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

/* Definitely not sent: another try, if there is a carrier left to ask. */
static void try_elsewhere(struct settlement *s, const struct settle_input *in, bool transient)
{
	struct past_attempt past[ATTEMPTS_MAX + 1];
	unsigned asked_before, retry_after = in->result ? in->result->retry_after_s : 0;

	assert(in->past_num < ATTEMPTS_MAX);
	for (size_t i = 0; i < in->past_num; i++)
		past[i] = in->past[i];
	past[in->past_num] = (struct past_attempt){ in->provider, transient };

	if (choose(in->candidates, in->candidate_num, past, in->past_num + 1, &asked_before)) {
		s->again = true;
		s->delay_ms = delay_ms(asked_before, retry_after, in->jitter);
		return;
	}
	s->message_state = "failed";
	s->message_rank = RANK_ENDED;
	s->reason = s->sentence;
}

static struct settlement not_sent(struct arena *a, const struct settle_input *in)
{
	struct settlement s = {
		.attempt_state = "rejected",
		.handling = handling_name(HANDLING_BACK_OFF),
		.sentence = arena_printf(a, "%s could not be reached: %s.", in->provider->title,
					 in->response->error),
	};

	try_elsewhere(&s, in, true);
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
		try_elsewhere(&s, in, false);
		break;
	case HANDLING_BACK_OFF:
		try_elsewhere(&s, in, true);
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
	case SEND_ACCEPTED:
		return accepted(a, in);
	case SEND_REFUSED:
		return refused(a, in);
	case SEND_AMBIGUOUS:
		break;
	}
	return unclear(a, in);
}

struct report delivery_report(struct arena *a, const struct provider *p, enum delivery_status s,
			      const struct code *code)
{
	static const struct {
		const char *message_state;
		unsigned rank;
		const char *sentence;
	} meaning[] = {
		[DELIVERY_QUEUED] = { "sent", RANK_SENT, "has it in its queue." },
		[DELIVERY_SENDING] = { "sent", RANK_SENT, "is sending it." },
		[DELIVERY_SENT] = { "sent", RANK_SENT, "passed it on to the guest's network." },
		[DELIVERY_UNCONFIRMED] = { "sent", RANK_SENT,
					   "sent it; the guest's network gives no receipts." },
		[DELIVERY_FAILED] = { "failed", RANK_ENDED, "could not send it." },
		[DELIVERY_UNDELIVERED] = { "undelivered", RANK_ENDED,
					   "sent it, but it did not reach the phone." },
		[DELIVERY_DELIVERED] = { "delivered", RANK_DELIVERED,
					 "reports that it is on the guest's phone." },
	};
	struct str sentence = arena_printf(a, "%s %s", p->title, meaning[s].sentence);

	if (code && meaning[s].rank == RANK_ENDED)
		sentence = arena_printf(a, STR_FMT " %s", STR_ARG(sentence), code->sentence);
	return (struct report){
		.attempt_state = delivery_is_final(s) ? "finalised" : "accepted",
		.message_state = meaning[s].message_state,
		.message_rank = meaning[s].rank,
		.sentence = sentence,
	};
}
