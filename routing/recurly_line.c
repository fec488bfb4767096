/* recurly_line.c - sends, judges the status, reads the body. */
#include "recurly_line.h"

#include "clock.h"
#include "log.h"
#include "measure.h"

#define CONNECT_MS 3000
#define ANSWER_MAX (2 << 20)
#define TURNED_AWAY_MS 300000
#define WORDS_MAX 200

/* One request; in its arena. */
struct asking {
	struct recurly_line *line;
	struct arena *arena;
	const char *operation;
	recurly_done *done;
	void *ctx;
};

static void rest(struct recurly_line *l, int64_t ms, const char *why)
{
	l->rest_until_ms = clock_mono_ms() + ms;
	log_warn("recurly_rests", "duration=%lld why=%s", (long long)ms * 1000000, why);
}

/* A key that Recurly does not take will not be taken in a second either. */
static enum recurly_answer judge(struct recurly_line *l, const struct http_response *r)
{
	if (r->transport != HTTP_ANSWERED)
		return r->transport == HTTP_NOT_SENT ? RECURLY_LATER : RECURLY_LOST;
	switch (r->status) {
	case 429:
		rest(l, recurly_rest_ms(r, clock_wall_ms()), "too many requests");
		return RECURLY_LATER;
	case 401:
	case 403:
	case 406:
		rest(l, TURNED_AWAY_MS, "Recurly turns us away: look at RECURLY_API_KEY");
		return RECURLY_LATER;
	case 404:
		return RECURLY_MISSING;
	default:
		return r->status >= 500 || r->status < 200 ? RECURLY_LOST :
		       r->status >= 300			   ? RECURLY_REFUSED :
							     RECURLY_OK;
	}
}

static struct str words(struct arena *a, const struct http_response *r, const struct json *body)
{
	struct str message = json_str(json_get(body, "error"), "message");

	if (r->transport != HTTP_ANSWERED)
		return arena_printf(a, "Recurly did not answer: %s.", r->error);
	if (message.len > WORDS_MAX)
		message = STR("");
	return arena_printf(a, "Recurly answered %d%s" STR_FMT, r->status, message.len ? ": " : ".",
			    STR_ARG(message));
}

static void on_answer(void *ctx, const struct http_response *r)
{
	const struct asking *k = ctx;
	struct recurly_told told = { .answer = judge(k->line, r) };
	const char *why;

	measure_service("recurly", k->operation, r);
	if (r->transport == HTTP_ANSWERED)
		told.body = json_parse(k->arena, arena_copy(k->arena, r->body), &why);
	if (told.answer == RECURLY_OK && !told.body)
		told.answer = RECURLY_LOST;
	if (told.answer != RECURLY_OK)
		told.why = words(k->arena, r, told.body);
	k->done(k->ctx, &told);
}

void recurly_ask(struct recurly_line *l, struct arena *a, const char *operation,
		 const struct http_request *request, recurly_done *done, void *ctx)
{
	const struct http_limits limits = {
		.connect_ms = CONNECT_MS,
		.total_ms = l->timeout_ms,
		.response_max = ANSWER_MAX,
	};
	struct asking *k = arena_alloc(a, sizeof(*k));

	*k = (struct asking){ l, a, operation, done, ctx };
	http_client_send(l->http, request, &limits, on_answer, k);
}

bool recurly_resting(const struct recurly_line *l)
{
	return clock_mono_ms() < l->rest_until_ms;
}
