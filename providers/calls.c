/* calls.c - reads what a carrier says of one call: its callbacks, and a call that was fetched. */
#include "calls.h"

#include "callback.h"
#include "json.h"
#include "outcome.h"
#include "rfc2822.h"
#include "rfc3339.h"

enum { PARAMS_MAX = 256 }; /* there are about 30 */

static const struct callback_status statuses[] = {
	{ "queued", DELIVERY_QUEUED },
	{ "initiated", DELIVERY_QUEUED },
	{ "ringing", DELIVERY_SENDING },
	{ "in-progress", DELIVERY_SENT },
	{ "answered", DELIVERY_SENT },
	{ "completed", DELIVERY_DELIVERED },
	{ "busy", DELIVERY_UNDELIVERED },
	{ "no-answer", DELIVERY_UNDELIVERED },
	{ "canceled", DELIVERY_UNDELIVERED },
	{ "failed", DELIVERY_FAILED },
	{ NULL, 0 },
};

/*
 * What a call that came to nothing stands under in codes.tsv, by the carriers' word for it and by
 * why: a SIP response (RFC 3261, section 21) or Telnyx's hangup cause. The first that fits; NULL
 * fits all.
 */
static const struct {
	const char *status, *reason, *code;
} ends[] = {
	{ NULL, "603", "call-rejected" },
	{ NULL, "403", "call-rejected" },
	{ NULL, "call_rejected", "call-rejected" },
	{ "busy", NULL, "call-busy" },
	{ "no-answer", NULL, "call-no-answer" },
	{ "canceled", NULL, "call-canceled" },
	{ "failed", "404", "call-not-found" },
	{ "failed", "410", "call-not-found" },
	{ "failed", "484", "call-not-found" },
	{ "failed", "604", "call-not-found" },
	{ "failed", "not_found", "call-not-found" },
	{ "failed", "486", "call-busy" },
	{ "failed", "600", "call-busy" },
	{ "failed", "user_busy", "call-busy" },
	{ "failed", "408", "call-no-answer" },
	{ "failed", "480", "call-no-answer" },
	{ "failed", "no_answer", "call-no-answer" },
	{ "failed", "timeout", "call-no-answer" },
	{ "failed", "originator_cancel", "call-canceled" },
	{ "failed", NULL, "call-failed" },
};

static const char *end_of(struct str status, struct str sip, struct str cause)
{
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if ((!ends[i].status || str_is(status, ends[i].status)) &&
		    (!ends[i].reason || str_is(sip, ends[i].reason) ||
		     str_is(cause, ends[i].reason)))
			return ends[i].code;
	return "";
}

/* A code of the carrier's own that is in the table wins; one that is not is kept for support. */
static void judge(const char *carrier, struct str sip, struct str cause, struct event *out)
{
	struct str end;

	callback_status(carrier, statuses, out);
	if (out->status != DELIVERY_FAILED && out->status != DELIVERY_UNDELIVERED)
		return;
	if (code_find(carrier, out->code_text))
		return;
	end = str_of(end_of(out->status_text, sip, cause));
	out->code = code_or_default(carrier, end, 0);
	if (!out->code_text.len)
		out->code_text = end;
}

/* Twilio writes RFC 2822; Telnyx says so, and writes "2026-02-02 02:50:02.148Z". */
static int64_t read_time(struct str s)
{
	int64_t ms;

	return rfc2822_parse(s, &ms) || rfc3339_parse(s, &ms) ? ms : 0;
}

static unsigned read_seconds(struct str s)
{
	long long n;

	return str_number(s, &n) && n <= 24 * 3600 ? (unsigned)n : 0;
}

/* Only Twilio says so, and says "outbound-dial" of a call that a script made. */
static bool is_from_us(struct str direction, struct str attempt_id)
{
	return direction.len ? str_is(direction, "outbound-api") || str_is(direction, "outbound") :
			       attempt_id.len > 0;
}

/* Telnyx also reports what a call cost. */
static bool is_progress(const struct form *f)
{
	struct str source = form_get(f, "CallbackSource");

	return !source.len || str_is(source, "call-progress-events");
}

static bool are_text(const struct form *f, const char *const *names, size_t num)
{
	for (size_t i = 0; i < num; i++)
		if (!str_is_text(form_get(f, names[i])))
			return false;
	return true;
}

bool calls_read_status(struct arena *a, const char *carrier, const struct form *f,
		       struct event *out, const char **why)
{
	static const char *const texts[] = { "CallSid",	   "From",	     "To",
					     "CallStatus", "SequenceNumber", "ErrorCode" };
	struct str code = form_get(f, "ErrorCode"), sip = form_get(f, "SipResponseCode");

	*why = "A parameter is not valid UTF-8.";
	if (!are_text(f, texts, sizeof(texts) / sizeof(*texts)))
		return false;
	*why = "There is no CallSid.";
	out->carrier_id = form_get(f, "CallSid");
	if (!out->carrier_id.len)
		return false;
	out->channel = CHANNEL_VOICE;
	out->from = form_get(f, "From");
	out->to = form_get(f, "To");
	out->status_text = form_get(f, "CallStatus");
	out->code_text = str_is(code, "0") ? STR("") : code;
	out->occurred_ms = read_time(form_get(f, "Timestamp"));
	out->event_id = arena_printf(a, STR_FMT ":" STR_FMT ":" STR_FMT, STR_ARG(out->carrier_id),
				     STR_ARG(out->status_text),
				     STR_ARG(form_get(f, "SequenceNumber")));
	out->call = (struct call_progress){
		.duration_s = read_seconds(form_get(f, "CallDuration")),
		.answered_by = answered_of(form_get(f, "AnsweredBy")),
	};
	judge(carrier, sip.len ? sip : form_get(f, "SipHangupCause"), form_get(f, "HangupCause"),
	      out);
	if (!is_from_us(form_get(f, "Direction"), out->attempt_id) || !is_progress(f))
		out->kind = EVENT_IGNORED;
	return true;
}

bool calls_parse_fetch(struct arena *a, const char *carrier, const struct http_response *answer,
		       struct event *out)
{
	const struct json *j = json_parse(a, answer->body, NULL);

	*out = (struct event){
		.channel = CHANNEL_VOICE,
		.carrier_id = json_str(j, "sid"),
		.from = json_str(j, "from"),
		.to = json_str(j, "to"),
		.status_text = json_str(j, "status"),
		.call = { read_seconds(json_str(j, "duration")),
			  answered_of(json_str(j, "answered_by")) },
	};
	if (!outcome_is_success(answer) || !out->carrier_id.len || !out->status_text.len)
		return false;
	out->event_id = arena_printf(a, "fetched:" STR_FMT ":" STR_FMT, STR_ARG(out->carrier_id),
				     STR_ARG(out->status_text));
	judge(carrier, STR(""), STR(""), out);
	return true;
}

/* ---- A request for a script ---- */

/* After a Record, Digits is also "hangup". */
static struct str keys_only(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!memchr("0123456789*#", s.p[i], 12))
			return STR("");
	return s;
}

bool calls_parse_question(struct arena *a, const struct http_request *r, struct call_question *out,
			  const char **why)
{
	static const char *const texts[] = { "CallSid", "From", "To", "DialCallStatus",
					     "RecordingUrl" };
	struct callback_hints hints = callback_hints(a, r->url);
	struct str direction;
	struct form f;

	*out = (struct call_question){ 0 };
	*why = "A call's script is asked for by a form, sent by POST.";
	if (!str_is(r->method, "POST") || !callback_is_form(r) ||
	    !form_parse(a, r->body, PARAMS_MAX, &f))
		return false;
	*why = "A parameter is not valid UTF-8.";
	if (!are_text(&f, texts, sizeof(texts) / sizeof(*texts)))
		return false;
	direction = form_get(&f, "Direction");
	*out = (struct call_question){
		.carrier_id = form_get(&f, "CallSid"),
		.inbound = !is_from_us(direction, hints.attempt_id),
		.from = form_get(&f, "From"),
		.to = form_get(&f, "To"),
		.attempt_id = hints.attempt_id,
		.account_id = hints.account_id,
		.step = hints.step,
		.digits = keys_only(form_get(&f, "Digits")),
		.answered_by = answered_of(form_get(&f, "AnsweredBy")),
		.dialled = form_get(&f, "DialCallStatus"),
		.recording_url = form_get(&f, "RecordingUrl"),
		.recording_s = read_seconds(form_get(&f, "RecordingDuration")),
	};
	*why = "There is no CallSid.";
	return out->carrier_id.len > 0;
}
