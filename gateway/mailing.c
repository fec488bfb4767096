/* mailing.c - one mail at a time: claim, compose, deliver on a thread, settle. */
#include "mailing.h"

#include <assert.h>
#include <stdlib.h>

#include "clock.h"
#include "crew.h"
#include "log.h"
#include "mail.h"
#include "staff.h"

#define LOOK_EVERY_MS 3000

struct mailing {
	struct loop *loop;
	struct db *db;
	const struct config *config;
	struct crew *crew;
	struct timer look;
	bool busy, again, stopped;

	/* the mail under way */
	struct arena *arena;
	struct job job;
	struct mail mail;
	struct str secret, message;
	enum mail_outcome outcome;
	char why[MAIL_WHY_MAX];
};

/* ---- what is written ---- */

/* Behind '#': it is not sent to any server, and no scanner of mails uses it up. */
static const char link_words[] =
	"\n\n  " STR_FMT "/join#" STR_FMT "\n\nOr, for programs, the code alone: " STR_FMT
	"\n\nIf you know nothing of this, do nothing: without the link nothing comes of it.\n";

static const struct letter {
	const char *kind, *subject, *text;
} letters[] = {
	{ "signup", "Your account at maitred",
	  "this address was given to open an account for %s. To confirm it, open this link\n"
	  "within 24 hours:" },
	{ "invitation", "You are invited to maitred",
	  "%s invited you to the board of %s. To choose your password, open this link\n"
	  "within 30 days:" },
	{ "reset", "A new password for maitred",
	  "somebody, perhaps you, asked for a new password. To choose it, open this link\n"
	  "within 30 minutes:" },
	{ "notice", "You have an account at maitred",
	  "somebody, perhaps you, tried to open an account with this address. It has one: sign\n"
	  "in with it, or ask for a new password there.\n" },
};

static const struct letter *letter_for(struct str kind)
{
	const struct letter *l = letters;

	while (!str_is(kind, l->kind))
		l++;
	return l;
}

/* Row: link id, kind, address, name, venue, invited by, tries so far. */
static void write_mail(struct mailing *m, const struct db_result *r)
{
	struct arena *a = m->arena;
	const struct letter *l = letter_for(db_get(r, 0, 1));
	struct str venue = db_get(r, 0, 4), by = db_get(r, 0, 5);
	struct buf b = buf_new(a, 8192);

	buf_printf(&b, "Hello " STR_FMT ",\n\n", STR_ARG(db_get(r, 0, 3)));
	struct str rest = str_of(l->text), piece = str_cut(&rest, '%');

	buf_put(&b, piece);
	if (rest.len) {
		buf_put(&b, str_is(str_of(l->kind), "invitation") ? by : venue);
		rest = str_from(rest, 1);
		buf_put(&b, str_cut(&rest, '%'));
	}
	if (rest.len) {
		buf_put(&b, venue);
		buf_put(&b, str_from(rest, 1));
	}
	if (!str_is(str_of(l->kind), "notice"))
		buf_printf(&b, link_words, STR_ARG(m->config->public_url), STR_ARG(m->secret),
			   STR_ARG(m->secret));
	m->mail = (struct mail){
		.id = arena_copy(a, db_get(r, 0, 0)),
		.to = arena_copy(a, db_get(r, 0, 2)),
		.subject = str_of(l->subject),
		.text = buf_str(&b),
	};
}

/* ---- the steps ---- */

static void look(struct mailing *m);

static void finish(struct mailing *m)
{
	arena_free(m->arena);
	m->arena = NULL;
	m->busy = false;
	if (m->again)
		look(m);
}

static void on_settled(void *ctx, const struct db_result *r)
{
	(void)r; /* when it was lost, the lease ends and the mail goes again */
	finish(ctx);
}

static void on_delivered(struct job *j)
{
	static const char *const outcomes[] = {
		[MAIL_DELIVERED] = "sent", [MAIL_LATER] = "later", [MAIL_NEVER] = "never"
	};
	struct mailing *m = container_of(j, struct mailing, job);
	const char *outcome = outcomes[m->outcome];
	bool sent = m->outcome == MAIL_DELIVERED;
	const struct db_param params[] = { db_text(m->mail.id), db_text(str_of(outcome)),
					   db_text_or_null(str_of(sent ? "" : m->why)) };

	log_info("mail", "link=" STR_FMT " outcome=%s", STR_ARG(m->mail.id), outcome);
	m->again = true;
	db_query(m->db, DB_DOOR, SQL_MAIL_DONE, DB_PARAMS(params), on_settled, m);
}

static void deliver(struct job *j)
{
	struct mailing *m = container_of(j, struct mailing, job);

	m->outcome = mail_deliver(m->config->mail_url, m->config->mail_from, &m->mail, m->message,
				  m->why);
}

static void on_claimed(void *ctx, const struct db_result *r)
{
	struct mailing *m = ctx;

	if (!db_rows(r)) {
		finish(m);
		return;
	}
	write_mail(m, r);
	m->message = mail_compose(m->arena, m->config->mail_from, &m->mail, clock_wall_ms());
	m->job.work = deliver;
	m->job.done = on_delivered;
	crew_submit(m->crew, &m->job);
}

static void look(struct mailing *m)
{
	struct str hash;

	if (m->busy || m->stopped) {
		m->again = true;
		return;
	}
	m->busy = true;
	m->again = false;
	m->arena = arena_new();
	m->secret = staff_secret(m->arena, STR("mlk_"), &hash);
	const struct db_param params[] = { db_text(hash) };

	db_query(m->db, DB_DOOR, SQL_MAIL_CLAIM, DB_PARAMS(params), on_claimed, m);
}

static void on_look(struct timer *t)
{
	struct mailing *m = container_of(t, struct mailing, look);

	timer_start(m->loop, t, LOOK_EVERY_MS, on_look);
	look(m);
}

/* ---- from start to stop ---- */

struct mailing *mailing_new(struct loop *l, struct db *d, const struct config *config)
{
	struct mailing *m = calloc(1, sizeof(*m));

	assert(m);
	m->loop = l;
	m->db = d;
	m->config = config;
	m->stopped = !config->mail_url.len;
	m->crew = crew_new(l, 1, 1);
	if (!m->stopped)
		timer_start(l, &m->look, LOOK_EVERY_MS, on_look);
	return m;
}

void mailing_wake(struct mailing *m)
{
	if (!m->stopped)
		look(m);
}

void mailing_stop(struct mailing *m)
{
	m->stopped = true;
	timer_stop(m->loop, &m->look);
}

bool mailing_busy(const struct mailing *m)
{
	return m->busy;
}

void mailing_free(struct mailing *m)
{
	mailing_stop(m);
	if (!m->busy)
		crew_free(m->crew);
	if (m->arena)
		arena_free(m->arena);
	free(m);
}
