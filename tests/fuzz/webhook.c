/* webhook.c - fuzzes the reading of answers and webhooks: whatever comes, the result is sound. */
#include "fuzz.h"

#include "provider.h"

static void read_answer(struct arena *a, const struct provider *p, int status, struct str body)
{
	struct http_response answer = {
		.transport = HTTP_ANSWERED,
		.status = status,
		.body = body,
	};
	struct send_result result;

	p->texts->parse_send(a, &answer, &result);
	must(result.code != NULL);
	must((result.outcome == SEND_ACCEPTED) == (status >= 200 && status <= 299));
	must(status < 500 || result.outcome == SEND_AMBIGUOUS ||
	     result.code->handling == HANDLING_BACK_OFF);
}

static void read_webhook(struct arena *a, const struct provider *p, const struct http_request *r)
{
	struct event e;
	const char *why = NULL;

	if (!p->parse_webhook(a, r, &e, &why)) {
		must(why && *why);
		return;
	}
	must(str_is_text(e.event_id) && str_is_text(e.carrier_id) && str_is_text(e.body));
	must(str_is_text(e.account_id) && str_is_text(e.attempt_id));
	must(str_is_text(e.from) && str_is_text(e.to) && str_is_text(e.status_text));
	must(e.kind == EVENT_IGNORED || (e.event_id.len && e.carrier_id.len));
	must(!e.code_text.len || e.code);
}

/* The first line is the URL of a webhook; the rest is its body, and that of an answer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 302, 400, 401, 408, 409, 429, 500, 503 };
	struct arena *a = arena_new();
	struct str body = input(data, size);
	struct http_header type = { STR("Content-Type"), STR("") };
	struct http_request r = {
		.method = STR("POST"),
		.url = str_cut(&body, '\n'),
		.headers = &type,
		.header_num = 1,
	};

	r.body = body;
	for (size_t i = 0; providers[i]; i++) {
		for (size_t k = 0; k < sizeof(statuses) / sizeof(*statuses); k++)
			read_answer(a, providers[i], statuses[k], body);
		type.value = STR("application/json");
		read_webhook(a, providers[i], &r);
		type.value = STR("application/x-www-form-urlencoded");
		read_webhook(a, providers[i], &r);
	}
	arena_free(a);
	return 0;
}
