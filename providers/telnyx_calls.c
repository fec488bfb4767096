/*
 * telnyx_calls.c - calls through Telnyx: created by JSON, led by TeXML, reported on by forms under
 * the same signature. Source: Telnyx's OpenAPI document, "TeXML REST Commands".
 */
#include "callback.h"
#include "calls.h"
#include "json.h"
#include "outcome.h"
#include "requests.h"
#include "twiml.h"

enum { JSON_BYTES_MAX = 16 * 1024 };

/* There is no FallbackMethod: it is the application's, as is a Gather's, which must be POST. */
static void build_send(struct arena *a, const struct carrier_account *account,
		       const struct outgoing *call, struct http_request *out)
{
	struct buf b = buf_new(a, JSON_BYTES_MAX);

	json_open(&b, NULL, '{');
	json_put_str(&b, "ApplicationSid", account->voice_app);
	json_put_str(&b, "To", call->to);
	json_put_str(&b, "From", call->from);
	json_put_str(&b, "Url",
		     callback_voice_url(a, account, "telnyx", call->account_id, call->attempt_id,
					STR("")));
	json_put_str(&b, "UrlMethod", STR("POST"));
	json_put_str(&b, "FallbackUrl", callback_fallback_url(a, account, "telnyx", call));
	json_put_str(&b, "StatusCallback", callback_url(a, account, "telnyx", call));
	json_put_str(&b, "StatusCallbackMethod", STR("POST"));
	json_put_str(&b, "StatusCallbackEvent", STR("initiated ringing answered completed"));
	json_put_int(&b, "Timeout", CALL_RINGS_S);
	json_put_str(&b, "MachineDetection", STR("DetectMessageEnd"));
	json_put_int(&b, "MachineDetectionTimeout", CALL_LISTENS_S * 1000);
	json_close(&b, '}');
	telnyx_build_post(a, account,
			  arena_printf(a, "texml/Accounts/" STR_FMT "/Calls", STR_ARG(account->id)),
			  buf_str(&b), out);
}

/* The document declares no id in a yes; one that comes is not wrapped in "data", as a text's is. */
static void parse_send(struct arena *a, const struct http_response *answer, struct send_result *out)
{
	const struct json *j = json_parse(a, answer->body, NULL);

	if (!outcome_is_success(answer)) {
		telnyx_judge(a, answer, out);
		return;
	}
	*out = (struct send_result){
		.outcome = SEND_ACCEPTED,
		.carrier_id = json_str(j, json_str(j, "sid").len ? "sid" : "call_sid"),
		.code = code_or_default("telnyx", STR(""), answer->status),
	};
}

/* `what` follows the account's "Calls". */
static void build_get(struct arena *a, const struct carrier_account *account, struct str what,
		      struct http_request *out)
{
	telnyx_build_get(a, account,
			 arena_printf(a, "texml/Accounts/" STR_FMT "/Calls" STR_FMT,
				      STR_ARG(account->id), STR_ARG(what)),
			 out);
}

static void build_lookup(struct arena *a, const struct carrier_account *account,
			 const struct lost_text *lost, struct http_request *out)
{
	build_get(a, account, calls_between(a, lost), out);
}

static void build_fetch(struct arena *a, const struct carrier_account *account,
			struct str carrier_id, struct http_request *out)
{
	build_get(a, account, arena_printf(a, "/" STR_FMT, STR_ARG(carrier_id)), out);
}

/* An update is a form, whatever the rest is. */
static void build_hang_up(struct arena *a, const struct carrier_account *account,
			  struct str carrier_id, struct http_request *out)
{
	telnyx_build_form(a, account,
			  arena_printf(a, "texml/Accounts/" STR_FMT "/Calls/" STR_FMT,
				       STR_ARG(account->id), STR_ARG(carrier_id)),
			  STR("Status=completed"), out);
}

static bool parse_fetch(struct arena *a, const struct http_response *answer, struct event *out)
{
	return calls_parse_fetch(a, "telnyx", answer, out);
}

struct str telnyx_write_script(struct arena *a, const struct call_script *script)
{
	static const struct twiml_dialect texml = {
		.gather_max_s = 120,
		.dial_min_s = 5,
		.dial_max_s = 120,
		.stereo = true,
	};

	return twiml_write(a, &texml, script);
}

const struct outbound telnyx_calls = {
	.build_send = build_send,
	.parse_send = parse_send,
	.build_lookup = build_lookup,
	.parse_lookup = calls_parse_lookup,
	.build_fetch = build_fetch,
	.parse_fetch = parse_fetch,
	.build_hang_up = build_hang_up,
};
