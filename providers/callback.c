/* callback.c - reads what every carrier's callbacks have, and writes the URLs that they come to. */
#include "callback.h"

#include "form.h"

enum { URL_BYTES_MAX = 2000, QUERY_FIELDS_MAX = 16 }; /* Telnyx takes no longer URL */

static struct str url_of(struct arena *a, const struct carrier_account *account,
			 const char *carrier, const char *page, struct str query)
{
	struct buf url = buf_new(a, URL_BYTES_MAX);

	buf_put(&url, account->public_url);
	buf_printf(&url, "/webhooks/%s/%s", carrier, page);
	if (query.len)
		buf_char(&url, '?');
	buf_put(&url, query);
	return buf_str(&url);
}

static struct str names_of(struct arena *a, const struct outgoing *o)
{
	struct buf query = buf_new(a, URL_BYTES_MAX);

	form_put(&query, "account", o->account_id);
	form_put(&query, "attempt", o->attempt_id);
	return buf_str(&query);
}

struct str callback_url(struct arena *a, const struct carrier_account *account, const char *carrier,
			const struct outgoing *text)
{
	return url_of(a, account, carrier, "status", names_of(a, text));
}

struct str callback_fallback_url(struct arena *a, const struct carrier_account *account,
				 const char *carrier, const struct outgoing *call)
{
	return url_of(a, account, carrier, "voice-fallback", names_of(a, call));
}

struct str callback_voice_url(struct arena *a, const struct carrier_account *account,
			      const char *carrier, struct str account_id, struct str attempt_id,
			      struct str step)
{
	struct buf query = buf_new(a, URL_BYTES_MAX);

	if (account_id.len)
		form_put(&query, "account", account_id);
	if (attempt_id.len)
		form_put(&query, "attempt", attempt_id);
	if (step.len)
		form_put(&query, "step", step);
	return url_of(a, account, carrier, "voice", buf_str(&query));
}

bool callback_is_form(const struct http_request *r)
{
	struct str type = http_find(r->headers, r->header_num, STR("Content-Type"));

	if (!type.len)
		return !r->body.len;
	return str_eq_fold(str_trim(str_cut(&type, ';')), STR("application/x-www-form-urlencoded"));
}

struct str callback_query(struct str url)
{
	struct str query = str_cut(&url, '#');

	str_cut(&query, '?');
	return query;
}

static struct str text_or_empty(struct str s)
{
	return str_is_text(s) ? s : (struct str){ NULL, 0 };
}

struct callback_hints callback_hints(struct arena *a, struct str url)
{
	struct form query;

	if (!form_parse(a, callback_query(url), QUERY_FIELDS_MAX, &query))
		return (struct callback_hints){ 0 };
	return (struct callback_hints){
		.account_id = text_or_empty(form_get(&query, "account")),
		.attempt_id = text_or_empty(form_get(&query, "attempt")),
		.step = text_or_empty(form_get(&query, "step")),
	};
}

void callback_names(struct arena *a, struct str url, struct event *out)
{
	struct callback_hints hints = callback_hints(a, url);

	out->account_id = hints.account_id;
	out->attempt_id = hints.attempt_id;
}

void callback_status(const char *carrier, const struct callback_status *table, struct event *out)
{
	bool failed = false;

	for (; table->theirs; table++) {
		if (!str_is(out->status_text, table->theirs))
			continue;
		out->kind = EVENT_STATUS;
		out->status = table->ours;
		failed = out->status == DELIVERY_FAILED || out->status == DELIVERY_UNDELIVERED;
	}
	if (out->code_text.len || failed)
		out->code = code_or_default(carrier, out->code_text, 0);
}

enum carrier_consent callback_consent(struct str word)
{
	if (str_eq_fold(word, STR("STOP")))
		return CONSENT_STOP;
	if (str_eq_fold(word, STR("START")))
		return CONSENT_START;
	return str_eq_fold(word, STR("HELP")) ? CONSENT_HELP : CONSENT_UNSAID;
}
