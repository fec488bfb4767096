/* test_webhook_vectors.c - whole signed webhooks, and what each of them means to us. */
#include "testing.h"

#include "provider.h"

static void verify(struct arena *a, const struct provider *p, const struct json *row,
		   const struct http_request *r)
{
	struct str token = json_str(row, "auth_token");
	struct carrier_account account = {
		.id = p == &twilio ? STR("AC00000000000000000000000000000001") : STR(""),
		.webhook_secrets = { token.len ? token : json_str(row, "public_key_b64") },
		.webhook_secret_num = 1,
	};
	const char *name = arena_cstr(a, json_str(row, "name")), *why = NULL;
	int64_t now_s = 0;

	json_int(json_get(row, "now"), &now_s);
	if (p->verify_webhook(a, &account, r, now_s, &why) != WEBHOOK_VALID)
		fail_msg("row '%s': %s", name, why);
	account.webhook_secrets[0] = STR("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHUBo=");
	check(name, p->verify_webhook(a, &account, r, now_s, &why) == WEBHOOK_FORGED);
}

static void check_status(const char *name, const struct event *e, const struct json *means)
{
	const struct json *final = json_get(means, "final");

	if (str_is(json_str(means, "status"), "unknown")) {
		check(name, e->kind == EVENT_IGNORED && e->event_id.len);
		return;
	}
	check(name, e->kind == EVENT_STATUS);
	check_str(name, e->status_text, json_str(means, "status"));
	check_str(name, e->code_text, json_str(means, "error"));
	check(name, !e->code_text.len || (e->code && str_is(e->code_text, e->code->code)));
	check(name, !final || delivery_is_final(e->status) == final->boolean);
	check_str(name, e->to, STR("+12125550001"));
}

static void check_reply(const char *name, const struct event *e, const struct json *means,
			bool carrier_says)
{
	static const char *const consents[] = { "", "out", "in", "help" };
	struct str opt = json_str(means, "opt");
	int64_t media;

	check(name, e->kind == EVENT_REPLY);
	check_str(name, e->from, STR("+12125550001"));
	if (json_str(means, "to").p)
		check_str(name, e->to, json_str(means, "to"));
	if (json_str(means, "text").p)
		check_str(name, e->body, json_str(means, "text"));
	if (json_int(json_get(means, "media"), &media))
		check(name, e->media_num == media);
	/* Without its own word for it, what the guest wrote is for us to judge, not here. */
	check_str(name, str_of(consents[e->consent]), carrier_says ? opt : STR(""));
}

static bool is_form(const struct http_request *r)
{
	return str_starts(http_find(r->headers, r->header_num, STR("Content-Type")),
			  STR("application/x-www-form-urlencoded"));
}

/* Telnyx's form names no direction, and this URL no attempt: then it is not known to be ours. */
static void check_call(const char *name, const struct provider *p, const struct event *e,
		       const struct json *means)
{
	const struct json *final = json_get(means, "final");

	check(name, e->kind == (p == &twilio ? EVENT_STATUS : EVENT_IGNORED));
	check(name, e->channel == CHANNEL_VOICE && e->carrier_id.len && e->occurred_ms);
	check_str(name, e->status_text, json_str(means, "status"));
	check(name, !final || delivery_is_final(e->status) == final->boolean);
}

static void check_question(struct arena *a, const char *name, const struct provider *p,
			   const struct http_request *r, const struct json *means)
{
	struct call_question q;
	const char *why = NULL;

	if (!p->parse_call(a, r, &q, &why))
		fail_msg("row '%s': %s", name, why);
	check(name, !q.inbound);
	check_str(name, q.to, STR("+12125550001"));
	check_str(name, q.digits, json_str(means, "digits"));
	check_str(name, str_of(answered_name(q.answered_by)), json_str(means, "answered_by"));
}

static void check_row(struct arena *a, const struct json *row)
{
	const char *name = arena_cstr(a, json_str(row, "name")), *why = NULL;
	const struct provider *p = provider_find(json_str(row, "carrier"));
	const struct json *means = json_get(row, "means"), *h = json_get(row, "headers");
	struct str kind = json_str(means, "kind");
	struct http_header headers[8];
	struct http_request r = {
		.method = json_str(row, "method"),
		.url = json_str(row, "url"),
		.body = json_str(row, "body"),
		.headers = headers,
	};
	struct event e;

	for (h = h->first; h; h = h->next)
		headers[r.header_num++] = (struct http_header){ h->name, h->text };
	verify(a, p, row, &r);
	if (!p->parse_webhook(a, &r, &e, &why))
		fail_msg("row '%s': %s", name, why);
	if (str_is(kind, "status"))
		check_status(name, &e, means);
	else if (str_is(kind, "inbound"))
		check_reply(name, &e, means,
			    strstr(r.body.p, "OptOutType") ||
				    strstr(r.body.p, "autoresponse_type"));
	else if (!is_form(&r))
		check(name, e.kind == EVENT_IGNORED); /* Call Control, which we do not use */
	else if (str_is(kind, "call-status"))
		check_call(name, p, &e, means);
	else
		check_question(a, name, p, &r, means);
}

static void vectors(void **state)
{
	struct arena *a = arena_new();
	const struct json *rows = read_rows(a, "fixtures/vectors/webhook-requests.json");

	(void)state;
	for (const struct json *row = rows->first; row; row = row->next)
		check_row(a, row);
	check("all of them", rows->num >= 42);
	arena_free(a);
}

/* The same delivery again has the same event_id; every other one has its own. */
static void identities(void **state)
{
	struct arena *a = arena_new();
	const struct json *rows = read_rows(a, "fixtures/vectors/webhook-requests.json");
	struct str seen[64];
	size_t num = 0;

	(void)state;
	for (const struct json *row = rows->first; row; row = row->next) {
		const char *name = arena_cstr(a, json_str(row, "name")), *why;
		struct http_request r = { .method = STR("POST"), .body = json_str(row, "body") };
		struct http_header type = { STR("Content-Type"), STR("") };
		struct event e;
		bool known = false;

		if (str_starts(json_str(json_get(row, "means"), "kind"), STR("voice-")))
			continue; /* asks for a script */

		type.value = json_str(json_get(row, "headers"), "Content-Type");
		r.headers = &type;
		r.header_num = 1;
		check(name,
		      provider_find(json_str(row, "carrier"))->parse_webhook(a, &r, &e, &why));
		if (!e.event_id.len)
			continue;
		for (size_t i = 0; i < num; i++)
			known |= str_eq(seen[i], e.event_id);
		check(name, known == (json_path(row, "means", "duplicate_of", NULL) != NULL));
		seen[num++] = e.event_id;
	}
	check("most have one", num > 20);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(identities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
