/*
 * twilio_calls.c - calls through Twilio: created by a form, led by TwiML. Source: Twilio's OpenAPI
 * document, CreateCall, ListCall and FetchCall.
 */
#include "callback.h"
#include "calls.h"
#include "requests.h"
#include "twiml.h"

enum { FORM_BYTES_MAX = 16 * 1024 };

/*
 * The fragments are for Twilio itself, neither sent nor signed: try again after any failure. A
 * script that comes late is no use to who holds the phone; a status is never too late.
 */
static void put_urls(struct buf *body, struct arena *a, const struct carrier_account *account,
		     const struct outgoing *call)
{
	static const char *const events[] = { "initiated", "ringing", "answered", "completed" };
	struct str script = callback_voice_url(a, account, "twilio", call->account_id,
					       call->attempt_id, STR(""));

	form_put(body, "Url", arena_printf(a, STR_FMT "#rc=2&rp=all", STR_ARG(script)));
	form_put(body, "Method", STR("POST"));
	form_put(body, "FallbackUrl", callback_fallback_url(a, account, "twilio", call));
	form_put(body, "FallbackMethod", STR("POST"));
	form_put(body, "StatusCallback",
		 arena_printf(a, STR_FMT "#rc=5&rp=all",
			      STR_ARG(callback_url(a, account, "twilio", call))));
	form_put(body, "StatusCallbackMethod", STR("POST"));
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		form_put(body, "StatusCallbackEvent", str_of(events[i]));
}

static void build_send(struct arena *a, const struct carrier_account *account,
		       const struct outgoing *call, struct http_request *out)
{
	struct buf body = buf_new(a, FORM_BYTES_MAX);

	form_put(&body, "To", call->to);
	form_put(&body, "From", call->from);
	put_urls(&body, a, account, call);
	form_put(&body, "Timeout", arena_printf(a, "%d", CALL_RINGS_S));
	form_put(&body, "MachineDetection", STR("DetectMessageEnd"));
	form_put(&body, "MachineDetectionTimeout", arena_printf(a, "%d", CALL_LISTENS_S));
	twilio_build_post(a, account, STR("Calls.json"), buf_str(&body), out);
}

static void build_lookup(struct arena *a, const struct carrier_account *account,
			 const struct lost_text *lost, struct http_request *out)
{
	struct str query = calls_between(a, lost);

	twilio_build_get(a, account, arena_printf(a, "Calls.json" STR_FMT, STR_ARG(query)), out);
}

static void build_fetch(struct arena *a, const struct carrier_account *account,
			struct str carrier_id, struct http_request *out)
{
	twilio_build_get(a, account, arena_printf(a, "Calls/" STR_FMT ".json", STR_ARG(carrier_id)),
			 out);
}

static void build_hang_up(struct arena *a, const struct carrier_account *account,
			  struct str carrier_id, struct http_request *out)
{
	twilio_build_post(a, account,
			  arena_printf(a, "Calls/" STR_FMT ".json", STR_ARG(carrier_id)),
			  STR("Status=completed"), out);
}

static bool parse_fetch(struct arena *a, const struct http_response *answer, struct event *out)
{
	return calls_parse_fetch(a, "twilio", answer, out);
}

struct str twilio_write_script(struct arena *a, const struct call_script *script)
{
	static const struct twiml_dialect twiml = {
		.gather_max_s = 120,
		.dial_min_s = 1,
		.dial_max_s = 600,
		.pauses_in_gather = true,
	};

	return twiml_write(a, &twiml, script);
}

const struct outbound twilio_calls = {
	.build_send = build_send,
	.parse_send = twilio_parse_send,
	.build_lookup = build_lookup,
	.parse_lookup = calls_parse_lookup,
	.build_fetch = build_fetch,
	.parse_fetch = parse_fetch,
	.build_hang_up = build_hang_up,
};
