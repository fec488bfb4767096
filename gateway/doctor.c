/* doctor.c - starts the probes, each on a thread, and puts together what they found. */
#include "doctor.h"

#include <assert.h>
#include <stdlib.h>

#include "clock.h"
#include "doctor_probe.h"
#include "json.h"

#define PROBES_MAX (4 + CARRIERS_MAX)
#define WAITS_MAX 400

/* One round; freed when it was told and no probe runs any more. */
struct doctor {
	struct doctor_settings s;
	struct probe at[PROBES_MAX]; /* in the order in which they are told */
	size_t num, running;
	struct our_numbers numbers; /* of the database's probe */
	struct crew *crew;
	struct timer limit;
	int64_t started_ms;
	bool told;
	unsigned *busy;
};

/* ---- the report ---- */

static void did_not_answer(struct probe *p)
{
	struct arena *a = arena_new(); /* its own one is in use */

	*p = (struct probe){ .title = p->title, .check = p->check, .arena = a };
	p->last = &p->first;
	probe_found(
		p, DOCTOR_FAIL, p->check,
		arena_printf(a, "Nothing came of %s within %d s.", p->title, DOCTOR_MAX_MS / 1000),
		STR("Look at the network and its names: DNS, firewalls, routes."));
}

static void count(struct doctor_report *r, const struct probe *p)
{
	for (const struct finding *f = p->first; f; f = f->next) {
		r->ok += f->level == DOCTOR_OK || f->level == DOCTOR_SET;
		r->warned += f->level == DOCTOR_WARN;
		r->failed += f->level == DOCTOR_FAIL;
	}
}

/* The findings of all, as one list. A probe that still runs is left alone: its place is taken. */
static void tell(struct doctor *d)
{
	struct doctor_report r = { .took_ms = clock_mono_ms() - d->started_ms };
	struct probe late[PROBES_MAX], clock = { .arena = arena_new() };
	struct skew skews[PROBES_MAX];
	struct finding *all = NULL, **last = &all;
	size_t skew_num = 0, late_num = 0;

	d->told = true;
	for (size_t i = 0; i < d->num; i++) {
		struct probe *p = &d->at[i];

		if (!p->over) {
			late[late_num] = *p;
			p = &late[late_num++];
			did_not_answer(p);
		} else if (p->skew.who) {
			skews[skew_num++] = p->skew;
		}
		count(&r, p);
		*last = p->first;
		last = p->first ? p->last : last;
	}
	clock.last = &clock.first;
	doctor_clock(&clock, skews, skew_num);
	count(&r, &clock);
	*last = clock.first;
	r.first = all;
	d->s.done(d->s.ctx, &r);
	for (size_t i = 0; i < late_num; i++)
		arena_free(late[i].arena);
	arena_free(clock.arena);
}

/* ---- the round ---- */

static void free_round(struct doctor *d)
{
	unsigned *busy = d->busy;

	timer_stop(d->s.loop, &d->limit);
	crew_free(d->crew);
	for (size_t i = 0; i < d->num; i++)
		arena_free(d->at[i].arena);
	free(d);
	--*busy;
}

static void say_who_is_waited_for(struct doctor *d)
{
	struct arena *a = arena_new();
	struct buf b = buf_new(a, WAITS_MAX);

	for (size_t i = 0; i < d->num; i++)
		if (!d->at[i].over)
			buf_printf(&b, "%s%s", b.len ? ", " : "", d->at[i].title);
	d->s.waits(d->s.ctx, buf_str(&b));
	arena_free(a);
}

static void work(struct job *j)
{
	struct probe *p = container_of(j, struct probe, job);

	p->look(p);
	probe_close(p);
}

static void on_end(struct job *j);

static void start_probe(struct doctor *d, struct probe *p)
{
	p->started = true;
	p->job = (struct job){ .work = work, .done = on_end };
	d->running++;
	crew_submit(d->crew, &p->job);
}

/* Carriers are asked for our numbers: when the database has said which these are. */
static void start_carriers(struct doctor *d)
{
	for (size_t i = 0; i < d->num; i++)
		if (d->at[i].carrier && !d->at[i].started)
			start_probe(d, &d->at[i]);
}

static void on_end(struct job *j)
{
	struct probe *p = container_of(j, struct probe, job);
	struct doctor *d = p->doctor;

	p->over = true;
	d->running--;
	if (p->look == doctor_database && !d->told) {
		d->numbers = p->own_numbers;
		start_carriers(d);
	}
	if (d->s.waits && !d->told)
		say_who_is_waited_for(d);
	if (d->running)
		return;
	if (!d->told)
		tell(d);
	free_round(d);
}

static void on_limit(struct timer *t)
{
	tell(container_of(t, struct doctor, limit));
}

static struct probe *add(struct doctor *d, const char *title, const char *check,
			 void (*look)(struct probe *p))
{
	struct probe *p = &d->at[d->num++];

	assert(d->num <= PROBES_MAX);
	*p = (struct probe){ .title = title,
			     .check = check,
			     .look = look,
			     .of = &d->s,
			     .numbers = &d->numbers,
			     .arena = arena_new(),
			     .doctor = d };
	p->last = &p->first;
	return p;
}

static void add_carriers(struct doctor *d)
{
	static const struct {
		const char *name;
		void (*look)(struct probe *p);
	} probes[] = { { "twilio", doctor_twilio }, { "telnyx", doctor_telnyx } };

	for (size_t i = 0; i < d->s.carriers->num; i++) {
		const struct carrier *c = &d->s.carriers->at[i];

		for (size_t k = 0; k < sizeof(probes) / sizeof(*probes); k++)
			if (strcmp(probes[k].name, c->provider->name) == 0)
				add(d, c->provider->title, probes[k].name, probes[k].look)
					->carrier = c;
	}
}

void doctor_start(const struct doctor_settings *s, unsigned *busy)
{
	struct doctor *d = calloc(1, sizeof(*d));

	assert(d);
	d->s = *s;
	d->busy = busy;
	++*busy;
	d->started_ms = clock_mono_ms();
	add(d, "the configuration", "configuration", doctor_configuration);
	add(d, "the database", "database", doctor_database);
	add(d, "PUBLIC_URL", "public_url", doctor_public_url);
	add_carriers(d);
	add(d, "the mail server", "mail", doctor_mail);
	d->crew = crew_new(s->loop, (unsigned)d->num, 0);
	for (size_t i = 0; i < d->num; i++)
		if (!d->at[i].carrier)
			start_probe(d, &d->at[i]);
	timer_start(s->loop, &d->limit, DOCTOR_MAX_MS, on_limit);
}

/* ---- as JSON ---- */

const char *doctor_level_name(enum doctor_level level)
{
	static const char *const names[] = { "ok", "set", "warn", "FAIL" };

	return names[level];
}

void doctor_json(const struct doctor_report *r, struct buf *b)
{
	static const char *const levels[] = { "ok", "set", "warn", "fail" };

	json_open(b, NULL, '{');
	json_put_bool(b, "ok", !r->failed);
	json_put_int(b, "warned", r->warned);
	json_put_int(b, "failed", r->failed);
	json_put_int(b, "took_ms", r->took_ms);
	json_open(b, "checks", '[');
	for (const struct finding *f = r->first; f; f = f->next) {
		json_open(b, NULL, '{');
		json_put_str(b, "check", str_of(f->check));
		json_put_str(b, "level", str_of(levels[f->level]));
		json_put_str(b, "found", f->found);
		if (f->mend.len)
			json_put_str(b, "mend", f->mend);
		json_close(b, '}');
	}
	json_close(b, ']');
	json_close(b, '}');
}
