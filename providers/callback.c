/* callback.c - reads what every carrier's callbacks have, and writes the URL that they come to. */
#include "callback.h"

#include "form.h"

enum { URL_BYTES_MAX = 2000, QUERY_FIELDS_MAX = 16 }; /* Telnyx takes no longer URL */

struct str callback_url(struct arena *a, const struct carrier_account *account, const char *carrier,
			const struct outgoing *text)
{
	struct buf url = buf_new(a, URL_BYTES_MAX), query = buf_new(a, URL_BYTES_MAX);

	form_put(&query, "account", text->account_id);
	form_put(&query, "attempt", text->attempt_id);
	buf_put(&url, account->public_url);
	buf_printf(&url, "/webhooks/%s/status?", carrier);
	buf_put(&url, buf_str(&query));
	return buf_str(&url);
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

void callback_names(struct arena *a, struct str url, struct event *out)
{
	struct form query;

	if (!form_parse(a, callback_query(url), QUERY_FIELDS_MAX, &query))
		return;
	out->account_id = text_or_empty(form_get(&query, "account"));
	out->attempt_id = text_or_empty(form_get(&query, "attempt"));
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
