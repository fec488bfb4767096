/* checks.c - the promises, held against what happens. */
#include "checks.h"

#include "process.h"

#define PROBE_WITHIN_MS 30000

/* STOP or START, as a guest wrote it. */
struct word {
	struct str phone, text_id, event_id;
	bool stop;
	bool delivered;	 /* it reached one of our processes */
	unsigned effect; /* counts consent words in the order they took effect; 0: not yet */
};

struct guest {
	struct str phone;
	bool stopped; /* STOP was answered 200, and nothing the guest said since is under way */
};

static struct {
	struct list words, guests, promised, inbound;
	unsigned effects;
	struct message *probe;
	int64_t probe_at;
} seen;

void checks_reset(void)
{
	memset(&seen, 0, sizeof(seen));
}

/* ---- guests' words ---- */

static struct guest *guest_of(struct str phone)
{
	struct guest *g;

	for (size_t i = 0; i < seen.guests.num; i++) {
		g = seen.guests.at[i];
		if (str_eq(g->phone, phone))
			return g;
	}
	g = sim_alloc(sizeof(*g));
	g->phone = sim_copy(phone);
	list_add(&seen.guests, g);
	return g;
}

static struct word *word_of(struct str id)
{
	for (size_t i = 0; i < seen.words.num; i++) {
		struct word *w = seen.words.at[i];

		if (str_eq(w->text_id, id) || str_eq(w->event_id, id))
			return w;
	}
	return NULL;
}

void check_guest_wrote(const struct text *t, struct str event_id)
{
	struct word *w;

	list_add(&seen.inbound, (void *)t);
	if (!str_is(t->body, "STOP") && !str_is(t->body, "START"))
		return;
	w = sim_alloc(sizeof(*w));
	w->phone = t->from;
	w->text_id = t->id;
	w->event_id = event_id;
	w->stop = str_is(t->body, "STOP");
	list_add(&seen.words, w);
}

/* A START under way may take effect at any moment: until then nothing is promised. */
void check_guest_word_delivered(const struct text *t)
{
	struct word *w = word_of(t->id);

	if (!w)
		return;
	w->delivered = true;
	if (!w->stop && !w->effect)
		guest_of(w->phone)->stopped = false;
}

void check_consent(struct str event_id)
{
	struct word *w = word_of(event_id);

	if (!w || w->effect)
		return;
	w->effect = ++seen.effects;
	w->delivered = true; /* also when it was fetched from the carrier */
	if (!w->stop)
		guest_of(w->phone)->stopped = false;
}

/* A START that is under way, took effect later, or was written later. */
static bool start_counts(const struct word *stop)
{
	bool later = false;

	for (size_t i = 0; i < seen.words.num; i++) {
		const struct word *w = seen.words.at[i];

		later |= w == stop;
		if (w->stop || !str_eq(w->phone, stop->phone) || !w->delivered)
			continue;
		if (later || !w->effect || (stop->effect && w->effect > stop->effect))
			return true;
	}
	return false;
}

void check_acknowledged(struct hook *h)
{
	struct word *w;

	must(!h->forged, "a forged callback is answered with 200");
	h->text->acknowledged = true;
	if (h->status)
		return;
	sim.totals.replies++;
	w = word_of(h->text->id);
	if (w && w->stop && !start_counts(w))
		guest_of(w->phone)->stopped = true;
}

/* ---- sending ---- */

void check_live(const struct message *m)
{
	unsigned live = 0;

	for (size_t i = 0; i < m->attempts.num; i++)
		live += attempt_is_live(m->attempts.at[i]);
	must(live <= 1, "message %s has %u live attempts", m->id.p, live);
}

void check_opened(const struct attempt *a)
{
	story("database", "attempt %s of %s is opened, through " STR_FMT, a->id.p + 24,
	      a->message->id.p + 24, STR_ARG(a->provider));
	check_live(a->message);
	must(!guest_of(a->message->phone)->stopped,
	     "attempt %s is opened though the guest's STOP was answered with 200", a->id.p);
}

void check_written(const struct process *p, struct str attempt_id)
{
	struct attempt *a = attempt_find(attempt_id);

	must(a, "%s writes attempt " STR_FMT ", of which no row is committed", p->name,
	     STR_ARG(attempt_id));
	must(!a->written, "%s writes attempt %s a second time", p->name, a->id.p);
	a->written = true;
	story(p->name, "writes attempt %s", a->id.p + 24);
}

/* Messages of the same words to the same guest: Twilio's list cannot tell them apart. */
static unsigned alike(const struct message *m, bool *twice_on_purpose)
{
	unsigned num = 0;

	for (size_t i = 0; i < tables.messages.num; i++) {
		const struct message *o = tables.messages.at[i];

		if (o->in || o->thread != m->thread || !str_eq(o->body, m->body))
			continue;
		num++;
		*twice_on_purpose |= o->arrive_by != 0;
	}
	return num;
}

static unsigned texts_alike(const struct text *t)
{
	unsigned num = 0;

	for (size_t i = 0; i < texts.num; i++) {
		const struct text *o = texts.at[i];

		num += o->on_phone && str_eq(o->to, t->to) && str_eq(o->body, t->body);
	}
	return num;
}

void check_text(const struct text *t)
{
	struct attempt *a = attempt_find(t->attempt_id);
	struct message *m;
	bool on_purpose = false;
	unsigned like;

	must(a, "a text of no attempt: " STR_FMT, STR_ARG(t->attempt_id));
	m = a->message;
	must(str_eq(t->to, m->phone) && str_eq(t->body, m->body),
	     "attempt %s texted something else", a->id.p);
	m->texts++;
	like = alike(m, &on_purpose);
	must(m->texts == 1 || like > 1 || on_purpose, "the guest gets message %s a second time",
	     m->id.p);
	must(texts_alike(t) <= like || on_purpose, "the guest gets the same text %u times",
	     texts_alike(t));
	if (m == seen.probe)
		must(sim.now <= seen.probe_at + PROBE_WITHIN_MS,
		     "a message took %lld ms in calm weather",
		     (long long)(sim.now - seen.probe_at));
}

void check_proof(const struct attempt *a)
{
	bool on_purpose = false;

	must(!str_is(a->state, "abandoned") || alike(a->message, &on_purpose) > 1 || on_purpose,
	     "attempt %s was given up, and the carrier has it", a->id.p);
}

bool check_said_sent(const struct text *t)
{
	const struct attempt *a = attempt_find(t->attempt_id);

	return a && a->status_rank >= 2;
}

/* ---- clients ---- */

void check_promised(struct str message_id)
{
	struct message *m = message_find(message_id);

	must(m, "message " STR_FMT " was promised with a 202 and is not there",
	     STR_ARG(message_id));
	for (size_t i = 0; i < seen.promised.num; i++)
		if (seen.promised.at[i] == m)
			return;
	list_add(&seen.promised, m);
}

void check_probe(struct str message_id)
{
	check_promised(message_id);
	seen.probe = message_find(message_id);
	seen.probe_at = sim.now;
}

void check_cancelled(const struct message *m)
{
	must(str_is(m->state, "cancelled") && !m->texts, "message %s was cancelled and is " STR_FMT,
	     m->id.p, STR_ARG(m->state));
}

/* ---- the end ---- */

/* What it says of itself, but where Twilio's list or the client's wish leaves that open. */
static void check_truth(const struct message *m)
{
	bool unsent = str_is(m->state, "stopped") || str_is(m->state, "expired") ||
		      str_is(m->state, "cancelled");
	bool on_purpose = false;

	if (alike(m, &on_purpose) > 1 || on_purpose)
		return;
	must(!unsent || !m->texts, "message %s is " STR_FMT ", and on the phone", m->id.p,
	     STR_ARG(m->state));
	must(!str_is(m->state, "delivered") || m->texts,
	     "message %s is delivered, and not on the phone", m->id.p);
}

/* Nothing is left for us to do: it has ended, or a carrier has it. */
static void check_at_rest(const struct message *m)
{
	must(m->ended_at, "message %s does not end: " STR_FMT, m->id.p, STR_ARG(m->state));
	must(!m->queue.is, "message %s (" STR_FMT ") stays in the queue", m->id.p,
	     STR_ARG(m->state));
	for (size_t i = 0; i < m->attempts.num; i++) {
		const struct attempt *a = m->attempts.at[i];

		must(!str_is(a->state, "intent"), "attempt %s stays open", a->id.p);
		must(!str_is(a->state, "ambiguous") || m->ended_at, "attempt %s stays unknown",
		     a->id.p);
		must(!str_is(a->state, "accepted"), "attempt %s stays accepted", a->id.p);
	}
	check_truth(m);
	sim.totals.messages++;
	sim.totals.ended[m->rank]++;
}

static void check_inbound(const struct text *t)
{
	unsigned entries = 0;

	for (size_t i = 0; i < tables.messages.num; i++) {
		const struct message *m = tables.messages.at[i];

		entries += m->in && str_eq(m->carrier_id, t->id) &&
			   str_is(m->provider, formats[t->carrier]->provider->name);
	}
	must(entries == 1, "a guest's text %s is %u times in its thread", t->id.p, entries);
}

void check_quiet(void)
{
	for (unsigned i = 0; i < process_num; i++) {
		must(!dispatch_in_flight(processes[i].dispatch), "%s has messages in flight",
		     processes[i].name);
		must(!inbound_busy(processes[i].inbound), "%s applies callbacks still",
		     processes[i].name);
		must(!backfill_busy(processes[i].backfill), "%s compares lists still",
		     processes[i].name);
		must(!db_pending(processes[i].db), "%s has statements under way",
		     processes[i].name);
	}
	for (size_t i = 0; i < tables.messages.num; i++)
		if (!((struct message *)tables.messages.at[i])->in)
			check_at_rest(tables.messages.at[i]);
	for (size_t i = 0; i < seen.inbound.num; i++)
		check_inbound(seen.inbound.at[i]);
	must(!seen.probe || seen.probe->texts, "a message of calm weather never arrives");
}
