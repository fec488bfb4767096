/* case_show.c - the output of a case, as lines to compare with what its file expects. */
#include "buf.h"
#include "case_file.h"
#include "json.h"

enum { SHOW_BYTES_MAX = 100000 };

struct str case_show_request(struct arena *a, const struct http_request *r)
{
	struct buf b = buf_new(a, SHOW_BYTES_MAX);

	buf_printf(&b, STR_FMT " " STR_FMT "\n", STR_ARG(r->method), STR_ARG(r->url));
	for (size_t i = 0; i < r->header_num; i++)
		buf_printf(&b, STR_FMT ": " STR_FMT "\n", STR_ARG(r->headers[i].name),
			   STR_ARG(r->headers[i].value));
	buf_char(&b, '\n');
	buf_put(&b, r->body);
	return buf_str(&b);
}

static void line(struct buf *b, const char *name, struct str value)
{
	if (!value.len)
		return;
	buf_printf(b, "%s = ", name);
	if (memchr(value.p, '\n', value.len))
		json_put_str(b, NULL, value);
	else
		buf_put(b, value);
	buf_char(b, '\n');
}

static void number(struct buf *b, const char *name, int64_t n)
{
	if (n)
		buf_printf(b, "%s = %lld\n", name, (long long)n);
}

static void code_lines(struct buf *b, struct str text, const struct code *code)
{
	line(b, "code", text);
	if (!code)
		return;
	line(b, "handling", str_of(handling_name(code->handling)));
	if (code->alarm)
		line(b, "alarm", STR("yes"));
	if (code->never_left)
		line(b, "never_left", STR("yes"));
}

struct str case_show_result(struct arena *a, const struct send_result *r)
{
	static const char *const outcomes[] = { "accepted", "refused", "ambiguous" };
	struct buf b = buf_new(a, SHOW_BYTES_MAX);

	line(&b, "outcome", str_of(outcomes[r->outcome]));
	line(&b, "carrier_id", r->carrier_id);
	code_lines(&b, r->code_text, r->code);
	line(&b, "detail", r->detail);
	number(&b, "retry_after_s", r->retry_after_s);
	return buf_str(&b);
}

struct str case_show_event(struct arena *a, const struct event *e)
{
	static const char *const kinds[] = { "ignored", "status", "reply" };
	static const char *const consents[] = { "", "stop", "start", "help" };
	struct buf b = buf_new(a, SHOW_BYTES_MAX);

	line(&b, "kind", str_of(kinds[e->kind]));
	if (e->channel == CHANNEL_VOICE)
		line(&b, "channel", STR("voice"));
	line(&b, "event_id", e->event_id);
	line(&b, "carrier_id", e->carrier_id);
	line(&b, "account_id", e->account_id);
	line(&b, "attempt_id", e->attempt_id);
	line(&b, "from", e->from);
	line(&b, "to", e->to);
	if (e->kind == EVENT_STATUS)
		line(&b, "status", str_of(delivery_name(e->status)));
	line(&b, "status_text", e->status_text);
	code_lines(&b, e->code_text, e->code);
	line(&b, "body", e->body);
	number(&b, "media_num", e->media_num);
	number(&b, "duration_s", e->call.duration_s);
	line(&b, "answered_by", str_of(answered_name(e->call.answered_by)));
	line(&b, "consent", str_of(consents[e->consent]));
	number(&b, "occurred_ms", e->occurred_ms);
	return buf_str(&b);
}

struct str case_show_question(struct arena *a, const struct call_question *q)
{
	struct buf b = buf_new(a, SHOW_BYTES_MAX);

	line(&b, "carrier_id", q->carrier_id);
	line(&b, "inbound", q->inbound ? STR("yes") : STR("no"));
	line(&b, "from", q->from);
	line(&b, "to", q->to);
	line(&b, "account_id", q->account_id);
	line(&b, "attempt_id", q->attempt_id);
	line(&b, "step", q->step);
	line(&b, "digits", q->digits);
	line(&b, "answered_by", str_of(answered_name(q->answered_by)));
	line(&b, "dialled", q->dialled);
	line(&b, "recording_url", q->recording_url);
	number(&b, "recording_s", q->recording_s);
	return buf_str(&b);
}
