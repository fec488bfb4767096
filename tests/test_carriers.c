/*
 * test_carriers.c - the simulated carriers' formats: what they write and sign is verified and read
 * by providers/, and the small ones by table.
 */
#include "testing.h"

#include <stdlib.h>

#include "clock.h"
#include "control.h"
#include "credentials.h"
#include "dates.h"
#include "provider.h"
#include "secret.h"
#include "sim.h"
#include "telnyx.h"
#include "twilio.h"

#define PUBLIC_URL "http://127.0.0.1:8080"
#define GUEST "+12125550123"
#define OURS "+12125550100"

/* ---- a simulator without network ---- */

static struct carriers *offline(void)
{
	struct carriers *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->arena = arena_new();
	s->ledger = ledger_new(1);
	s->carriers[SIM_TWILIO] = (struct carrier){ .sim = s,
						    .formats = &twilio_formats,
						    .provider = SIM_TWILIO };
	s->carriers[SIM_TELNYX] = (struct carrier){ .sim = s,
						    .formats = &telnyx_formats,
						    .provider = SIM_TELNYX };
	return s;
}

static void offline_free(struct carriers *s)
{
	ledger_free(s->ledger);
	arena_free(s->arena);
	free(s);
}

static const struct carrier_account twilio_account = {
	.base_url = STR("http://127.0.0.1:8082"),
	.public_url = STR(PUBLIC_URL),
	.id = STR(FAKE_ACCOUNT_SID),
	.user = STR(FAKE_ACCOUNT_SID),
	.secret = STR(FAKE_AUTH_TOKEN),
	.webhook_secrets = { STR(FAKE_AUTH_TOKEN) },
	.webhook_secret_num = 1,
};

static const struct carrier_account telnyx_account = {
	.base_url = STR("http://127.0.0.1:8083"),
	.public_url = STR(PUBLIC_URL),
	.secret = STR(FAKE_API_KEY),
	.webhook_secrets = { STR(FAKE_PUBLIC_KEY) },
	.webhook_secret_num = 1,
};

static const struct {
	const struct provider *provider;
	const struct carrier_account *account;
} sides[SIM_PROVIDERS] = {
	[SIM_TWILIO] = { &twilio, &twilio_account },
	[SIM_TELNYX] = { &telnyx, &telnyx_account },
};

static struct text *add(struct carriers *s, int provider, enum direction direction,
			const char *body)
{
	const struct text_draft d = {
		.provider = provider,
		.direction = direction,
		.to = direction == FROM_PHONE ? STR(OURS) : STR(GUEST),
		.from = direction == FROM_PHONE ? STR(GUEST) : STR(OURS),
		.body = str_of(body),
		.url = direction == FROM_PHONE ?
			       STR("") :
			       STR(PUBLIC_URL
				   "/webhooks/x/status?account=acc_1&attempt=att_1#rc=3"),
		.now_ms = clock_wall_ms(),
	};

	return ledger_add(s->ledger, &d);
}

/* ---- webhooks: signed here, verified and read there ---- */

static const struct hook_row {
	const char *name;
	enum text_status status;
	bool forged;
	enum delivery_status reads[SIM_PROVIDERS];
	const char *code[SIM_PROVIDERS];
} hook_rows[] = {
	{ "sent", TEXT_SENT, false, { DELIVERY_SENT, DELIVERY_SENT }, { "", "" } },
	{ "delivered",
	  TEXT_DELIVERED,
	  false,
	  { DELIVERY_DELIVERED, DELIVERY_DELIVERED },
	  { "", "" } },
	{ "undelivered",
	  TEXT_UNDELIVERED,
	  false,
	  { DELIVERY_UNDELIVERED, DELIVERY_UNDELIVERED },
	  { "30003", "40008" } },
	{ "failed",
	  TEXT_FAILED,
	  false,
	  { DELIVERY_FAILED, DELIVERY_FAILED },
	  { "30001", "40018" } },
	{ "expired",
	  TEXT_EXPIRED,
	  false,
	  { DELIVERY_FAILED, DELIVERY_UNDELIVERED },
	  { "30036", "40014" } },
	{ "forged", TEXT_FAILED, true, { DELIVERY_FAILED, DELIVERY_FAILED }, { "30001", "40018" } },
};

static void check_hook(struct carriers *s, int provider, const struct hook_row *row)
{
	struct carrier *c = &s->carriers[provider];
	struct text *t = add(s, provider, TO_PHONE, "Your table is ready");
	struct hook *h = hook_new(c, t, row->status);
	struct http_request request;
	struct event e;
	const char *why = NULL;

	t->code = c->formats->code_for_final(row->status);
	h->forged = row->forged;
	hook_url(h, text_url(h->arena, s->ledger, t, &t->url), STR(""));
	c->formats->hook_request(h->arena, h, &request);
	assert_int_equal(sides[provider].provider->verify_webhook(h->arena, sides[provider].account,
								  &request, clock_wall_ms() / 1000,
								  &why),
			 row->forged ? WEBHOOK_FORGED : WEBHOOK_VALID);
	check(row->name, sides[provider].provider->parse_webhook(h->arena, &request, &e, &why));
	check(row->name, e.kind == EVENT_STATUS);
	check(row->name, e.status == row->reads[provider]);
	check_str(row->name, e.attempt_id, STR("att_1"));
	check_str(row->name, e.account_id, STR("acc_1"));
	check_str(row->name, e.carrier_id, c->formats->id(h->arena, t));
	check_str(row->name, e.code_text, str_of(row->code[provider]));
	hook_free(h);
}

static void status_webhooks(void **state)
{
	struct carriers *s = offline();

	(void)state;
	for (size_t i = 0; i < COUNT(hook_rows); i++)
		for (int p = 0; p < SIM_PROVIDERS; p++)
			check_hook(s, p, &hook_rows[i]);
	offline_free(s);
}

static void guest_webhooks(void **state)
{
	static const char *const bodies[] = {
		"1", "STOP", " stop ", "Caf\u00e9 \U0001f389 50% & a+b=c; \"q\"\nline2", "", "HELP",
	};
	struct carriers *s = offline();
	struct http_request request;
	struct event e;
	const char *why = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(bodies) * SIM_PROVIDERS; i++) {
		int p = (int)(i % SIM_PROVIDERS);
		const char *body = bodies[i / SIM_PROVIDERS];
		struct text *t = add(s, p, FROM_PHONE, body);
		struct hook *h = hook_new(&s->carriers[p], t, TEXT_RECEIVED);

		h->keyword = s->carriers[p].formats->keyword(str_of(body));
		hook_url(h, STR(PUBLIC_URL "/webhooks/x/sms"), STR(""));
		s->carriers[p].formats->hook_request(h->arena, h, &request);
		assert_int_equal(sides[p].provider->verify_webhook(h->arena, sides[p].account,
								   &request, clock_wall_ms() / 1000,
								   &why),
				 WEBHOOK_VALID);
		check(body, sides[p].provider->parse_webhook(h->arena, &request, &e, &why));
		check(body, e.kind == EVENT_REPLY);
		check_str(body, e.body, str_of(body));
		check_str(body, e.from, STR(GUEST));
		check_str(body, e.to, STR(OURS));
		check(body, (e.consent == CONSENT_STOP) ==
				    (p == SIM_TELNYX && h->keyword && *h->keyword == 'S'));
		hook_free(h);
	}
	offline_free(s);
}

/* ---- answers: written here, read there ---- */

static void answers(void **state)
{
	struct carriers *s = offline();
	struct arena *a = arena_new();

	(void)state;
	for (int p = 0; p < SIM_PROVIDERS; p++) {
		const struct carrier *c = &s->carriers[p];
		const struct text *t = add(s, p, TO_PHONE, "Hi");
		struct buf b = buf_new(a, SIM_BODY_MAX);
		struct http_response r = { .transport = HTTP_ANSWERED };
		struct send_result got;

		if (p == SIM_TWILIO) {
			twilio_put_message(a, &b, s, t);
		} else {
			json_open(&b, NULL, '{');
			telnyx_put_message(&b, "data", s, t, NULL);
			json_close(&b, '}');
		}
		r.status = c->formats->created;
		r.body = buf_str(&b);
		sides[p].provider->texts->parse_send(a, &r, &got);
		assert_int_equal(got.outcome, SEND_ACCEPTED);
		check_str(c->formats->name, got.carrier_id, c->formats->id(a, t));

		const struct refusal stop = { p == SIM_TWILIO ? 400 : 409,
					      p == SIM_TWILIO ? 21610 : 40300, NULL };
		r.status = stop.http_status;
		r.body = c->formats->error(a, &stop);
		sides[p].provider->texts->parse_send(a, &r, &got);
		assert_int_equal(got.outcome, SEND_REFUSED);
		assert_int_equal(got.code->handling, HANDLING_OPTED_OUT);
	}
	arena_free(a);
	offline_free(s);
}

/* ---- small formats ---- */

static const struct {
	const char *url, *rest;
	unsigned tries, connect_ms, total_ms;
	const char *after; /* of "4", "5", "c", "r" */
} policies[] = {
	{ "http://a/b", "http://a/b", 2, 5000, 15000, "c" },
	{ "http://a/b?x=1#rc=3&rp=all", "http://a/b?x=1", 4, 5000, 15000, "45cr" },
	{ "http://a/b#rc=0", "http://a/b", 1, 5000, 15000, "c" },
	{ "http://a/b#rp=5xx,rt&rc=9", "http://a/b", 2, 5000, 15000, "5r" },
	{ "http://a/b#ct=200&rt=300", "http://a/b", 2, 200, 500, "c" },
	{ "http://a/b#tt=1000&rp=", "http://a/b", 2, 5000, 1000, "" },
};

static void twilio_retry_policies(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(policies); i++) {
		struct str url = str_of(policies[i].url);
		struct hook_policy p = twilio_hook_policy(&url);
		const char *row = policies[i].url, *after = policies[i].after;

		check_str(row, url, str_of(policies[i].rest));
		check(row, p.tries == policies[i].tries);
		check(row, p.connect_ms == policies[i].connect_ms);
		check(row, p.total_ms == policies[i].total_ms);
		check(row, p.after_4xx == !!strchr(after, '4'));
		check(row, p.after_5xx == !!strchr(after, '5'));
		check(row, p.after_connect == !!strchr(after, 'c'));
		check(row, p.after_read == !!strchr(after, 'r'));
	}
}

static const struct {
	const char *text;
	bool ok;
	int64_t first_ms, last_ms;
} spans[] = {
	{ "2026-02-02", true, 1769990400000, 1770076799999 },
	{ "2026-02-02T02:50:02", true, 1770000602000, 1770000602999 },
	{ "2026-02-02T02:50:02Z", true, 1770000602000, 1770000602999 },
	{ "2026-02-02T02:50:02.148+00:00", true, 1770000602148, 1770000602148 },
	{ "2026-02-02 02:50:02", true, 1770000602000, 1770000602999 },
	{ "2026-02-02T02:50:02+01:00", false, 0, 0 },
	{ "2026-02", false, 0, 0 },
	{ "yesterday", false, 0, 0 },
	{ "", false, 0, 0 },
};

static void dates(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(spans); i++) {
		int64_t first_ms = 0, last_ms = 0;

		check(spans[i].text,
		      date_span(str_of(spans[i].text), &first_ms, &last_ms) == spans[i].ok);
		check(spans[i].text, first_ms == spans[i].first_ms || !spans[i].ok);
		check(spans[i].text, last_ms == spans[i].last_ms || !spans[i].ok);
	}
	check_str("rfc2822", date_rfc2822(a, 1770000602148),
		  STR("Mon, 02 Feb 2026 02:50:02 +0000"));
	check_str("iso", date_iso(a, 1770000602148), STR("2026-02-02T02:50:02.148+00:00"));
	check_str("minutes", date_minutes(a, 1770000602148), STR("2602020250"));
	arena_free(a);
}

static void credentials_fit_together(void **state)
{
	struct arena *a = arena_new();
	uint8_t seed[FAKE_SEED_BYTES], public[ED25519_KEY_BYTES];

	(void)state;
	fake_seed(FAKE_SEED_HEX, seed);
	assert_true(secret_ed25519_public((struct str){ (char *)seed, sizeof(seed) }, public));
	check_str("public key", secret_base64(a, (struct str){ (char *)public, sizeof(public) }),
		  STR(FAKE_PUBLIC_KEY));
	assert_null(fake_environment_refusal(a));
	setenv("TWILIO_BASE_URL", "http://127.0.0.1:9", 1);
	assert_null(fake_environment_refusal(a));
	setenv("TWILIO_BASE_URL", "https://api.twilio.com", 1);
	assert_non_null(strstr(fake_environment_refusal(a), "TWILIO_BASE_URL"));
	unsetenv("TWILIO_BASE_URL");
	setenv("TELNYX_API_KEY", "KEY_real", 1);
	assert_non_null(strstr(fake_environment_refusal(a), "TELNYX_API_KEY"));
	assert_null(strstr(fake_environment_refusal(a), "KEY_real"));
	unsetenv("TELNYX_API_KEY");
	arena_free(a);
}

/* The description is made from the table: each row must show how it is called. */
static void every_endpoint_has_an_example(void **state)
{
	(void)state;
	for (size_t i = 0; i < control_route_num; i++) {
		const struct route *r = &control_routes[i];
		const char *example = strchr(r->summary, '\n');

		check(r->path, example && strstr(example, "$SIM/sim"));
		check(r->path, (strstr(example, "-X") || strstr(example, "-d")) ==
				       (strcmp(r->method, "GET") != 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_webhooks),
		cmocka_unit_test(guest_webhooks),
		cmocka_unit_test(answers),
		cmocka_unit_test(twilio_retry_policies),
		cmocka_unit_test(dates),
		cmocka_unit_test(credentials_fit_together),
		cmocka_unit_test(every_endpoint_has_an_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
