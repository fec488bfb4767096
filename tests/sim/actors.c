/* actors.c - clients, guests and the weather, planned ahead by chance. */
#include "actors.h"

#include "carriers.h"
#include "checks.h"
#include "front.h"
#include "process.h"
#include "vdb.h"

#define GUESTS_MAX 4
#define MESSAGES_MAX 20
#define CLIENT_PATIENCE_MS 15000
#define CALM_BEFORE_PROBE_MS 500000 /* leases, looks, pauses, breakers, comparing: over */

static const char *const phones[GUESTS_MAX + 1] = { "+12125550101", "+12125550102", "+12125550103",
						    "+12125550104", "+12125550199" };

/* ---- clients: post until it is answered ---- */

struct client {
	struct post post;
	unsigned tries;
	bool answered; /* this try */
	bool done, probe, twice;
	struct moment tries_now;
};

struct waiting { /* for the answer to one try */
	struct moment ends;
	struct client *client;
	unsigned try_num;
};

static void on_client(struct moment *e);

static void client_again(struct client *c)
{
	c->answered = true;
	moment_after(&c->tries_now, sim_spread(200, 10000), NULL, on_client);
}

static void on_no_answer(struct moment *e)
{
	const struct waiting *w = container_of(e, struct waiting, ends);

	if (!w->client->answered && w->client->tries == w->try_num)
		client_again(w->client);
}

static void on_posted(struct post *p, unsigned try_num, int status, struct str message_id)
{
	struct client *c = container_of(p, struct client, post);

	if (status == 202)
		check_promised(message_id);
	if (c->done || c->answered || try_num != c->tries)
		return;
	if (status >= 500) {
		client_again(c);
		return;
	}
	c->answered = c->done = true;
	if (c->probe)
		check_probe(message_id);
	if (c->twice) {
		c->twice = c->done = false;
		client_again(c);
	}
}

static void on_client(struct moment *e)
{
	struct client *c = container_of(e, struct client, tries_now);
	struct waiting *w;
	struct process *p;

	c->tries++;
	c->answered = false;
	if (!process_any(&p) || !front_post(p, &c->post, c->tries)) {
		client_again(c);
		return;
	}
	w = sim_alloc(sizeof(*w));
	w->client = c;
	w->try_num = c->tries;
	moment_after(&w->ends, CLIENT_PATIENCE_MS, NULL, on_no_answer);
}

static void plan_message(unsigned n, const char *phone, int64_t at, bool probe)
{
	struct client *c = sim_alloc(sizeof(*c));
	bool same = !probe && strikes(FAULT_SAME_WORDS);

	c->probe = probe;
	c->twice = strikes(FAULT_CLIENT_TWICE);
	c->post = (struct post){
		.key = sim_printf("key-%u", n),
		.hash = STR("h"),
		.phone = str_of(phone),
		.body = same ? STR("Your table is ready.") : sim_printf("Table %u is ready.", n),
		.number = !probe && sim_chance(200) ? STR("+17735550002") : STR(""),
		.kind = sim_chance(500) ? "table_ready" :
			sim_chance(500) ? "reminder" :
					  "other",
		.expires_in_ms = sim_chance(300) ? sim_spread(5000, 600000) : 14400000,
		.posted = on_posted,
	};
	if (probe)
		c->post.expires_in_ms = 14400000;
	if (!probe && strikes(FAULT_SEND_LATER))
		c->post.send_in_ms = sim_spread(1000, 120000);
	c->post.expires_in_ms += c->post.send_in_ms;
	if (!probe && strikes(FAULT_ARRIVE_BY))
		c->post.arrive_in_ms = c->post.send_in_ms + sim_spread(1000, 300000);
	moment_after(&c->tries_now, at, NULL, on_client);
}

/* ---- guests ---- */

struct writing {
	struct moment happens;
	int carrier;
	struct str from, to, body;
};

static void on_writes(struct moment *e)
{
	const struct writing *w = container_of(e, struct writing, happens);

	story("guest", "%s writes %s to " STR_FMT, w->from.p, w->body.p, STR_ARG(w->to));
	carrier_guest_writes(w->carrier, w->from, w->to, w->body);
}

static void plan_writing(const char *phone, int64_t at)
{
	static const char *const words[] = { "STOP",	  "START", "STOP",
					     "Thank you", "INFO",  "Please do not text me again" };
	struct writing *w = sim_alloc(sizeof(*w));
	const struct number *n = &numbers[sim_between(0, (int64_t)number_num - 1)];

	w->carrier = str_is(str_of(n->provider), "twilio") ? TWILIO : TELNYX;
	w->from = str_of(phone);
	w->to = str_of(n->phone);
	w->body = str_of(words[sim_between(0, 5)]);
	moment_after(&w->happens, at, NULL, on_writes);
}

/* ---- the weather ---- */

struct storm {
	struct moment begins;
	int what; /* a carrier, or CARRIERS: the database */
	int64_t ms;
};

static void on_storm(struct moment *e)
{
	const struct storm *s = container_of(e, struct storm, begins);

	if (s->what == CARRIERS)
		vdb_outage(s->ms);
	else
		carrier_outage(s->what, s->ms);
}

struct drain {
	struct moment begins, ends;
	int line;
};

static void on_drain_ends(struct moment *e)
{
	const struct drain *d = container_of(e, struct drain, ends);

	tables.lines[d->line].drained = tables.lines[d->line + 1].drained = false;
}

static void on_drain(struct moment *e)
{
	struct drain *d = container_of(e, struct drain, begins);

	story("operator", "drains %s", tables.lines[d->line].provider);
	tables.lines[d->line].drained = tables.lines[d->line + 1].drained = true;
}

static void plan_drain(int64_t calm_ms)
{
	struct drain *d = sim_alloc(sizeof(*d));
	int64_t at = sim_between(0, calm_ms);

	if (!sim.rate[FAULT_DRAINED])
		return;
	sim.totals.strikes[FAULT_DRAINED]++;
	d->line = sim_chance(500) ? 0 : 2;
	moment_after(&d->begins, at, NULL, on_drain);
	moment_after(&d->ends, sim_between(at, calm_ms), NULL, on_drain_ends);
}

static void on_cancels(struct moment *e)
{
	struct message *m;
	struct process *p;

	(void)e;
	if (!tables.messages.num || !process_any(&p))
		return;
	m = tables.messages.at[sim_between(0, (int64_t)tables.messages.num - 1)];
	if (!m->in)
		front_cancel(p, m);
}

static void plan_cancelling(int64_t calm_ms)
{
	for (int64_t n = sim_between(0, 5); n; n--) {
		struct moment *m;

		if (!strikes(FAULT_CANCEL))
			continue;
		m = sim_alloc(sizeof(*m));
		moment_after(m, sim_between(0, calm_ms), NULL, on_cancels);
	}
}

static void plan_storms(int what, enum fault f, int64_t calm_ms)
{
	for (int64_t n = sim.rate[f] ? sim_between(1, 3) : 0; n; n--) {
		struct storm *s = sim_alloc(sizeof(*s));
		int64_t at = sim_between(0, calm_ms), most = calm_ms - at;

		s->what = what;
		s->ms = sim_spread(0, most < 120000 ? most : 120000);
		sim.totals.strikes[f]++;
		moment_after(&s->begins, at, NULL, on_storm);
	}
}

static struct moment calm;

static void on_calm(struct moment *e)
{
	(void)e;
	story("weather", "nothing goes wrong from here on");
	sim.faults_over = true;
}

/* ---- the plan ---- */

void actors_plan(int64_t calm_ms)
{
	int64_t guests = sim_between(1, GUESTS_MAX), num = sim_between(1, MESSAGES_MAX);

	for (int64_t i = 0; i < num; i++)
		plan_message((unsigned)i, phones[sim_between(0, guests - 1)],
			     sim_between(0, calm_ms), false);
	for (int64_t i = sim_between(0, 12); i; i--)
		if (strikes(FAULT_GUEST_WRITES))
			plan_writing(phones[sim_between(0, guests - 1)], sim_between(0, calm_ms));
	plan_storms(TWILIO, FAULT_CARRIER_AWAY, calm_ms);
	plan_storms(TELNYX, FAULT_CARRIER_AWAY, calm_ms);
	plan_storms(CARRIERS, FAULT_DB_OUTAGE, calm_ms);
	plan_drain(calm_ms);
	plan_cancelling(calm_ms);
	if (strikes(FAULT_QUIET)) {
		tables.quiet_from = SIM_EPOCH_MS + sim_between(0, calm_ms);
		tables.quiet_until = SIM_EPOCH_MS + calm_ms;
	}
	tables.slow = sim.rate[FAULT_PACED];
	process_carriers.at[TWILIO].pace = strikes(FAULT_PACED) ? 500 : 0;
	process_carriers.at[TELNYX].pace = strikes(FAULT_PACED) ? 500 : 0;
	moment_after(&calm, calm_ms, NULL, on_calm);
	plan_message(MESSAGES_MAX, phones[GUESTS_MAX], calm_ms + CALM_BEFORE_PROBE_MS, true);
}
