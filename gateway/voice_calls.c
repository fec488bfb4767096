/* voice_calls.c - from a carrier's question to the script that is spoken. */
#include "voice_calls.h"

#include "callback.h"
#include "json.h"
#include "log.h"
#include "reply.h"
#include "webhooks.h"
#include "worker.h"

#define QUESTION_MAX 8192
#define VERBS_MAX 16

/* A question on its way through the database; in the exchange's arena. */
struct asked {
	struct exchange *x;
	const struct carrier *carrier;
	struct call_question question;
};

static void reply_script(struct exchange *x, const struct carrier *c, const struct call_script *s)
{
	exchange_reply(x, 200, c->provider->voice_type, c->provider->write_script(x->arena, s));
}

/* ---- the script ---- */

static struct str action(const struct asked *a, const struct json *step)
{
	const struct call_question *q = &a->question;

	return callback_voice_url(a->x->arena, &a->carrier->account, a->carrier->provider->name,
				  q->account_id, q->attempt_id, step ? step->text : STR(""));
}

static unsigned seconds(const struct json *value)
{
	int64_t n = 0;

	return json_int(value, &n) && n > 0 ? (unsigned)n : 0;
}

/*
 * We cannot look anything up, nor do what a key says. It may be over in a moment: the question
 * comes once more, for a key that stops calls must not be lost. Nobody knows the caller's language.
 */
static void reply_kindly(const struct asked *a)
{
	static const char *const words[] = {
		"We are sorry, something went wrong. Please wait a moment.",
		"We are sorry, we cannot look that up just now. Please ask at the stand, or call "
		"again in a few minutes.",
	};
	bool last = str_is(a->question.step, "ask2") || str_is(a->question.step, "silent");
	const struct json again = { .text = STR("ask2") };
	const struct call_verb verbs[] = {
		{ .kind = VERB_SAY, .words = str_of(words[last]) },
		{ .kind = VERB_PAUSE, .seconds = 4 },
		{ .kind = VERB_REDIRECT, .action = action(a, &again) },
	};
	const struct call_verb end[] = { verbs[0], { .kind = VERB_HANG_UP } };
	const struct call_script script = { .language = STR("en"),
					    .verbs = last ? end : verbs,
					    .verb_num = last ? 2 : 3 };

	reply_script(a->x, a->carrier, &script);
}

/* The sentences of a question. */
static void read_inside(struct arena *a, const struct json *say, struct call_verb *out)
{
	struct call_verb *inside = arena_zero(a, (say->num + 1) * sizeof(*inside));

	for (const struct json *s = say->first; s; s = s->next)
		inside[out->inside_num++] = (struct call_verb){ .kind = VERB_SAY,
								.words = s->text };
	out->inside = inside;
}

/* One verb of call_turn()'s script; see db/functions/calls.sql. */
static struct call_verb read_verb(const struct asked *a, const struct json *j)
{
	struct call_verb v = { .kind = VERB_HANG_UP };
	const struct json *step = json_get(j, "step");

	if (json_get(j, "say") && !json_get(j, "gather"))
		v = (struct call_verb){ .kind = VERB_SAY, .words = json_str(j, "say") };
	else if (json_get(j, "pause"))
		v = (struct call_verb){ .kind = VERB_PAUSE,
					.seconds = seconds(json_get(j, "pause")) };
	else if (json_get(j, "gather"))
		v = (struct call_verb){ .kind = VERB_GATHER,
					.seconds = seconds(json_get(j, "gather")),
					.action = action(a, step) };
	else if (json_get(j, "dial"))
		v = (struct call_verb){ .kind = VERB_DIAL,
					.number = json_str(j, "dial"),
					.from = json_str(j, "from"),
					.seconds = seconds(json_get(j, "seconds")),
					.action = action(a, step) };
	else if (json_get(j, "record"))
		v = (struct call_verb){ .kind = VERB_RECORD,
					.seconds = seconds(json_get(j, "record")),
					.action = action(a, step) };
	else if (json_get(j, "redirect"))
		v = (struct call_verb){ .kind = VERB_REDIRECT,
					.action = action(a, json_get(j, "redirect")) };
	else if (json_get(j, "reject"))
		v.kind = VERB_REJECT;
	if (v.kind == VERB_GATHER)
		read_inside(a->x->arena, json_get(j, "say"), &v);
	return v;
}

static void on_turn(void *ctx, const struct db_result *r)
{
	struct asked *a = ctx;
	struct arena *arena = a->x->arena;
	const struct json *j = r->status == DB_OK && db_rows(r) ?
				       json_parse(arena, db_get(r, 0, 0), NULL) :
				       NULL;
	const struct json *verbs = json_get(j, "verbs"), *man = json_get(j, "man");
	struct call_verb *read = arena_zero(arena, VERBS_MAX * sizeof(*read));
	struct call_script script = { .language = json_str(j, "language"),
				      .man = man && man->boolean,
				      .verbs = read };

	if (!verbs) { /* somebody is on the phone: they hear more than an error */
		log_error("call_unanswered", "carrier=%s http.request_id=%s",
			  a->carrier->provider->name, a->x->request_id);
		reply_kindly(a);
		return;
	}
	for (const struct json *v = verbs->first; v && script.verb_num < VERBS_MAX; v = v->next)
		read[script.verb_num++] = read_verb(a, v);
	reply_script(a->x, a->carrier, &script);
}

/* ---- the question ---- */

static void put(struct buf *b, const char *name, struct str value)
{
	if (value.len)
		json_put_str(b, name, value);
}

static struct str question_json(struct arena *a, const struct call_question *q)
{
	struct buf b = buf_new(a, QUESTION_MAX);

	json_open(&b, NULL, '{');
	json_put_bool(&b, "inbound", q->inbound);
	put(&b, "carrier_id", q->carrier_id);
	put(&b, "from", q->from);
	put(&b, "to", q->to);
	put(&b, "account_id", q->account_id);
	put(&b, "attempt_id", q->attempt_id);
	put(&b, "step", q->step);
	put(&b, "digits", q->digits);
	put(&b, "answered_by", str_of(answered_name(q->answered_by)));
	put(&b, "dialled", q->dialled);
	put(&b, "recording_url", q->recording_url);
	if (q->recording_s)
		json_put_int(&b, "recording_s", q->recording_s);
	json_close(&b, '}');
	return buf_str(&b);
}

void voice_answer(struct exchange *x)
{
	struct asked *a = arena_zero(x->arena, sizeof(*a));
	struct http_request request;
	const char *why = NULL;

	a->x = x;
	a->carrier = webhooks_verified(x, &request);
	if (!a->carrier)
		return;
	if (!a->carrier->provider->parse_call(x->arena, &request, &a->question, &why)) {
		log_warn("call_unreadable", "carrier=%s http.request_id=%s why=%s",
			 a->carrier->provider->name, x->request_id, why);
		reply_problem(x, ERR_BAD_REQUEST, NULL, why);
		return;
	}
	const struct db_param params[] = {
		db_text(str_of(a->carrier->provider->name)),
		db_text(question_json(x->arena, &a->question)),
	};
	db_query(worker_of(x)->db, DB_DOOR, SQL_CALL_TURN, DB_PARAMS(params), on_turn, a);
}
