/* redelivery.c - the schedule, and the words. */
#include "redelivery.h"

#include "buf.h"

#define S_MS INT64_C(1000)
#define MIN_MS (60 * S_MS)
#define H_MS (60 * MIN_MS)

/* Source: the specification of Standard Webhooks, "Deliverability and reliability". */
static const int64_t delays_ms[] = { 5 * S_MS,	5 * MIN_MS, 30 * MIN_MS, 2 * H_MS, 5 * H_MS,
				     10 * H_MS, 14 * H_MS,  20 * H_MS,	 24 * H_MS };

#define DELAYS (int64_t)(sizeof(delays_ms) / sizeof(*delays_ms))

/* Up to 10 % more or less. */
static int64_t spread(int64_t ms, unsigned chance)
{
	return ms - ms / 10 + ms / 5 * (chance % 1001) / 1000;
}

static struct str printable(struct arena *a, struct str body)
{
	struct buf out = buf_new(a, REDELIVERY_ANSWER_MAX);

	for (size_t i = 0; i < body.len && !buf_full(&out);) {
		uint32_t c;
		size_t n = str_char(str_from(body, i), &c);

		if (!n)
			buf_char(&out, '?');
		else if (c < ' ' || (c >= 0x7f && c < 0xa0))
			buf_char(&out, ' ');
		else if (out.len + n <= REDELIVERY_ANSWER_MAX)
			buf_put(&out, (struct str){ body.p + i, n });
		else
			break;
		i += n ? n : 1;
	}
	return str_trim(buf_str(&out));
}

static struct str sentence(struct arena *a, const struct http_response *r)
{
	if (r->transport == HTTP_NOT_SENT)
		return arena_printf(a, "It could not be sent: %s.", r->error);
	if (r->transport == HTTP_MAYBE_SENT)
		return arena_printf(a, "It may not have arrived: %s.", r->error);
	if (r->status >= 200 && r->status < 300)
		return arena_printf(a, "The receiver took it (%d).", r->status);
	if (r->status >= 300 && r->status < 400)
		return arena_printf(a, "The receiver answered %d; redirections are not followed.",
				    r->status);
	if (r->status == 410)
		return STR("The receiver answered 410: gone for good.");
	return arena_printf(a, "The receiver answered %d.", r->status);
}

struct redelivery redelivery_judge(struct arena *a, int64_t tries, unsigned chance,
				   const struct http_response *r)
{
	bool answered = r->transport == HTTP_ANSWERED;
	bool taken = answered && r->status >= 200 && r->status < 300;
	bool gone = answered && r->status == 410;
	bool again = !taken && !gone && tries < DELAYS;

	return (struct redelivery){
		.state = taken ? "delivered" :
			 again ? "waiting" :
				 "failed",
		.delay_ms = again ? spread(delays_ms[tries], chance) : 0,
		.gone = gone,
		.answer = answered ? printable(a, r->body) : STR(""),
		.why = sentence(a, r),
	};
}
