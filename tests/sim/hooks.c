/* hooks.c - the carriers' callbacks: tried until they are answered, lost, doubled, late, forged. */
#include "carriers.h"
#include "checks.h"
#include "front.h"
#include "process.h"

#define LATE_MAX_MS 90000
#define RETRY_MAX_MS 20000

struct delivery {
	struct hook hook;
	unsigned tries;
	bool answered; /* this try */
	bool over;
	struct moment tries_now;
};

struct patience { /* with one try */
	struct moment ends;
	struct delivery *delivery;
	unsigned try_num;
};

static void on_tries(struct moment *e);

static void try_again(struct delivery *d)
{
	const struct formats *f = formats[d->hook.text->carrier];

	if (d->over || d->tries >= f->hook_tries || d->hook.forged) {
		d->over = true;
		return;
	}
	moment_after(&d->tries_now, sim_spread(200, RETRY_MAX_MS), NULL, on_tries);
}

static void on_patience(struct moment *e)
{
	const struct patience *p = container_of(e, struct patience, ends);
	struct delivery *d = p->delivery;

	if (d->answered || d->tries != p->try_num)
		return;
	d->answered = true;
	try_again(d);
}

/* The process's answer to this try; it may come after the carrier has given up on it. */
void hook_answered(struct hook *h, unsigned try_num, int status)
{
	struct delivery *d = container_of(h, struct delivery, hook);

	if (d->answered || try_num != d->tries || strikes(FAULT_HOOK_ANSWER_LOST))
		return;
	d->answered = true;
	if (status == 200)
		d->over = true;
	else
		try_again(d);
}

static void sign(struct delivery *d)
{
	const struct formats *f = formats[d->hook.text->carrier];
	struct arena *a = arena_new();
	struct hook *h = &d->hook;

	f->hook(a, h, front_verifies() && !h->forged);
	h->url = sim_copy(h->url);
	h->body = sim_copy(h->body);
	h->type = sim_copy(h->type);
	h->signature = sim_copy(h->signature);
	h->stamp = sim_copy(h->stamp);
	arena_free(a);
}

static void on_tries(struct moment *e)
{
	struct delivery *d = container_of(e, struct delivery, tries_now);
	struct patience *patience;
	struct process *p;

	d->tries++;
	d->answered = false;
	sim.totals.callbacks++;
	if (d->tries == 1)
		sign(d);
	if (!process_any(&p) || !front_receive(p, &d->hook, d->tries)) {
		d->answered = true;
		try_again(d);
		return;
	}
	if (!d->hook.status)
		check_guest_word_delivered(d->hook.text);
	patience = sim_alloc(sizeof(*patience));
	patience->delivery = d;
	patience->try_num = d->tries;
	moment_after(&patience->ends, formats[d->hook.text->carrier]->hook_patience_ms, NULL,
		     on_patience);
}

static struct delivery *prepare(struct text *t, const char *status, const char *code)
{
	struct delivery *d = sim_alloc(sizeof(*d));

	d->hook.text = t;
	d->hook.status = status;
	d->hook.code = code;
	d->hook.occurred_at = sim.now;
	d->hook.event_id = sim_printf("%016llx", (unsigned long long)sim_random());
	return d;
}

static void set_out(struct delivery *d)
{
	int64_t delay_ms = strikes(FAULT_HOOK_LATE) ? sim_spread(500, LATE_MAX_MS) :
						      sim_spread(1, 400);

	moment_after(&d->tries_now, delay_ms, NULL, on_tries);
}

void hooks_tell(struct text *t, const char *status, const char *code)
{
	struct delivery *d = prepare(t, status, code), *again;

	if (!status)
		check_guest_wrote(t, d->hook.event_id);
	if (!status || !strikes(FAULT_HOOK_LOST))
		set_out(d);
	if (strikes(FAULT_HOOK_TWICE)) {
		again = prepare(t, status, code);
		again->hook.event_id = d->hook.event_id;
		set_out(again);
	}
	if (status && strikes(FAULT_FORGED)) {
		const struct formats *f = formats[t->carrier];

		d = prepare(t, sim_chance(500) ? f->delivered : f->failed, NULL);
		d->hook.code = d->hook.status == f->failed ? f->never_left[0] : NULL;
		d->hook.forged = true;
		set_out(d);
	}
}
