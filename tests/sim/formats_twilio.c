/* formats_twilio.c - Twilio's bytes. */
#include <stdlib.h>
#include <time.h>

#include "carriers.h"
#include "form.h"
#include "json.h"
#include "rfc3339.h"
#include "secret.h"
#include "secrets.h"

#define BODY_MAX 65536
#define FIELDS_MAX 32

static void read_send(struct arena *a, const struct http_request *r, struct incoming *out)
{
	struct form f, query;
	struct str url;
	long long validity_s = 0;

	if (!form_parse(a, r->body, FIELDS_MAX, &f))
		return;
	url = form_get(&f, "StatusCallback");
	out->to = form_get(&f, "To");
	out->from = form_get(&f, "From");
	out->body = form_get(&f, "Body");
	out->url = str_cut(&url, '#');
	url = out->url;
	str_cut(&url, '?');
	if (form_parse(a, url, FIELDS_MAX, &query))
		out->attempt_id = form_get(&query, "attempt");
	str_number(form_get(&f, "ValidityPeriod"), &validity_s);
	out->validity_ms = validity_s * 1000;
}

static struct str date(struct arena *a, int64_t at)
{
	char text[40];
	time_t s = (time_t)((SIM_EPOCH_MS + at) / 1000);
	struct tm tm;

	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S +0000", gmtime_r(&s, &tm));
	return arena_copy(a, str_of(text));
}

static void put_message(struct arena *a, struct buf *b, const struct text *t)
{
	json_open(b, NULL, '{');
	json_put_str(b, "account_sid", STR(FAKE_SID));
	json_put_str(b, "body", t->body);
	json_put_str(b, "date_created", date(a, t->taken_at));
	json_put_str(b, "date_sent", date(a, t->taken_at));
	json_put_str(b, "direction", t->inbound ? STR("inbound") : STR("outbound-api"));
	if (t->code)
		json_put_raw(b, "error_code", str_of(t->code));
	else
		json_put_null(b, "error_code");
	json_put_str(b, "from", t->from);
	json_put_str(b, "num_media", STR("0"));
	json_put_str(b, "sid", t->id);
	json_put_str(b, "status", str_of(t->state));
	json_put_str(b, "to", t->to);
	json_close(b, '}');
}

static struct str created(struct arena *a, const struct text *t)
{
	struct buf b = buf_new(a, BODY_MAX);

	put_message(a, &b, t);
	return buf_str(&b);
}

static struct str error(struct arena *a, const char *code)
{
	return arena_printf(a, "{\"code\": %s, \"message\": \"It was not possible\"}", code);
}

/* Of two numbers, or of a time. */
static bool fits(const struct form *f, const struct text *t)
{
	struct str to = form_get(f, "To"), from = form_get(f, "From");
	int64_t since = 0, until = 0, at = SIM_EPOCH_MS + t->taken_at;

	if (t->carrier != TWILIO || t->listed_at > sim.now)
		return false;
	if (to.len)
		return str_eq(t->to, to) && str_eq(t->from, from);
	must(rfc3339_parse(form_get(f, "DateSent>"), &since) &&
		     rfc3339_parse(form_get(f, "DateSent<"), &until),
	     "a list of neither numbers nor times");
	return at / 1000 >= since / 1000 && at / 1000 <= until / 1000;
}

/* Newest first. */
static struct str list(struct arena *a, const struct http_request *r)
{
	struct buf b = buf_new(a, 16 * BODY_MAX);
	struct str query = r->url;
	struct form f;

	str_cut(&query, '?');
	if (!form_parse(a, query, FIELDS_MAX, &f))
		return error(a, "20001");
	json_open(&b, NULL, '{');
	json_open(&b, "messages", '[');
	for (size_t i = texts.num; i-- > 0;) {
		const struct text *t = texts.at[i];

		if (fits(&f, t))
			put_message(a, &b, t);
	}
	json_close(&b, ']');
	json_put_null(&b, "next_page_uri");
	json_close(&b, '}');
	return buf_str(&b);
}

/* ---- callbacks ---- */

static int by_name(const void *a, const void *b)
{
	const struct form_field *x = a, *y = b;

	return str_cmp(x->name, y->name);
}

/* Names come sorted in the signed text. */
static struct str sign(struct arena *a, struct str url, struct form_field *fields, size_t num)
{
	struct buf text = buf_new(a, BODY_MAX);
	uint8_t mac[SHA1_BYTES];

	qsort(fields, num, sizeof(*fields), by_name);
	buf_put(&text, url);
	for (size_t i = 0; i < num; i++) {
		buf_put(&text, fields[i].name);
		buf_put(&text, fields[i].value);
	}
	secret_hmac_sha1(STR(FAKE_TOKEN), buf_str(&text), mac);
	return secret_base64(a, (struct str){ (char *)mac, sizeof(mac) });
}

static void hook(struct arena *a, struct hook *h, bool signs)
{
	const struct text *t = h->text;
	struct str status = h->status ? str_of(h->status) : STR("received");
	struct form_field f[] = {
		{ STR("AccountSid"), STR(FAKE_SID) },
		{ STR("MessageSid"), t->id },
		{ STR("SmsSid"), t->id },
		{ STR("SmsStatus"), status },
		{ STR("From"), t->from },
		{ STR("To"), t->to },
		{ h->status ? STR("MessageStatus") : STR("Body"), h->status ? status : t->body },
		{ STR("ErrorCode"), str_of(h->code) },
	};
	size_t num = sizeof(f) / sizeof(*f) - !h->code;
	struct buf body = buf_new(a, BODY_MAX);

	for (size_t i = 0; i < num; i++)
		form_put(&body, f[i].name.p, f[i].value);
	h->url = h->status ? t->url : STR(FAKE_PUBLIC_URL "/webhooks/twilio/sms");
	h->body = buf_str(&body);
	h->type = STR("application/x-www-form-urlencoded; charset=utf-8");
	h->signature = signs ? sign(a, h->url, f, num) : STR("bm90IHNpZ25lZCBieSB0d2lsaW8h");
}

const struct formats twilio_formats = {
	.provider = &twilio,
	.hook_tries = 6,
	.hook_patience_ms = 15000,
	.read = read_send,
	.created = created,
	.fetched = created,
	.error = error,
	.list = list,
	.hook = hook,
	.sent = "sent",
	.delivered = "delivered",
	.failed = "failed",
	.undelivered = "undelivered",
	.never_left = { "30001", "30036", "30500", "30001" },
	.undelivered_codes = { "30003", "30005", "30008", "30007" },
	.guest_codes = { "21211", "21614", "21211", "21614" },
	.our_codes = { "21606", "20003", "21408", "21612" },
	.opted_out = "21610",
	.created_status = 201,
};
