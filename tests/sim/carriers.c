/* carriers.c - what becomes of a request at a carrier, and of a text that it took. */
#include "carriers.h"

#include "checks.h"
#include "process.h"
#include "secrets.h"

const struct formats *const formats[CARRIERS] = { &twilio_formats, &telnyx_formats };
struct list texts;

struct block { /* the guest said STOP there */
	int carrier;
	struct str phone;
};

static struct list blocks;
static int64_t away_until[CARRIERS];
static uint64_t text_count;

void carriers_reset(void)
{
	texts = (struct list){ 0 };
	blocks = (struct list){ 0 };
	away_until[TWILIO] = away_until[TELNYX] = 0;
	text_count = 0;
}

static int carrier_of(const struct call *c)
{
	return str_starts(c->request.url, STR("https://api.twilio.com/")) ? TWILIO : TELNYX;
}

bool carrier_unreachable(const struct call *c)
{
	return sim.now < away_until[carrier_of(c)];
}

void carrier_outage(int carrier, int64_t ms)
{
	story(formats[carrier]->provider->name, "is out of reach for %lld ms", (long long)ms);
	away_until[carrier] = sim.now + ms;
}

static struct incoming read_send(struct arena *a, const struct call *c)
{
	struct incoming in = { 0 };

	formats[carrier_of(c)]->read(a, &c->request, &in);
	return in;
}

struct str carrier_attempt(const struct call *c)
{
	struct arena *a = arena_new();
	struct str id = sim_copy(read_send(a, c).attempt_id);

	arena_free(a);
	return id;
}

/* ---- STOP at the carrier ---- */

static size_t block_of(int carrier, struct str phone)
{
	for (size_t i = 0; i < blocks.num; i++) {
		const struct block *b = blocks.at[i];

		if (b->carrier == carrier && str_eq(b->phone, phone))
			return i;
	}
	return blocks.num;
}

void carrier_guest_writes(int carrier, struct str from, struct str to, struct str body)
{
	struct text *t = carrier_text_new(carrier);
	size_t at = block_of(carrier, from);

	t->from = sim_copy(from);
	t->to = sim_copy(to);
	t->body = sim_copy(body);
	t->inbound = true;
	t->state = "received";
	if (strikes(FAULT_LIST_LATE))
		t->listed_at = sim.now + sim_spread(1, INBOUND_LISTED_MAX_MS);
	if (str_is(body, "STOP") && at == blocks.num) {
		struct block *b = sim_alloc(sizeof(*b));

		*b = (struct block){ carrier, t->from };
		list_add(&blocks, b);
	} else if (str_is(body, "START") && at < blocks.num) {
		list_remove(&blocks, at);
	}
	hooks_tell(t, NULL, NULL);
}

/* ---- a text that was taken ---- */

struct text *carrier_text_new(int carrier)
{
	struct text *t = sim_alloc(sizeof(*t));
	unsigned long long n = ++text_count;

	t->carrier = carrier;
	t->id = carrier == TWILIO ? sim_printf("SM%032llx", n) :
				    sim_printf("%08llx-0000-4000-8000-000000000000", n);
	t->taken_at = sim.now;
	t->listed_at = sim.now;
	list_add(&texts, t);
	return t;
}

static const char *any_of(const char *const codes[4])
{
	return codes[sim_between(0, 3)];
}

static void on_ends(struct moment *e)
{
	struct text *t = container_of(e, struct text, ends);
	const struct formats *f = formats[t->carrier];

	if (strikes(FAULT_UNDELIVERED)) {
		t->state = f->undelivered;
		t->code = any_of(f->undelivered_codes);
	} else if (check_said_sent(t) && strikes(FAULT_CONTRADICTS)) {
		t->state = f->failed;
		t->code = any_of(f->never_left);
	} else if (strikes(FAULT_NO_RECEIPT)) {
		return;
	} else {
		t->state = f->delivered;
	}
	hooks_tell(t, t->state, t->code);
}

static void on_sends(struct moment *e)
{
	struct text *t = container_of(e, struct text, sends);
	const struct formats *f = formats[t->carrier];
	bool expired = t->validity_ms && sim.now > t->taken_at + t->validity_ms &&
		       without != GUARD_VALIDITY;

	if (t->listed_at > sim.now && without != GUARD_LOOK_COMPLETE)
		t->listed_at = sim.now;
	if (expired || strikes(FAULT_NEVER_LEFT)) {
		t->state = f->failed;
		t->code = expired && t->carrier == TWILIO ? "30036" : any_of(f->never_left);
		hooks_tell(t, t->state, t->code);
		return;
	}
	t->state = f->sent;
	t->on_phone = true;
	sim.totals.texts++;
	story(f->provider->name, "texts %s: " STR_FMT, t->to.p, STR_ARG(t->body));
	check_text(t);
	hooks_tell(t, t->state, NULL);
	moment_after(&t->ends, sim_spread(50, 20000), NULL, on_ends);
}

/* How long it stays in the carrier's queue, and from when on it is listed. */
static void queue_text(struct text *t)
{
	int64_t wait_ms = sim_spread(20, 1500);
	int64_t list_max_ms = TELNYX_TAKES_MAX_MS;

	if (strikes(FAULT_SLOW_QUEUE))
		wait_ms = without == GUARD_VALIDITY ? sim_between(60000, 180000) :
						      sim_spread(1000, 180000);
	if (t->validity_ms && wait_ms > t->validity_ms && without != GUARD_VALIDITY)
		wait_ms = t->validity_ms + 1;
	if (t->carrier == TWILIO || without == GUARD_LOOK_COMPLETE)
		list_max_ms = wait_ms;
	if (strikes(FAULT_LIST_LATE))
		t->listed_at = t->carrier == TWILIO && sim_chance(500) ?
				       SIM_NEVER : /* that is, when it is texted */
				       sim.now + sim_spread(1, list_max_ms);
	if (without == GUARD_LOOK_COMPLETE && t->listed_at > sim.now)
		t->listed_at = SIM_NEVER;
	moment_after(&t->sends, wait_ms, NULL, on_sends);
}

static struct text *take(const struct call *c, const struct incoming *in)
{
	struct text *t = carrier_text_new(carrier_of(c));

	t->to = sim_copy(in->to);
	t->from = sim_copy(in->from);
	t->body = sim_copy(in->body);
	t->url = sim_copy(in->url);
	t->attempt_id = sim_copy(in->attempt_id);
	t->validity_ms = in->validity_ms;
	t->state = "queued";
	story(formats[t->carrier]->provider->name, "takes attempt %s as %s", t->attempt_id.p + 24,
	      t->id.p);
	queue_text(t);
	return t;
}

/* ---- requests ---- */

struct taking { /* of a text, some time after its request came */
	struct moment event;
	struct call *call;
	struct incoming in;
};

static void answer_error(struct call *c, int status, const char *code)
{
	struct arena *a = arena_new();

	network_answer(c, status, formats[carrier_of(c)]->error(a, code), 0);
	arena_free(a);
}

/* A text was taken: the ways in which the carrier says so. */
static void answer_taken(struct call *c, const struct text *t)
{
	const struct formats *f = formats[t->carrier];
	struct arena *a = arena_new();
	struct str body = f->created(a, t);
	int64_t delay_ms = strikes(FAULT_SLOW_ANSWER) ? sim_spread(1000, 40000) : 0;

	if (strikes(FAULT_ERROR_TAKEN))
		answer_error(c, sim_chance(500) ? 500 : 502,
			     t->carrier == TWILIO ? "20500" : "10007");
	else if (strikes(FAULT_MALFORMED))
		network_answer(c, f->created_status,
			       (struct str){ body.p, (size_t)sim_between(0, 20) }, delay_ms);
	else
		network_answer(c, f->created_status, body, delay_ms);
	arena_free(a);
}

static void on_takes(struct moment *e)
{
	struct taking *t = container_of(e, struct taking, event);

	answer_taken(t->call, take(t->call, &t->in));
}

static void take_later(struct call *c, const struct incoming *in, int64_t delay_ms)
{
	struct taking *t = sim_alloc(sizeof(*t));

	t->call = c;
	t->in = *in;
	t->in.to = sim_copy(in->to);
	t->in.from = sim_copy(in->from);
	t->in.body = sim_copy(in->body);
	t->in.url = sim_copy(in->url);
	t->in.attempt_id = sim_copy(in->attempt_id);
	moment_after(&t->event, delay_ms, NULL, on_takes);
}

/* True when it is refused, and nothing was taken. */
static bool refuse(struct call *c, const struct incoming *in)
{
	int carrier = carrier_of(c);
	const struct formats *f = formats[carrier];

	if (block_of(carrier, in->to) < blocks.num) {
		answer_error(c, carrier == TWILIO ? 400 : 409, f->opted_out);
	} else if (strikes(FAULT_BUSY_429)) {
		c->retry_after = sim_chance(500) ? sim_printf("%d", (int)sim_spread(1, 60)) :
						   STR("");
		answer_error(c, 429, carrier == TWILIO ? "20429" : "10011");
	} else if (strikes(FAULT_REFUSE_GUEST)) {
		answer_error(c, 400, any_of(f->guest_codes));
	} else if (strikes(FAULT_REFUSE_US)) {
		answer_error(c, sim_chance(500) ? 401 : 400, any_of(f->our_codes));
	} else if (strikes(FAULT_ERROR_5XX)) {
		answer_error(c, 503, carrier == TWILIO ? "20503" : "10037");
	} else {
		return false;
	}
	return true;
}

static void receive_send(struct call *c, struct arena *a)
{
	struct incoming in = read_send(a, c);

	must(in.to.len && in.from.len && in.attempt_id.len && in.url.len,
	     "the carrier cannot read a request: " STR_FMT, STR_ARG(c->request.body));
	if (refuse(c, &in))
		return;
	if (strikes(FAULT_SLOW_ACCEPT))
		take_later(c, &in,
			   sim_spread(500, carrier_of(c) == TWILIO ? TWILIO_TAKES_MAX_MS :
								     TELNYX_TAKES_MAX_MS / 2));
	else
		answer_taken(c, take(c, &in));
}

/* ".../Messages/SM....json", ".../messages/...". */
static const struct text *text_of(const struct call *c)
{
	struct str rest = c->request.url, id = rest;

	while (rest.len)
		id = str_cut(&rest, '/');
	if (str_ends(id, STR(".json")))
		id.len -= sizeof(".json") - 1;
	for (size_t i = 0; i < texts.num; i++)
		if (str_eq(((const struct text *)texts.at[i])->id, id))
			return texts.at[i];
	return NULL;
}

static void receive_fetch(struct call *c, struct arena *a)
{
	const struct text *t = text_of(c);

	must(t, "a text is fetched that there is not: " STR_FMT, STR_ARG(c->request.url));
	network_answer(c, 200, formats[t->carrier]->fetched(a, t), sim_spread(0, 300));
}

void carrier_receives(struct call *c)
{
	const struct formats *f = formats[carrier_of(c)];
	struct arena *a = arena_new();

	if (str_is(c->request.method, "POST"))
		receive_send(c, a);
	else if (strikes(FAULT_LOOK_AWAY))
		answer_error(c, 503, "20503");
	else if (memchr(c->request.url.p, '?', c->request.url.len))
		network_answer(c, 200, f->list(a, &c->request), sim_spread(0, 300));
	else
		receive_fetch(c, a);
	arena_free(a);
}
