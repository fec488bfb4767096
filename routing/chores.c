/* chores.c - one timer per chore; it is started anew when its statement is done. */
#include "chores.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "log.h"

#define NEXT_PIECE_MS 1000

/*
 * A statement's parameter is how much it does at most; its first column says how much it did. When
 * that is all, the next piece is done soon. What should never be to do says so, and the second
 * column names it.
 */
static const struct chore {
	enum statement statement;
	unsigned first_ms, every_ms;
	int64_t most;
	const char *error; /* the event, or NULL */
} table[] = {
	{ SQL_QUEUE_MEASURE, 500, 1000, 200, NULL },
	{ SQL_QUEUE_PARK, 1500, 2000, 100, "messages_parked" },
	{ SQL_VISITS_DUE, 1000, 2000, 100, NULL },
	{ SQL_ESTIMATE_NEXT, 2000, 600000, 1, NULL },
	{ SQL_SWEEP, 60000, 600000, 10000, NULL },
	{ SQL_RETAIN, 3000, 600000, 500,
	  NULL }, /* dispatch shares the connection and waits meanwhile */
};

#define CHORES (sizeof(table) / sizeof(*table))

struct doing {
	struct chores *all;
	const struct chore *chore;
	struct timer timer;
};

struct chores {
	struct loop *loop;
	struct db *db;
	bool stopping;
	struct doing doing[CHORES];
};

static void do_piece(struct timer *t);

static void on_done(void *ctx, const struct db_result *r)
{
	struct doing *d = ctx;
	int64_t num = db_rows(r) ? db_get_int(r, 0, 0) : 0;
	bool more = num >= d->chore->most;

	if (num && d->chore->error)
		log_error(d->chore->error, "num=%" PRId64 " messages=" STR_FMT, num,
			  STR_ARG(db_get(r, 0, 1)));
	if (!d->all->stopping) /* when the database was away: the next time */
		timer_start(d->all->loop, &d->timer,
			    more && d->chore->every_ms > NEXT_PIECE_MS ? NEXT_PIECE_MS :
									 d->chore->every_ms,
			    do_piece);
}

static void do_piece(struct timer *t)
{
	struct doing *d = container_of(t, struct doing, timer);
	const struct db_param most[] = { db_int(d->chore->most) };

	db_query(d->all->db, DB_WORK, d->chore->statement, DB_PARAMS(most), on_done, d);
}

struct chores *chores_new(struct loop *l, struct db *d)
{
	struct chores *c = calloc(1, sizeof(*c));

	assert(c);
	c->loop = l;
	c->db = d;
	for (size_t i = 0; i < CHORES; i++) {
		c->doing[i] = (struct doing){ .all = c, .chore = &table[i] };
		timer_start(l, &c->doing[i].timer, table[i].first_ms, do_piece);
	}
	return c;
}

void chores_stop(struct chores *c)
{
	c->stopping = true;
	for (size_t i = 0; i < CHORES; i++)
		timer_stop(c->loop, &c->doing[i].timer);
}

void chores_free(struct chores *c)
{
	chores_stop(c);
	free(c);
}
