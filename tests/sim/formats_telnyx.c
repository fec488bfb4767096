/* formats_telnyx.c - Telnyx's bytes. */
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
	const struct json *j = json_parse(a, r->body, NULL);
	struct str url = json_str(j, "webhook_url");
	struct form query;

	out->to = json_str(j, "to");
	out->from = json_str(j, "from");
	out->body = json_str(j, "text");
	out->url = url;
	str_cut(&url, '?');
	if (form_parse(a, url, FIELDS_MAX, &query))
		out->attempt_id = form_get(&query, "attempt");
}

static void put_payload(struct buf *b, const char *name, const struct text *t, const char *status,
			const char *code)
{
	json_open(b, name, '{');
	json_put_str(b, "id", t->id);
	json_put_str(b, "direction", t->inbound ? STR("inbound") : STR("outbound"));
	json_put_str(b, "received_at", rfc3339_write(b->arena, SIM_EPOCH_MS + t->taken_at));
	json_put_str(b, "text", t->body);
	json_open(b, "from", '{');
	json_put_str(b, "phone_number", t->from);
	json_close(b, '}');
	json_open(b, "to", '[');
	json_open(b, NULL, '{');
	json_put_str(b, "phone_number", t->to);
	json_put_str(b, "status", str_of(status));
	json_close(b, '}');
	json_close(b, ']');
	json_open(b, "errors", '[');
	if (code) {
		json_open(b, NULL, '{');
		json_put_str(b, "code", str_of(code));
		json_close(b, '}');
	}
	json_close(b, ']');
	json_close(b, '}');
}

static struct str created(struct arena *a, const struct text *t)
{
	struct buf b = buf_new(a, BODY_MAX);

	json_open(&b, NULL, '{');
	put_payload(&b, "data", t, t->state, t->code);
	json_close(&b, '}');
	return buf_str(&b);
}

static struct str error(struct arena *a, const char *code)
{
	return arena_printf(a, "{\"errors\": [{\"code\": \"%s\", \"title\": \"Error\"}]}", code);
}

static struct str list(struct arena *a, const struct http_request *r)
{
	struct buf b = buf_new(a, 16 * BODY_MAX);
	struct str query = r->url;
	int64_t from_ms = 0, until_ms = INT64_MAX;
	bool inbound;
	struct form f;

	str_cut(&query, '?');
	if (!form_parse(a, query, FIELDS_MAX, &f) ||
	    !rfc3339_parse(form_get(&f, "filter[created_at][gte]"), &from_ms))
		return error(a, "10015");
	inbound = str_is(form_get(&f, "filter[direction]"), "inbound");
	if (inbound && !rfc3339_parse(form_get(&f, "filter[created_at][lte]"), &until_ms))
		return error(a, "10015");
	json_open(&b, NULL, '{');
	json_open(&b, "data", '[');
	for (size_t i = texts.num; i-- > 0;) {
		const struct text *t = texts.at[i];

		if (t->carrier != TELNYX || t->inbound != inbound || t->listed_at > sim.now ||
		    t->taken_at + SIM_EPOCH_MS < from_ms || t->taken_at + SIM_EPOCH_MS > until_ms ||
		    (!inbound && !str_eq(t->to, form_get(&f, "filter[cld]"))))
			continue;
		json_open(&b, NULL, '{');
		json_put_str(&b, "direction", inbound ? STR("inbound") : STR("outbound"));
		json_put_str(&b, "cld", t->to);
		json_put_str(&b, "uuid", t->id);
		json_put_str(&b, "status", str_of(t->state));
		json_put_str(&b, "delivery_status_webhook_url", t->url);
		json_close(&b, '}');
	}
	json_close(&b, ']');
	json_put_raw(&b, "meta", STR("{\"page_number\": 1, \"total_pages\": 1}"));
	json_close(&b, '}');
	return buf_str(&b);
}

/* ---- callbacks ---- */

static struct str sign(struct arena *a, const struct hook *h)
{
	uint8_t seed[ED25519_KEY_BYTES], signature[ED25519_SIGNATURE_BYTES];

	memset(seed, FAKE_SEED_BYTE, sizeof(seed));
	secret_ed25519_sign(
		(struct str){ (char *)seed, sizeof(seed) },
		arena_printf(a, STR_FMT "|" STR_FMT, STR_ARG(h->stamp), STR_ARG(h->body)),
		signature);
	return secret_base64(a, (struct str){ (char *)signature, sizeof(signature) });
}

static void hook(struct arena *a, struct hook *h, bool signs)
{
	struct buf b = buf_new(a, BODY_MAX);
	bool sent = h->status && str_is(str_of(h->status), telnyx_formats.sent);
	uint8_t nothing[ED25519_SIGNATURE_BYTES] = { 1 };

	json_open(&b, NULL, '{');
	json_open(&b, "data", '{');
	json_put_str(&b, "event_type",
		     !h->status ? STR("message.received") :
		     sent	? STR("message.sent") :
				  STR("message.finalized"));
	json_put_str(&b, "id", h->event_id);
	json_put_str(&b, "occurred_at", rfc3339_write(a, SIM_EPOCH_MS + h->occurred_at));
	put_payload(&b, "payload", h->text, h->status ? h->status : "webhook_delivered", h->code);
	json_close(&b, '}');
	json_close(&b, '}');
	h->url = h->status ? h->text->url : STR(FAKE_PUBLIC_URL "/webhooks/telnyx/messages");
	h->body = buf_str(&b);
	h->type = STR("application/json");
	h->stamp = arena_printf(a, "%lld", (long long)((SIM_EPOCH_MS + sim.now) / 1000));
	h->signature = signs ? sign(a, h) :
			       secret_base64(a, (struct str){ (char *)nothing, sizeof(nothing) });
}

const struct formats telnyx_formats = {
	.provider = &telnyx,
	.hook_tries = 6,
	.hook_patience_ms = 2000,
	.read = read_send,
	.created = created,
	.fetched = created,
	.error = error,
	.list = list,
	.hook = hook,
	.sent = "sent",
	.delivered = "delivered",
	.failed = "sending_failed",
	.undelivered = "delivery_failed",
	.never_left = { "40018", "40014", "40018", "40014" },
	.undelivered_codes = { "40001", "40002", "40008", "40012" },
	.guest_codes = { "40310", "10002", "40310", "10002" },
	.our_codes = { "10009", "40305", "10010", "10003" },
	.opted_out = "40300",
	.created_status = 200,
};
