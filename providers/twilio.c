/*
 * twilio.c - Twilio's formats: sends and webhooks are forms, the latter signed with HMAC-SHA1, and
 * answers are JSON. Source: Twilio's OpenAPI document, pages usage/security and messaging/guides.
 */
#include <stdlib.h>

#include "callback.h"
#include "calls.h"
#include "form.h"
#include "json.h"
#include "outcome.h"
#include "requests.h"
#include "rfc2822.h"
#include "secret.h"

enum {
	SEND_BYTES_MAX = 48 * 1024,    /* 1600 characters of 4 bytes, each as %XX, and the rest */
	WEBHOOK_BYTES_MAX = 64 * 1024, /* what we read of a webhook before we trust it */
	WEBHOOK_PARAMS_MAX = 256,      /* Twilio sends about 20, and 2 for each picture */
	VALIDITY_MAX_S = 36000,	       /* 21624 above it */
};

/*
 * The fragment is for Twilio itself and is neither sent nor signed: try again up to 5 times after
 * any failure. By default a callback that meets one 500 is lost.
 */
static struct str status_callback(struct arena *a, const struct carrier_account *account,
				  const struct outgoing *text)
{
	return arena_printf(a, STR_FMT "#rc=5&rp=all",
			    STR_ARG(callback_url(a, account, "twilio", text)));
}

static void build_send(struct arena *a, const struct carrier_account *account,
		       const struct outgoing *text, struct http_request *out)
{
	struct buf body = buf_new(a, SEND_BYTES_MAX);
	unsigned validity_s = text->validity_s;

	form_put(&body, "To", text->to);
	form_put(&body, "From", text->from);
	form_put(&body, "Body", text->body);
	form_put(&body, "StatusCallback", status_callback(a, account, text));
	if (validity_s > VALIDITY_MAX_S)
		validity_s = VALIDITY_MAX_S;
	if (validity_s)
		form_put(&body, "ValidityPeriod", arena_printf(a, "%u", validity_s));
	twilio_build_post(a, account, STR("Messages.json"), buf_str(&body), out);
}

void twilio_parse_send(struct arena *a, const struct http_response *answer, struct send_result *out)
{
	const struct json *j = json_parse(a, answer->body, NULL);
	const struct json *code = json_get(j, "code");

	*out = (struct send_result){ .outcome = SEND_ACCEPTED };
	if (outcome_is_success(answer)) {
		out->carrier_id = json_str(j, "sid");
		out->code = code_or_default("twilio", STR(""), answer->status);
		return;
	}
	out->detail = json_str(j, "message");
	outcome_judge("twilio", answer, code ? code->text : STR(""), out);
}

/* ---- Webhooks: the signature ---- */

static int by_name_and_value(const void *a, const void *b)
{
	const struct form_field *x = a, *y = b;
	int d = str_cmp(x->name, y->name);

	return d ? d : str_cmp(x->value, y->value);
}

/* The parameters as they are signed: by name, then value, each pair once, with nothing between. */
static struct str signed_params(struct arena *a, struct form *params)
{
	struct buf b = buf_new(a, WEBHOOK_BYTES_MAX);
	const struct form_field *last = NULL;

	if (params->num)
		qsort(params->fields, params->num, sizeof(*params->fields), by_name_and_value);
	for (size_t i = 0; i < params->num; i++) {
		const struct form_field *field = &params->fields[i];

		if (last && by_name_and_value(last, field) == 0)
			continue;
		buf_put(&b, field->name);
		buf_put(&b, field->value);
		last = field;
	}
	return buf_str(&b);
}

struct split_url {
	struct str host; /* with the scheme */
	struct str port; /* with its colon; empty when there is none */
	struct str path; /* and the query */
};

/* False for what Twilio never signs: no absolute URL, or one with a user name or a fragment. */
static bool split_url(struct str url, struct split_url *out)
{
	size_t start = str_starts(url, STR("https://")) ? 8 : 7;
	size_t end = start, colon = 0;

	if (!str_starts(url, STR("http://")) && !str_starts(url, STR("https://")))
		return false;
	for (; end < url.len && !memchr("/?#", url.p[end], 3); end++) {
		if (url.p[end] == '@')
			return false;
		if (url.p[end] == ':')
			colon = end;
		if (url.p[end] == ']')
			colon = 0; /* those before were inside an IPv6 address */
	}
	if (memchr(url.p, '#', url.len))
		return false;
	colon = colon ? colon : end;
	*out = (struct split_url){
		.host = { url.p, colon },
		.port = { url.p + colon, end - colon },
		.path = str_from(url, end),
	};
	return true;
}

static bool signed_with(struct arena *a, struct str secret, struct str text, struct str signature)
{
	uint8_t mac[SHA1_BYTES];

	secret_hmac_sha1(secret, text, mac);
	return secret_equal(secret_base64(a, (struct str){ (const char *)mac, sizeof(mac) }),
			    signature);
}

/*
 * Twilio signs with the port or without it, depending on the product, and some add the default one:
 * both forms of the URL are tried, with each token. The URL is never normalised.
 */
static bool signed_by_us(struct arena *a, const struct carrier_account *account, struct str url,
			 struct str params, struct str signature)
{
	struct split_url u;
	struct buf given = buf_new(a, url.len + params.len),
		   other = buf_new(a, url.len + 4 + params.len);

	if (!split_url(url, &u))
		return false;
	buf_put(&given, url);
	buf_put(&given, params);
	buf_put(&other, u.host);
	if (!u.port.len)
		buf_put(&other, str_starts(url, STR("https:")) ? STR(":443") : STR(":80"));
	buf_put(&other, u.path);
	buf_put(&other, params);
	for (size_t i = 0; i < account->webhook_secret_num; i++)
		if (signed_with(a, account->webhook_secrets[i], buf_str(&given), signature) ||
		    signed_with(a, account->webhook_secrets[i], buf_str(&other), signature))
			return true;
	return false;
}

/* What is not a form is covered by its digest, which stands in the signed URL. */
static bool digest_fits(struct arena *a, const struct http_request *r)
{
	uint8_t digest[SHA256_BYTES];
	struct form query;

	if (!form_parse(a, callback_query(r->url), WEBHOOK_PARAMS_MAX, &query))
		return false;
	secret_sha256(r->body, digest);
	return secret_equal(secret_hex(a, (struct str){ (const char *)digest, sizeof(digest) }),
			    form_get(&query, "bodySHA256"));
}

/* NULL, or why the body cannot be Twilio's. Leaves in `params` what it adds to the signed text. */
static const char *read_params(struct arena *a, const struct http_request *r, struct form *params)
{
	*params = (struct form){ 0 };
	if (r->body.len > WEBHOOK_BYTES_MAX)
		return "The request is longer than Twilio's are.";
	if (!str_is(r->method, "POST"))
		return r->body.len ? "The request has a body that its signature does not cover." :
				     NULL;
	if (!callback_is_form(r))
		return digest_fits(a, r) ? NULL : "The body does not fit bodySHA256 in the URL.";
	if (!form_parse(a, r->body, WEBHOOK_PARAMS_MAX, params))
		return "The form is broken, or has more parameters than Twilio sends.";
	return NULL;
}

/* One of our tokens may belong to another account of ours: its texts are not this account's. */
static bool is_foreign(const struct form *params, struct str account_sid)
{
	for (size_t i = 0; i < params->num; i++)
		if (str_is(params->fields[i].name, "AccountSid") &&
		    !str_eq(params->fields[i].value, account_sid))
			return account_sid.len > 0;
	return false;
}

static enum webhook_verdict verify_webhook(struct arena *a, const struct carrier_account *account,
					   const struct http_request *r, int64_t now_s,
					   const char **why)
{
	struct str signature = http_find(r->headers, r->header_num, STR("X-Twilio-Signature"));
	struct form params;

	(void)now_s; /* Twilio's requests carry no time: repetition is caught by event_id */
	*why = "The header X-Twilio-Signature is missing.";
	if (!signature.len)
		return WEBHOOK_FORGED;
	*why = read_params(a, r, &params);
	if (*why)
		return WEBHOOK_FORGED;
	if (!signed_by_us(a, account, r->url, signed_params(a, &params), signature)) {
		*why = "The signature does not fit. Is PUBLIC_URL what Twilio calls, and the auth "
		       "token the account's primary one?";
		return WEBHOOK_FORGED;
	}
	if (is_foreign(&params, account->id)) {
		*why = "The request is signed, but for a foreign account: AccountSid is not ours.";
		return WEBHOOK_FORGED;
	}
	return WEBHOOK_VALID;
}

/* ---- Webhooks: the meaning ---- */

const struct callback_status twilio_statuses[] = {
	{ "accepted", DELIVERY_QUEUED },
	{ "scheduled", DELIVERY_QUEUED },
	{ "queued", DELIVERY_QUEUED },
	{ "sending", DELIVERY_SENDING },
	{ "sent", DELIVERY_SENT },
	{ "delivered", DELIVERY_DELIVERED },
	{ "read", DELIVERY_DELIVERED },
	{ "undelivered", DELIVERY_UNDELIVERED },
	{ "failed", DELIVERY_FAILED },
	{ "canceled", DELIVERY_FAILED },
	{ NULL, 0 },
};

/* Valid UTF-8, whatever came: a guest's answer is not dropped over a broken byte. */
static struct str mend_text(struct arena *a, struct str s)
{
	struct buf b;

	if (str_is_text(s))
		return s;
	b = buf_new(a, 3 * s.len);
	while (s.len) {
		uint32_t c = 0;
		size_t n = str_char(s, &c);

		buf_put(&b, c ? (struct str){ s.p, n } : STR("\xef\xbf\xbd"));
		s = str_from(s, n ? n : 1);
	}
	return buf_str(&b);
}

/* Both names carry the same word in a callback; a guest's text has only SmsStatus. */
static struct str message_status(const struct form *f)
{
	struct str s = form_get(f, "MessageStatus");

	return s.len ? s : form_get(f, "SmsStatus");
}

static void read_status(struct arena *a, const struct form *f, struct event *out)
{
	struct str code = form_get(f, "ErrorCode");

	out->status_text = message_status(f);
	out->code_text = str_is(code, "0") ? STR("") : code;
	out->event_id = arena_printf(a, STR_FMT ":" STR_FMT ":" STR_FMT, STR_ARG(out->carrier_id),
				     STR_ARG(out->status_text), STR_ARG(out->code_text));
	callback_status("twilio", twilio_statuses, out);
}

static void read_reply(struct arena *a, const struct form *f, struct event *out)
{
	long long media = 0;

	out->kind = EVENT_REPLY;
	out->event_id = out->carrier_id;
	out->status_text = message_status(f);
	out->body = mend_text(a, form_get(f, "Body"));
	out->consent = callback_consent(form_get(f, "OptOutType"));
	if (!rfc2822_parse(form_get(f, "DateSent"), &out->occurred_ms)) /* see twilio_list.c */
		out->occurred_ms = 0;
	if (str_number(form_get(f, "NumMedia"), &media) && media <= 100)
		out->media_num = (unsigned)media;
}

static bool parse_webhook(struct arena *a, const struct http_request *r, struct event *out,
			  const char **why)
{
	static const char *const texts[] = { "MessageSid", "From",	"To",	 "MessageStatus",
					     "ErrorCode",  "SmsStatus", "SmsSid" };
	struct str status;
	struct form f;

	*out = (struct event){ .kind = EVENT_IGNORED };
	*why = "Twilio's webhooks are forms, sent by POST.";
	if (!str_is(r->method, "POST"))
		return false;
	if (!callback_is_form(r))
		return json_parse(a, r->body, NULL) != NULL; /* an event stream: nothing for us */
	if (!form_parse(a, r->body, WEBHOOK_PARAMS_MAX, &f))
		return false;
	*why = "A parameter is not valid UTF-8.";
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (!str_is_text(form_get(&f, texts[i])))
			return false;
	callback_names(a, r->url, out);
	out->from = form_get(&f, "From");
	out->to = form_get(&f, "To");
	out->carrier_id = form_get(&f, form_get(&f, "MessageSid").len ? "MessageSid" : "SmsSid");
	*why = "There is neither MessageSid nor CallSid.";
	if (!out->carrier_id.len)
		return form_get(&f, "CallSid").len && calls_read_status(a, "twilio", &f, out, why);
	status = message_status(&f);
	if (status.len && !str_is(status, "received"))
		read_status(a, &f, out);
	else
		read_reply(a, &f, out);
	return true;
}

static const struct outbound texts = {
	.can_expire = true,
	.build_send = build_send,
	.parse_send = twilio_parse_send,
	.build_lookup = twilio_build_lookup,
	.parse_lookup = twilio_parse_lookup,
	.build_fetch = twilio_build_fetch,
	.parse_fetch = twilio_parse_fetch,
};

const struct provider twilio = {
	.name = "twilio",
	.title = "Twilio",
	.texts = &texts,
	.calls = &twilio_calls,
	.build_list = twilio_build_list,
	.parse_list = twilio_parse_list,
	.parse_reply = twilio_parse_reply,
	.verify_webhook = verify_webhook,
	.parse_webhook = parse_webhook,
	.parse_call = calls_parse_question,
	.write_script = twilio_write_script,
	.ack_type = { "text/xml", 8 },
	.ack_body = { "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>", 49 },
	.voice_type = { "text/xml", 8 },
};
