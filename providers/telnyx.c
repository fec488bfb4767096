/*
 * telnyx.c - Telnyx's formats: JSON sends, answers and webhooks, the latter signed with Ed25519.
 * Source: Telnyx's OpenAPI document of 2026-07-16 and its messaging webhook pages.
 */
#include "callback.h"
#include "calls.h"
#include "json.h"
#include "outcome.h"
#include "requests.h"
#include "rfc3339.h"
#include "secret.h"

enum {
	SEND_BYTES_MAX = 48 * 1024, /* 1600 characters of at most 6 bytes, and the rest */
	FORM_PARAMS_MAX = 256,	    /* a call's form has about 30 */
	FRESH_S = 300,		    /* how old, or how far ahead, a webhook's time may be */
};

static struct str send_body(struct arena *a, const struct carrier_account *account,
			    const struct outgoing *text)
{
	struct buf b = buf_new(a, SEND_BYTES_MAX);
	struct str url = callback_url(a, account, "telnyx", text);

	json_open(&b, NULL, '{');
	json_put_str(&b, "from", text->from);
	json_put_str(&b, "to", text->to);
	json_put_str(&b, "text", text->body);
	json_put_str(&b, "webhook_url", url);
	json_put_str(&b, "webhook_failover_url",
		     arena_printf(a, STR_FMT "&failover=1", STR_ARG(url)));
	json_put_bool(&b, "use_profile_webhooks", false);
	json_close(&b, '}');
	return buf_str(&b);
}

/*
 * There is no validity period at Telnyx: a text waits in its queue for up to 4 hours. The key is
 * not promised for messages, and harmless: we never send one attempt twice.
 */
static void build_send(struct arena *a, const struct carrier_account *account,
		       const struct outgoing *text, struct http_request *out)
{
	struct http_header *headers;

	telnyx_build_post(a, account, STR("messages"), send_body(a, account, text), out);
	headers = arena_zero(a, (out->header_num + 1) * sizeof(*headers));
	memcpy(headers, out->headers, out->header_num * sizeof(*headers));
	headers[out->header_num++] = (struct http_header){ STR("Idempotency-Key"),
							   text->attempt_id };
	out->headers = headers;
}

/* The code of an error; a string by the specification, a number is taken too. */
static struct str code_of(const struct json *error)
{
	const struct json *code = json_get(error, "code");

	return code && (code->type == JSON_STRING || code->type == JSON_NUMBER) ? code->text :
										  STR("");
}

/* 10002 and 10016 say "invalid number" of either number; only the pointer tells which. */
static bool is_about_sender(const struct json *error)
{
	const struct json *source = json_get(error, "source");

	return str_is(json_str(source, "pointer"), "/from") ||
	       str_is(json_str(source, "parameter"), "from");
}

void telnyx_judge(struct arena *a, const struct http_response *answer, struct send_result *out)
{
	const struct json *j = json_parse(a, answer->body, NULL);
	const struct json *error = json_at(json_get(j, "errors"), 0);

	*out = (struct send_result){ .detail = json_str(error, "detail") };
	if (!out->detail.len)
		out->detail = json_str(error, "title");
	outcome_judge("telnyx", answer, code_of(error), out);
	if (out->code->handling == HANDLING_END && is_about_sender(error))
		out->code = code_or_default("telnyx", STR("40305"), answer->status);
}

static void parse_send(struct arena *a, const struct http_response *answer, struct send_result *out)
{
	const struct json *j = json_parse(a, answer->body, NULL);

	if (!outcome_is_success(answer)) {
		telnyx_judge(a, answer, out);
		return;
	}
	*out = (struct send_result){
		.outcome = SEND_ACCEPTED,
		.carrier_id = json_str(json_get(j, "data"), "id"),
		.code = code_or_default("telnyx", STR(""), answer->status),
	};
}

/* ---- Webhooks: the signature ---- */

static bool signed_by_us(struct arena *a, const struct carrier_account *account, struct str text,
			 struct str signature)
{
	for (size_t i = 0; i < account->webhook_secret_num; i++) {
		struct str key;

		if (secret_base64_decode(a, account->webhook_secrets[i], &key) &&
		    secret_ed25519_verify(key, text, signature))
			return true;
	}
	return false;
}

/* Covers the time and the body only: not the URL, so what its query says is a hint. */
static enum webhook_verdict verify_webhook(struct arena *a, const struct carrier_account *account,
					   const struct http_request *r, int64_t now_s,
					   const char **why)
{
	struct str header = http_find(r->headers, r->header_num, STR("telnyx-signature-ed25519"));
	struct str stamp = http_find(r->headers, r->header_num, STR("telnyx-timestamp"));
	struct buf text = buf_new(a, stamp.len + 1 + r->body.len);
	struct str signature;
	long long then_s;

	*why = "The header telnyx-signature-ed25519 is missing, or is not base64.";
	if (!header.len || !secret_base64_decode(a, header, &signature))
		return WEBHOOK_FORGED;
	*why = "The header telnyx-timestamp is missing, or is not a number.";
	if (!str_number(stamp, &then_s))
		return WEBHOOK_FORGED;
	buf_put(&text, stamp);
	buf_char(&text, '|');
	buf_put(&text, r->body);
	*why = "The signature does not fit. Is the public key the one in Telnyx's portal?";
	if (!signed_by_us(a, account, buf_str(&text), signature))
		return WEBHOOK_FORGED;
	*why = "The signature fits, but was made more than 300 seconds ago, or in the future.";
	if (now_s - then_s > FRESH_S || then_s - now_s > FRESH_S)
		return WEBHOOK_STALE;
	*why = NULL;
	return WEBHOOK_VALID;
}

/* ---- Webhooks: the meaning ---- */

const struct callback_status telnyx_statuses[] = {
	{ "queued", DELIVERY_QUEUED },
	{ "sending", DELIVERY_SENDING },
	{ "sent", DELIVERY_SENT },
	{ "delivery_unconfirmed", DELIVERY_UNCONFIRMED },
	{ "delivered", DELIVERY_DELIVERED },
	{ "sending_failed", DELIVERY_FAILED },
	{ "delivery_failed", DELIVERY_UNDELIVERED },
	{ "expired", DELIVERY_UNDELIVERED }, /* where it expired is not said: it may have left */
	{ NULL, 0 },
};

static void read_status(const struct json *payload, struct event *out)
{
	out->status_text = json_str(json_at(json_get(payload, "to"), 0), "status");
	out->code_text = code_of(json_at(json_get(payload, "errors"), 0));
	callback_status("telnyx", telnyx_statuses, out);
}

static void read_reply(const struct json *payload, struct event *out)
{
	const struct json *media = json_get(payload, "media");

	out->kind = EVENT_REPLY;
	out->status_text = STR("received");
	out->body = json_str(payload, "text");
	out->media_num = media ? (unsigned)media->num : 0;
	out->consent = callback_consent(json_str(payload, "autoresponse_type"));
}

/* A form is TeXML's, and of a call. */
static bool parse_form(struct arena *a, const struct http_request *r, struct event *out,
		       const char **why)
{
	struct form f;

	*why = "The form is broken, or has more parameters than Telnyx sends.";
	if (!form_parse(a, r->body, FORM_PARAMS_MAX, &f))
		return false;
	callback_names(a, r->url, out);
	return calls_read_status(a, "telnyx", &f, out, why);
}

static bool parse_webhook(struct arena *a, const struct http_request *r, struct event *out,
			  const char **why)
{
	const struct json *data, *payload;
	struct str event_type;

	*out = (struct event){ .kind = EVENT_IGNORED };
	*why = NULL;
	if (callback_is_form(r))
		return parse_form(a, r, out, why);
	data = json_get(json_parse(a, r->body, why), "data");
	payload = json_get(data, "payload");
	event_type = json_str(data, "event_type");
	out->event_id = json_str(data, "id");
	if (!event_type.len || !out->event_id.len) {
		*why = *why ? *why : "There is no data.event_type or no data.id.";
		return false;
	}
	if (!rfc3339_parse(json_str(data, "occurred_at"), &out->occurred_ms))
		out->occurred_ms = 0;
	if (!str_starts(event_type, STR("message.")))
		return true;
	callback_names(a, r->url, out);
	out->carrier_id = json_str(payload, "id");
	out->from = json_str(json_get(payload, "from"), "phone_number");
	out->to = json_str(json_at(json_get(payload, "to"), 0), "phone_number");
	if (!out->carrier_id.len) {
		*why = "There is no data.payload.id.";
		return false;
	}
	if (str_is(event_type, "message.received"))
		read_reply(payload, out);
	else if (str_is(event_type, "message.sent") || str_is(event_type, "message.finalized"))
		read_status(payload, out);
	return true;
}

static const struct outbound texts = {
	.build_send = build_send,
	.parse_send = parse_send,
	.build_lookup = telnyx_build_lookup,
	.parse_lookup = telnyx_parse_lookup,
	.build_fetch = telnyx_build_fetch,
	.parse_fetch = telnyx_parse_fetch,
};

const struct provider telnyx = {
	.name = "telnyx",
	.title = "Telnyx",
	.texts = &texts,
	.calls = &telnyx_calls,
	.build_list = telnyx_build_list,
	.parse_list = telnyx_parse_list,
	.parse_reply = telnyx_parse_reply,
	.verify_webhook = verify_webhook,
	.parse_webhook = parse_webhook,
	.parse_call = calls_parse_question,
	.write_script = telnyx_write_script,
	.ack_type = { "application/json", 16 },
	.ack_body = { "{}", 2 },
	.voice_type = { "application/xml", 15 },
};
