/*
 * doctor_twilio.c - our account at Twilio: is the token right, are our numbers there, and do their
 * texts and calls come here. Source: Twilio's OpenAPI document, FetchAccount,
 * ListIncomingPhoneNumber and UpdateIncomingPhoneNumber; all of them are free.
 */
#include "callback.h"
#include "doctor_carrier.h"
#include "form.h"
#include "json.h"
#include "requests.h"

#define PAGES_MAX 10
#define FORM_MAX 8192
#define CONSOLE "https://console.twilio.com"

/* ---- the account ---- */

/* With the token that signs callbacks: an API key, which may send, does not reach the account. */
static bool account_ok(struct probe *p)
{
	struct carrier_account us = p->carrier->account;
	const struct json *j;
	struct http_request request;
	struct http_response r;

	us.user = us.id;
	us.secret = us.webhook_secrets[0];
	twilio_build_get(p->arena, &us, STR(""), &request);
	request.url = arena_printf(p->arena, STR_FMT "/2010-04-01/Accounts/" STR_FMT ".json",
				   STR_ARG(us.base_url), STR_ARG(us.id));
	if (!carrier_ask(p, &request, &r,
			 STR("Copy account SID and auth token from " CONSOLE
			     " to TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.")))
		return false;
	j = json_parse(p->arena, r.body, NULL);
	if (str_is(json_str(j, "status"), "active")) {
		probe_found(p, DOCTOR_OK, "twilio", STR("Our account is active."), STR(""));
		return true;
	}
	probe_found(p, DOCTOR_FAIL, "twilio",
		    arena_printf(p->arena, "Our account is '" STR_FMT "': nothing is sent.",
				 STR_ARG(json_str(j, "status"))),
		    STR("See why at " CONSOLE ", and top it up or ask Twilio."));
	return false;
}

/* ---- its numbers ---- */

static void set(struct probe *p, const struct json *number, struct carrier_webhook *w,
		const char *application)
{
	const struct carrier_account *us = &p->carrier->account;
	bool voice = w->voice, fallback = json_str(number, "voice_fallback_url").len;
	struct buf form = buf_new(p->arena, FORM_MAX);
	struct http_request request;
	struct http_response r;

	form_put(&form, voice ? "VoiceUrl" : "SmsUrl", w->ours);
	form_put(&form, voice ? "VoiceMethod" : "SmsMethod", STR("POST"));
	if (application)
		form_put(&form, voice ? "VoiceApplicationSid" : "SmsApplicationSid", STR(""));
	if (voice && !fallback) {
		form_put(&form, "VoiceFallbackUrl",
			 arena_printf(p->arena, STR_FMT "/webhooks/twilio/voice-fallback",
				      STR_ARG(us->public_url)));
		form_put(&form, "VoiceFallbackMethod", STR("POST"));
	}
	twilio_build_post(p->arena, us,
			  arena_printf(p->arena, "IncomingPhoneNumbers/" STR_FMT ".json",
				       STR_ARG(json_str(number, "sid"))),
			  buf_str(&form), &request);
	w->set = probe_ask(p, &request, &r) && r.status == 200;
	w->refused = !w->set;
}

/* An application of Twilio's takes the place of the number's own URL. */
static void look_where(struct probe *p, struct carrier_found *found, const struct json *number,
		       bool voice)
{
	const struct carrier_account *us = &p->carrier->account;
	struct str application = json_str(number,
					  voice ? "voice_application_sid" : "sms_application_sid");
	struct carrier_webhook w = {
		.of = json_str(number, "phone_number"),
		.what = voice ? "calls" : "texts",
		.voice = voice,
		.url = application.len ? application :
					 json_str(number, voice ? "voice_url" : "sms_url"),
		.ours = arena_printf(p->arena, STR_FMT "%s", STR_ARG(us->public_url),
				     voice ? "/webhooks/twilio/voice" :
					     "/webhooks/twilio/sms#rc=5&rp=all"),
		.post = str_is(json_str(number, voice ? "voice_method" : "sms_method"), "POST"),
	};

	if (carrier_to_set(p, &w))
		set(p, number, &w, application.len ? application.p : NULL);
	carrier_webhook_found(p, found, &w);
}

static void look_at_number(struct probe *p, struct carrier_found *found, const struct json *number)
{
	const struct our_number *ours = carrier_take(found, json_str(number, "phone_number"));
	const struct json *can = json_get(number, "capabilities"), *sms = json_get(can, "sms");

	if (!ours)
		return;
	if (sms && sms->type == JSON_BOOL && !sms->boolean)
		carrier_note(&found->mute, ours->phone);
	look_where(p, found, number, false);
	if (ours->calls)
		look_where(p, found, number, true);
}

/* The page's URI from "IncomingPhoneNumbers" on; empty when it is none. */
static struct str from_numbers(struct str uri)
{
	for (; uri.len; uri = str_from(uri, 1))
		if (str_starts(uri, STR("IncomingPhoneNumbers.json")))
			return uri;
	return uri;
}

void doctor_twilio(struct probe *p)
{
	struct str page = STR("IncomingPhoneNumbers.json?PageSize=1000");
	struct carrier_found found;
	struct http_request request;
	struct http_response r;

	if (!account_ok(p) || !carrier_begin(p, &found))
		return;
	for (int pages = 0; page.len && !carrier_has_all(&found); pages++) {
		const struct json *j;

		twilio_build_get(p->arena, &p->carrier->account, page, &request);
		if (!carrier_ask(
			    p, &request, &r,
			    STR("Are TWILIO_API_KEY and TWILIO_API_SECRET right, and may the key "
				"read numbers?")))
			return;
		j = json_parse(p->arena, r.body, NULL);
		for (const struct json *n = json_at(json_get(j, "incoming_phone_numbers"), 0); n;
		     n = n->next)
			look_at_number(p, &found, n);
		page = from_numbers(json_str(j, "next_page_uri"));
		if (pages + 1 == PAGES_MAX && page.len) {
			found.cut = true;
			break;
		}
	}
	carrier_tell(p, &found, CONSOLE);
}
