/*
 * test_carrier_wire.c - the simulated carriers over real HTTP: what providers/ build is taken,
 * faults come out on the wire as told, and callbacks arrive, signed and in order.
 */
#include "testing.h"

#include <signal.h>

#include "clock.h"
#include "credentials.h"
#include "http_client.h"
#include "provider.h"
#include "reply.h"
#include "server.h"
#include "sim.h"

#define GUEST "+12125550123"
#define OURS "+12125550100"
#define PATIENCE_MS 5000
#define EVENTS_MAX 32

/* Everything on one loop: the carriers, a client that sends, a gateway that hears. */
struct bench {
	struct loop *loop;
	struct carriers *sim;
	struct http_client *client;
	struct server *gateway;
	struct arena *arena;
	struct carrier_account accounts[SIM_PROVIDERS];
	struct event events[EVENTS_MAX]; /* of verified webhooks */
	unsigned event_num, forged;
	int answer_next; /* status of the gateway's next answer, once; 0: 200 */
	/* of the last call */
	struct http_response response;
	struct send_result sent;
	bool answered;
	int provider;
};

static const struct provider *const sides[SIM_PROVIDERS] = { &twilio, &telnyx };

/* ---- the gateway's side ---- */

static void on_webhook(struct exchange *x)
{
	struct bench *b = x->context;
	int p = str_starts(x->path, STR("/webhooks/telnyx/")) ? SIM_TELNYX : SIM_TWILIO;
	int status = b->answer_next ? b->answer_next : 200;
	struct http_request r = x->request;
	const char *why;
	struct event e;

	r.url = arena_printf(b->arena, STR_FMT STR_FMT, STR_ARG(b->accounts[p].public_url),
			     STR_ARG(x->request.url));
	r.body = arena_copy(b->arena, r.body);
	b->answer_next = 0;
	if (sides[p]->verify_webhook(b->arena, &b->accounts[p], &r, clock_wall_ms() / 1000, &why) !=
	    WEBHOOK_VALID)
		b->forged++;
	else if (sides[p]->parse_webhook(b->arena, &r, &e, &why) && b->event_num < EVENTS_MAX)
		b->events[b->event_num++] = e;
	exchange_reply(x, status, sides[p]->ack_type, sides[p]->ack_body);
}

static void turn_until(struct bench *b, const bool *done)
{
	int64_t give_up_ms = clock_mono_ms() + PATIENCE_MS;

	while (!*done && clock_mono_ms() < give_up_ms)
		loop_turn(b->loop, 10);
	assert_true(*done);
}

static void turn_until_idle(struct bench *b)
{
	int64_t give_up_ms = clock_mono_ms() + PATIENCE_MS;

	while ((b->sim->hooks || b->sim->journeys) && clock_mono_ms() < give_up_ms)
		loop_turn(b->loop, 10);
	assert_null(b->sim->hooks);
	assert_null(b->sim->journeys);
}

static void on_sent(void *ctx, const struct http_response *r)
{
	struct bench *b = ctx;
	struct http_response copy = *r;

	b->response = *r;
	copy.body = arena_copy(b->arena, r->body);
	b->sent = (struct send_result){ .outcome = SEND_AMBIGUOUS };
	if (r->transport == HTTP_ANSWERED)
		sides[b->provider]->texts->parse_send(b->arena, &copy, &b->sent);
	b->answered = true;
}

static void send_text(struct bench *b, int provider, const char *body)
{
	const struct outgoing text = {
		.to = STR(GUEST),
		.from = STR(OURS),
		.body = str_of(body),
		.account_id = STR("acc_1"),
		.attempt_id = STR("att_1"),
	};
	const struct http_limits limits = { .connect_ms = 1000,
					    .total_ms = 300,
					    .response_max = 65536 };
	struct http_request request;

	b->provider = provider;
	b->answered = false;
	sides[provider]->texts->build_send(b->arena, &b->accounts[provider], &text, &request);
	http_client_send(b->client, &request, &limits, on_sent, b);
	turn_until(b, &b->answered);
}

/* ---- set-up ---- */

static struct carrier_account account(struct bench *b, int provider, uint16_t port)
{
	bool is_twilio = provider == SIM_TWILIO;

	return (struct carrier_account){
		.base_url = arena_printf(b->arena, "http://127.0.0.1:%u", port),
		.public_url = arena_printf(b->arena, "http://127.0.0.1:%u",
					   server_port(b->gateway)),
		.id = is_twilio ? STR(FAKE_ACCOUNT_SID) : STR(""),
		.user = is_twilio ? STR(FAKE_ACCOUNT_SID) : STR(""),
		.secret = is_twilio ? STR(FAKE_AUTH_TOKEN) : STR(FAKE_API_KEY),
		.webhook_secrets = { is_twilio ? STR(FAKE_AUTH_TOKEN) : STR(FAKE_PUBLIC_KEY) },
		.webhook_secret_num = 1,
	};
}

static int set_up(void **state)
{
	struct bench *b = test_calloc(1, sizeof(*b));
	struct server_settings gateway = {
		.loopback_only = true,
		.max_connections = 64,
		.body_max = 65536,
		.idle_ms = 5000,
		.handle = on_webhook,
		.context = b,
	};
	struct carriers_settings settings = { 0 };

	b->arena = arena_new();
	b->loop = loop_new();
	b->client = http_client_new(b->loop, 8);
	b->gateway = server_new(b->loop, &gateway);
	settings.gateway = arena_printf(b->arena, "http://127.0.0.1:%u", server_port(b->gateway)).p;
	b->sim = carriers_start(b->loop, &settings);
	assert_non_null(b->sim);
	b->sim->latency.retry_ms = 10;
	carriers_reset(b->sim);
	b->accounts[SIM_TWILIO] = account(b, SIM_TWILIO, carriers_ports(b->sim).twilio);
	b->accounts[SIM_TELNYX] = account(b, SIM_TELNYX, carriers_ports(b->sim).telnyx);
	*state = b;
	return 0;
}

static int tear_down(void **state)
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

static void set_faults(struct bench *b, int provider, const char *rules)
{
	struct str json = arena_printf(b->arena, "{\"faults\":[%s]}", rules);
	const char *why, *field;
	struct faults f;

	why = faults_parse(b->arena, json_parse(b->arena, json, &why), &f, &field);
	if (why)
		fail_msg("%s: %s", rules, why);
	carrier_set_faults(&b->sim->carriers[provider], &f);
}

/* ---- faults on the wire ---- */

static const struct {
	const char *rule;
	enum http_transport transport;
	int status[SIM_PROVIDERS];
	enum send_outcome outcome; /* what providers/ make of it; when answered */
	bool reaches;
} faults[] = {
	{ "", HTTP_ANSWERED, { 201, 200 }, SEND_ACCEPTED, true },
	{ "{\"kind\":\"refuse\"}", HTTP_NOT_SENT, { 0, 0 }, SEND_AMBIGUOUS, false },
	{ "{\"kind\":\"reset\"}", HTTP_MAYBE_SENT, { 0, 0 }, SEND_AMBIGUOUS, false },
	{ "{\"kind\":\"reset_after_accept\"}", HTTP_MAYBE_SENT, { 0, 0 }, SEND_AMBIGUOUS, true },
	{ "{\"kind\":\"hang_before_accept\"}", HTTP_MAYBE_SENT, { 0, 0 }, SEND_AMBIGUOUS, false },
	{ "{\"kind\":\"hang_after_accept\"}", HTTP_MAYBE_SENT, { 0, 0 }, SEND_AMBIGUOUS, true },
	{ "{\"kind\":\"hang_after_accept\",\"ms\":20}",
	  HTTP_MAYBE_SENT,
	  { 0, 0 },
	  SEND_AMBIGUOUS,
	  true },
	{ "{\"kind\":\"status\",\"http_status\":500}",
	  HTTP_ANSWERED,
	  { 500, 500 },
	  SEND_AMBIGUOUS,
	  false },
	{ "{\"kind\":\"status_after_accept\",\"http_status\":500}",
	  HTTP_ANSWERED,
	  { 500, 500 },
	  SEND_AMBIGUOUS,
	  true },
	{ "{\"kind\":\"throttle\",\"retry_after_s\":7}",
	  HTTP_ANSWERED,
	  { 429, 429 },
	  SEND_REFUSED,
	  false },
	{ "{\"kind\":\"malformed_2xx\"}", HTTP_ANSWERED, { 201, 200 }, SEND_ACCEPTED, true },
	{ "{\"kind\":\"empty_2xx\"}", HTTP_ANSWERED, { 201, 200 }, SEND_ACCEPTED, true },
	{ "{\"kind\":\"slow\",\"ms\":50}", HTTP_ANSWERED, { 201, 200 }, SEND_ACCEPTED, true },
	{ "{\"kind\":\"slow\",\"ms\":5000}", HTTP_MAYBE_SENT, { 0, 0 }, SEND_AMBIGUOUS, true },
	{ "{\"kind\":\"callbacks_early\"}", HTTP_ANSWERED, { 201, 200 }, SEND_ACCEPTED, true },
};

static void faults_come_out(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < COUNT(faults) * SIM_PROVIDERS; i++) {
		int p = (int)(i % SIM_PROVIDERS);
		const char *rule = faults[i / SIM_PROVIDERS].rule;
		uint64_t reached = b->sim->ledger->sum.reached[p];

		set_faults(b, p, rule);
		send_text(b, p, rule[0] ? rule : "Your table is ready");
		check(rule, b->response.transport == faults[i / SIM_PROVIDERS].transport);
		check(rule, b->response.status == faults[i / SIM_PROVIDERS].status[p]);
		check(rule, b->sent.outcome == faults[i / SIM_PROVIDERS].outcome);
		turn_until_idle(b);
		check(rule, (b->sim->ledger->sum.reached[p] > reached) ==
				    faults[i / SIM_PROVIDERS].reaches);
	}
	set_faults(b, SIM_TWILIO, "{\"kind\":\"throttle\",\"retry_after_s\":7}");
	send_text(b, SIM_TWILIO, "x");
	assert_int_equal(b->sent.retry_after_s, 7);
	set_faults(b, SIM_TWILIO, "{\"kind\":\"reset\",\"count\":1}");
	send_text(b, SIM_TWILIO, "x");
	send_text(b, SIM_TWILIO, "x");
	assert_int_equal(b->sent.outcome, SEND_ACCEPTED); /* healed */
}

/* ---- callbacks ---- */

static const struct {
	const char *name, *rule;
	int answer_first;  /* the gateway's first answer */
	const char *heard; /* s: sent, d: delivered, u: undelivered, f: failed */
	unsigned forged;
} callbacks[] = {
	{ "as usual", "", 200, "sd", 0 },
	{ "off", "{\"kind\":\"callbacks_off\"}", 200, "", 0 },
	{ "twice more", "{\"kind\":\"callbacks_duplicate\",\"times\":2}", 200, "sssddd", 0 },
	{ "out of order", "{\"kind\":\"callbacks_reorder\"}", 200, "ds", 0 },
	{ "early", "{\"kind\":\"callbacks_early\"}", 200, "sd", 0 },
	{ "late", "{\"kind\":\"callbacks_late\",\"ms\":30}", 200, "sd", 0 },
	{ "forged", "{\"kind\":\"callbacks_forged\"}", 200, "sd", 2 },
	{ "undelivered", "{\"kind\":\"final\",\"status\":\"undelivered\"}", 200, "su", 0 },
	{ "failed", "{\"kind\":\"final\",\"status\":\"failed\"}", 200, "f", 0 },
	{ "once more after 500", "{\"kind\":\"final\",\"status\":\"failed\"}", 500, "ff", 0 },
};

static void callbacks_are_heard(void **state)
{
	static const char letters[] = {
		[DELIVERY_SENT] = 's',
		[DELIVERY_DELIVERED] = 'd',
		[DELIVERY_UNDELIVERED] = 'u',
		[DELIVERY_FAILED] = 'f',
	};
	struct bench *b = *state;

	for (size_t i = 0; i < COUNT(callbacks) * SIM_PROVIDERS; i++) {
		int p = (int)(i % SIM_PROVIDERS);
		size_t row = i / SIM_PROVIDERS;
		char heard[EVENTS_MAX + 1] = "";

		b->event_num = b->forged = 0;
		b->answer_next = callbacks[row].answer_first;
		set_faults(b, p, callbacks[row].rule);
		send_text(b, p, callbacks[row].name);
		turn_until_idle(b);
		for (unsigned n = 0; n < b->event_num; n++) {
			heard[n] = letters[b->events[n].status];
			check_str(callbacks[row].name, b->events[n].attempt_id, STR("att_1"));
			check_str(callbacks[row].name, b->events[n].carrier_id, b->sent.carrier_id);
		}
		check_str(callbacks[row].name, str_of(heard), str_of(callbacks[row].heard));
		check(callbacks[row].name, b->forged == callbacks[row].forged);
	}
}

/* ---- the whole must also end in the middle of everything ---- */

static void reset_in_flight(void **state)
{
	struct bench *b = *state;

	for (int p = 0; p < SIM_PROVIDERS; p++) {
		set_faults(b, p,
			   "{\"kind\":\"hang_after_accept\"},{\"kind\":\"callbacks_late\","
			   "\"ms\":60000},{\"kind\":\"callbacks_duplicate\"}");
		send_text(b, p, "x");
	}
	assert_non_null(b->sim->journeys);
	assert_non_null(b->sim->answers);
	carriers_reset(b->sim);
	assert_null(b->sim->journeys);
	assert_null(b->sim->answers);
	assert_int_equal(b->sim->ledger->num, 0);
	send_text(b, SIM_TWILIO, "y");
	assert_int_equal(b->sent.outcome, SEND_ACCEPTED);
	set_faults(b, SIM_TELNYX, "{\"kind\":\"callbacks_late\",\"ms\":60000}");
	send_text(b, SIM_TELNYX, "z"); /* and tear_down() stops it all */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(faults_come_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(callbacks_are_heard, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reset_in_flight, set_up, tear_down),
	};

	signal(SIGPIPE, SIG_IGN); /* connections that were reset are written to */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
