/* call_bench.c - everything on one loop: carriers, a gateway with scripts, a client that calls. */
#include "call_bench.h"

#include "keys.h"

#include "clock.h"

static const struct provider *const sides[SIM_PROVIDERS] = { &twilio, &telnyx };

/* ---- the gateway's side ---- */

struct str with_urls(struct bench *b, const char *xml)
{
	struct buf out = buf_new(b->arena, 65536);

	for (const char *p = xml; *p; p++)
		if (*p == '@')
			buf_put(&out, b->url);
		else
			buf_char(&out, *p);
	return buf_str(&out);
}

static void answer_question(struct bench *b, struct exchange *x)
{
	b->questions++;
	buf_put(&b->keys, form_get(&b->last_question, "Digits"));
	if (b->sick && str_is(x->path, b->sick)) {
		exchange_reply(x, 500, STR("text/plain"), STR("sick"));
		return;
	}
	for (const struct page *p = b->pages; p && p->path; p++)
		if (str_is(x->path, p->path)) {
			exchange_reply(x, 200, STR("text/xml"), with_urls(b, p->xml));
			return;
		}
	exchange_reply(x, 200, STR("text/plain"), STR("no script"));
}

static void on_webhook(struct exchange *x)
{
	struct bench *b = x->context;
	int p = exchange_header(x, "telnyx-timestamp").len ? SIM_TELNYX : SIM_TWILIO;
	struct http_request r = x->request;
	struct str body = r.body.len ? r.body : x->query;
	struct form form;
	const char *why;

	r.url = arena_printf(b->arena, STR_FMT STR_FMT, STR_ARG(b->url), STR_ARG(x->request.url));
	if (sides[p]->verify_webhook(b->arena, &b->accounts[p], &r, clock_wall_ms() / 1000, &why) !=
	    WEBHOOK_VALID) {
		b->forged++;
		exchange_reply(x, 403, STR("text/plain"), STR("forged"));
		return;
	}
	assert_true(form_parse(b->arena, arena_copy(b->arena, body), 64, &form));
	if (!str_is(x->path, "/status")) {
		b->last_question = form;
		answer_question(b, x);
		return;
	}
	buf_put(&b->told, (struct str){ form_get(&form, "CallStatus").p, 1 });
	exchange_reply(x, 200, STR("text/plain"), STR(""));
}

/* ---- what is asked of a carrier ---- */

static void on_answer(void *ctx, const struct http_response *r)
{
	struct bench *b = ctx;

	b->status = r->status;
	b->body = arena_copy(b->arena, r->body);
	b->answered = true;
}

void bench_ask(struct bench *b, int p, const char *path, struct str body, bool is_json)
{
	const struct carriers_ports ports = carriers_ports(b->sim);
	const struct http_header headers[] = {
		{ STR("Authorization"),
		  p == SIM_TWILIO ? keys_basic(b->arena, 0) : keys_bearer(b->arena, 0) },
		{ STR("Content-Type"),
		  is_json ? STR("application/json") : STR("application/x-www-form-urlencoded") },
	};
	const struct http_request r = {
		.method = body.len ? STR("POST") : STR("GET"),
		.url = arena_printf(b->arena, "http://127.0.0.1:%u%s",
				    p == SIM_TWILIO ? ports.twilio : ports.telnyx, path),
		.body = body,
		.headers = headers,
		.header_num = 2,
	};
	const struct http_limits limits = { .connect_ms = 1000,
					    .total_ms = 300,
					    .response_max = 1 << 20 };

	b->answered = false;
	http_client_send(b->client, &r, &limits, on_answer, b);
	turn_until(b->loop, PATIENCE_MS, b->answered);
}

struct str twilio_form(struct bench *b, const char *more)
{
	struct buf f = buf_new(b->arena, 8192);

	form_put(&f, "To", STR(GUEST));
	form_put(&f, "From", STR(OURS));
	form_put(&f, "Url", with_urls(b, "@/voice?attempt=att_1#rc=0"));
	form_put(&f, "FallbackUrl", with_urls(b, "@/fallback"));
	form_put(&f, "StatusCallback", with_urls(b, "@/status#rc=1&rp=all"));
	form_put(&f, "StatusCallbackEvent", STR("initiated"));
	form_put(&f, "StatusCallbackEvent", STR("ringing"));
	form_put(&f, "StatusCallbackEvent", STR("answered"));
	form_put(&f, "StatusCallbackEvent", STR("completed"));
	form_put(&f, "Timeout", STR("5"));
	buf_put(&f, str_of(more));
	return buf_str(&f);
}

struct str telnyx_json(struct bench *b, const char *more)
{
	return arena_printf(b->arena,
			    "{\"To\":\"" GUEST "\",\"From\":\"" OURS "\",\"ApplicationSid\":"
			    "\"" FAKE_VOICE_APP "\",\"Url\":\"" STR_FMT "/voice?attempt=att_1\","
			    "\"FallbackUrl\":\"" STR_FMT "/fallback\",\"UrlMethod\":\"POST\","
			    "\"StatusCallback\":\"" STR_FMT "/status\",\"Timeout\":5,"
			    "\"StatusCallbackEvent\":\"initiated ringing answered completed\"%s}",
			    STR_ARG(b->url), STR_ARG(b->url), STR_ARG(b->url), more);
}

struct call *create_call(struct bench *b, int p, bool detects)
{
	const struct calls *all = b->sim->ledger->calls;
	uint32_t before = all->num;

	b->told = buf_new(b->arena, 256);
	b->keys = buf_new(b->arena, 256);
	b->forged = b->questions = 0;
	if (p == SIM_TWILIO)
		bench_ask(b, p, TWILIO_CALLS ".json",
			  twilio_form(b, detects ? "&MachineDetection=DetectMessageEnd" : ""),
			  false);
	else
		bench_ask(
			b, p, TELNYX_CALLS,
			telnyx_json(b, detects ? ",\"MachineDetection\":\"DetectMessageEnd\"" : ""),
			true);
	return all->num > before ? call_at(all, before) : NULL;
}

bool bench_idle(const struct bench *b)
{
	return !b->sim->hooks && !b->sim->talks;
}

struct call *call_through(struct bench *b, int p, bool detects)
{
	struct call *c = create_call(b, p, detects);

	turn_until(b->loop, PATIENCE_MS, bench_idle(b));
	return c;
}

struct str heard(struct bench *b, const struct call *c)
{
	struct buf out = buf_new(b->arena, 4096);

	for (const struct call_line *line = c->lines; line; line = line->next)
		if (strcmp(line->what, "url") != 0)
			buf_printf(&out, "%s%s:" STR_FMT "%s", out.len ? " " : "", line->what,
				   STR_ARG(line->text), line->unheard ? "!" : "");
	return arena_copy(b->arena, buf_str(&out));
}

/* ---- set-up ---- */

int bench_set_up(void **state)
{
	struct bench *b = test_calloc(1, sizeof(*b));
	const struct server_settings gateway = {
		.loopback_only = true,
		.max_connections = 64,
		.body_max = 65536,
		.idle_ms = 5000,
		.handle = on_webhook,
		.context = b,
	};
	struct carriers_settings settings = { .ring_ms = 5, .key_ms = 2, .second_ms = 4 };

	b->arena = arena_new();
	b->loop = loop_new();
	b->client = http_client_new(b->loop, 8);
	b->gateway = server_new(b->loop, &gateway);
	b->url = arena_printf(b->arena, "http://127.0.0.1:%u", server_port(b->gateway));
	settings.gateway = b->url.p;
	b->sim = carriers_start(b->loop, &settings);
	assert_non_null(b->sim);
	b->sim->latency.retry_ms = 5;
	carriers_reset(b->sim);
	for (int p = 0; p < SIM_PROVIDERS; p++)
		b->accounts[p] = (struct carrier_account){
			.public_url = b->url,
			.webhook_secrets = { p == SIM_TWILIO ? STR(FAKE_AUTH_TOKEN) :
							       STR(FAKE_PUBLIC_KEY) },
			.webhook_secret_num = 1,
		};
	*state = b;
	return 0;
}

int bench_tear_down(void **state)
{
	struct bench *b = *state;

	http_client_free(b->client);
	carriers_stop(b->sim);
	server_refuse(b->gateway);
	server_disconnect(b->gateway);
	while (server_connections(b->gateway))
		loop_turn(b->loop, 10);
	server_free(b->gateway);
	loop_free(b->loop);
	arena_free(b->arena);
	test_free(b);
	return 0;
}

static struct phone *phone(struct bench *b, const char *number)
{
	struct phones *all = b->sim->ledger->phones;

	return phones_at(all, phones_add(all, str_of(number)));
}

void plan_phone(struct bench *b, const char *number, enum phone_call does, const char *keys)
{
	phone(b, number)->plan = (struct call_plan){ does, str_of(keys), UINT32_MAX };
}

void set_faults(struct bench *b, int provider, const char *rules)
{
	struct str json = arena_printf(b->arena, "{\"faults\":[%s]}", rules);
	const char *why, *field;
	struct faults f;

	why = faults_parse(b->arena, json_parse(b->arena, json, &why), &f, &field);
	if (why)
		fail_msg("%s: %s", rules, why);
	carrier_set_faults(&b->sim->carriers[provider], &f);
}
