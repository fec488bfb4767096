/* test_db.c - connections to PostgreSQL: order, refusals, a server that dies or stays away. */
#include "turns.h"

#include <stdlib.h>

#include "db.h"
#include "log.h"
#include "pg.h"

static const char *const channels[] = { "maitred_queue", NULL };
static unsigned notified;

static void on_notify(void *ctx, const char *channel, const char *payload)
{
	(void)ctx;
	check(channel, strcmp(channel, "maitred_queue") == 0);
	notified++;
}

struct house {
	struct loop *loop;
	struct db *db;
	struct db_settings settings;
};

static struct house open_house(unsigned waiting_max, unsigned patience_ms)
{
	struct house h = {
		.loop = loop_new(),
		.settings = { .url = pg_url(),
			      .connections = DB_CONNECTIONS_MAX,
			      .waiting_max = waiting_max,
			      .patience_ms = patience_ms,
			      .on_notify = on_notify,
			      .channels = channels },
	};

	pg_do("start");
	log_setup(false, LOG_ERROR_ + 1);
	h.db = db_new(h.loop, &h.settings);
	return h;
}

static void close_house(struct house *h)
{
	db_free(h->db);
	loop_free(h->loop);
}

/* What became of one query. */
struct fate {
	unsigned times; /* done() was called */
	enum db_status status;
	char sqlstate[6];
	int64_t value;	/* second column of the first row, else the first */
	unsigned place; /* among all that were done */
};

static unsigned done_num;

static void on_done(void *ctx, const struct db_result *r)
{
	struct fate *f = ctx;

	f->times++;
	f->status = r->status;
	f->place = done_num++;
	if (r->status == DB_REFUSED)
		snprintf(f->sqlstate, sizeof(f->sqlstate), "%s", r->sqlstate);
	else
		check("no SQLSTATE without a refusal", r->sqlstate == NULL);
	if (db_rows(r))
		f->value = db_get_int(r, 0, 0);
}

static void count_pending(struct db *d, enum db_lane lane, struct fate *f)
{
	db_query(d, lane, SQL_PENDING_COUNT, DB_NO_PARAMS, on_done, f);
}

/* Counts the journal's batches in [from, until): an answer that differs from query to query. */
static void count_batches(struct db *d, enum db_lane lane, int64_t from, int64_t until,
			  struct fate *f)
{
	const struct db_param params[] = { db_int(from), db_int(until) };

	db_query(d, lane, SQL_CALLBACK_REPLAY, DB_PARAMS(params), on_done, f);
}

static void delete_pending(struct db *d, const char *ids, struct fate *f)
{
	const struct db_param params[] = { db_text(str_of(ids)) };

	db_query(d, DB_WORK, SQL_PENDING_DONE, DB_PARAMS(params), on_done, f);
}

/* ---- tests ---- */

static void comes_up(void **state)
{
	struct house h = open_house(100, 5000);
	struct fate fates[DB_LANES] = { 0 };

	(void)state;
	pg_run("TRUNCATE pending");
	pg_run("INSERT INTO pending (batch_at, batch_id) VALUES (now(), 'a'), (now(), 'b')");
	check("down at first", !db_up(h.db));
	for (int i = 0; i < DB_LANES; i++)
		count_pending(h.db, (enum db_lane)i, &fates[i]);
	check("waits until it is up", db_pending(h.db) == DB_LANES && !fates[0].times);
	turn_until(h.loop, 5000, db_up(h.db) && !db_pending(h.db));
	for (int i = 0; i < DB_LANES; i++)
		check("every lane answers", fates[i].times == 1 && fates[i].value == 2);
	close_house(&h);
}

static void in_order(void **state)
{
	enum { QUERIES = 1000 };
	struct house h = open_house(2 * QUERIES, 5000);
	struct fate *fates = calloc(QUERIES, sizeof(*fates));

	(void)state;
	pg_run("TRUNCATE callbacks, pending");
	pg_run("INSERT INTO callbacks SELECT from_ms(1000 + n), 'bat', 1, 'twilio', '/', '', '' "
	       "FROM generate_series(0, 999) n");
	turn_until(h.loop, 5000, db_up(h.db));
	done_num = 0;
	for (int i = 0; i < QUERIES; i++)
		count_batches(h.db, DB_WORK, 1000, 1000 + i, &fates[i]);
	check("never inside db_query()", !done_num);
	turn_until(h.loop, 20000, done_num == QUERIES);
	for (unsigned i = 0; i < QUERIES; i++) {
		check("once", fates[i].times == 1 && fates[i].status == DB_OK);
		check("in the order they were asked", fates[i].place == i);
		check("each its own answer", fates[i].value == i);
	}
	pg_run("TRUNCATE callbacks, pending");
	close_house(&h);
	free(fates);
}

static void refused(void **state)
{
	struct house h = open_house(100, 5000);
	const struct db_param bad[] = { db_text(STR("\xff")) };
	struct fate before = { 0 }, it = { 0 }, after = { 0 };

	(void)state;
	pg_run("TRUNCATE pending");
	turn_until(h.loop, 5000, db_up(h.db));
	count_pending(h.db, DB_WORK, &before);
	db_query(h.db, DB_WORK, SQL_MESSAGE_GET, DB_PARAMS(bad), on_done, &it);
	count_pending(h.db, DB_WORK, &after);
	turn_until(h.loop, 5000, after.times);
	check("told", it.times == 1 && it.status == DB_REFUSED);
	check_str("why", str_of(it.sqlstate), STR("22021"));
	check("neighbours", before.status == DB_OK && after.status == DB_OK);
	check("still up", db_up(h.db));
	close_house(&h);
}

static void in_a_row(PGconn *c, const char *sql)
{
	PGresult *r = PQexec(c, sql);

	check(sql, PQresultStatus(r) == PGRES_COMMAND_OK);
	PQclear(r);
}

/* It holds `a` and wants `b`; we hold `b` and want `a`. It notices first, and must try again. */
static void deadlock(void **state)
{
	struct house h = open_house(100, 5000);
	struct fate f = { 0 };
	PGconn *other;

	(void)state;
	pg_run("TRUNCATE pending");
	pg_run("INSERT INTO pending (batch_at, batch_id) VALUES (now(), 'a'), (now(), 'b')");
	turn_until(h.loop, 5000, db_up(h.db));
	other = pg_connect(pg_super_url());
	in_a_row(other, "SET deadlock_timeout = '20s'");
	in_a_row(other, "BEGIN");
	in_a_row(other, "UPDATE pending SET due_at = now() WHERE batch_id = 'b'");
	delete_pending(h.db, "a,b", &f);
	turn_until(
		h.loop, 5000,
		pg_number("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"));
	check("sends",
	      PQsendQuery(other, "UPDATE pending SET due_at = now() WHERE batch_id = 'a'"));
	for (int64_t by = clock_mono_ms() + 5000; PQisBusy(other) && clock_mono_ms() < by;) {
		loop_turn(h.loop, 5);
		PQconsumeInput(other);
	}
	check("we were let through", !PQisBusy(other) && !f.times);
	PQclear(PQgetResult(other));
	check("end of the statement", PQgetResult(other) == NULL);
	in_a_row(other, "COMMIT");
	PQfinish(other);
	turn_until(h.loop, 5000, f.times);
	check("done at last", f.times == 1 && f.status == DB_OK);
	check("both deleted", pg_number("SELECT count(*) FROM pending") == 0);
	close_house(&h);
}

/* Deletes 4000 rows by 4000 statements while the server is killed twice. */
static void killed_under_load(void **state)
{
	enum { QUERIES = 4000 };
	struct house h = open_house(QUERIES + 1, 30000);
	struct fate *fates = calloc(QUERIES, sizeof(*fates));
	char id[16];

	(void)state;
	pg_run("TRUNCATE pending");
	pg_run("INSERT INTO pending (batch_at, batch_id) "
	       "SELECT now(), 'b' || n FROM generate_series(0, 3999) n");
	turn_until(h.loop, 5000, db_up(h.db));
	done_num = 0;
	for (int i = 0; i < QUERIES; i++) {
		snprintf(id, sizeof(id), "b%d", i);
		delete_pending(h.db, id, &fates[i]);
	}
	for (unsigned n = 1; n <= 2; n++) {
		turn_until(h.loop, 20000, done_num >= n * 500);
		check("under load", db_pending(h.db) > 500);
		int restart = pg_begin("restart");
		turn_until(h.loop, 10000, !db_up(h.db));
		turn_until(h.loop, 20000, db_up(h.db));
		pg_end(restart);
	}
	turn_until(h.loop, 30000, done_num == QUERIES);
	for (int i = 0; i < QUERIES; i++)
		check("exactly once", fates[i].times == 1 && fates[i].status == DB_OK);
	check("none lost", pg_number("SELECT count(*) FROM pending") == 0);
	close_house(&h);
	free(fates);
}

static void away_too_long(void **state)
{
	struct house h = open_house(100, 400);
	struct fate fates[5] = { 0 }, later = { 0 };

	(void)state;
	turn_until(h.loop, 5000, db_up(h.db));
	pg_do("crash");
	turn_until(h.loop, 5000, !db_up(h.db));
	int64_t start = clock_mono_ms();
	for (int i = 0; i < 5; i++)
		count_pending(h.db, DB_WORK, &fates[i]);
	turn_until(h.loop, 5000, fates[4].times);
	check("not before its patience ended", clock_mono_ms() - start >= 400);
	check("nor long after", clock_mono_ms() - start < 1500);
	for (int i = 0; i < 5; i++)
		check("away", fates[i].times == 1 && fates[i].status == DB_AWAY);
	check("nothing waits", !db_pending(h.db));

	pg_do("start");
	turn_until(h.loop, 10000, db_up(h.db));
	count_pending(h.db, DB_WORK, &later);
	turn_until(h.loop, 5000, later.times);
	check("it came back", later.status == DB_OK);
	close_house(&h);
}

static void queue_full(void **state)
{
	enum { ROOM = 10 };
	struct house h = open_house(ROOM, 60000);
	struct fate fates[ROOM + 2] = { 0 }, elsewhere = { 0 };

	(void)state;
	for (int i = 0; i < ROOM + 2; i++)
		count_pending(h.db, DB_WORK, &fates[i]);
	count_pending(h.db, DB_JOURNAL, &elsewhere);
	check("never inside db_query()", !fates[ROOM].times);
	loop_turn(h.loop, 0);
	for (int i = 0; i < ROOM; i++)
		check("waits", !fates[i].times);
	for (int i = ROOM; i < ROOM + 2; i++)
		check("refused at once", fates[i].times == 1 && fates[i].status == DB_AWAY);
	check("another lane has room", !elsewhere.times);
	turn_until(h.loop, 5000, !db_pending(h.db));
	for (int i = 0; i < ROOM; i++)
		check("answered", fates[i].times == 1 && fates[i].status == DB_OK);
	check("so is the other lane's", elsewhere.status == DB_OK);
	close_house(&h);
}

static void notifications(void **state)
{
	struct house h = open_house(100, 5000);

	(void)state;
	turn_until(h.loop, 5000, db_up(h.db));
	notified = 0;
	pg_run("NOTIFY maitred_queue");
	turn_until(h.loop, 5000, notified);
	check("one lane listens", notified == 1);

	pg_do("restart");
	turn_until(h.loop, 5000, !db_up(h.db));
	turn_until(h.loop, 10000, db_up(h.db));
	pg_run("NOTIFY maitred_queue");
	turn_until(h.loop, 5000, notified == 2);
	close_house(&h);
}

/* The database postgres has no tables of ours. */
static void wrong_schema(void **state)
{
	struct arena *a = arena_new();
	struct house h = open_house(100, 300);
	struct fate f = { 0 };
	struct capture c;
	struct str text;

	(void)state;
	db_free(h.db);
	h.settings.url = arena_printf(a, "postgresql:///postgres%s", strchr(pg_url(), '?')).p;
	log_setup(false, LOG_INFO_);
	capture_begin(&c);
	h.db = db_new(h.loop, &h.settings);
	count_pending(h.db, DB_WORK, &f);
	turn_until(h.loop, 5000, f.times);
	text = capture_end(&c, a);
	log_setup(false, LOG_ERROR_ + 1);
	check("away", f.status == DB_AWAY && !db_up(h.db));
	check("says what is wrong", strstr(text.p, "statement_not_prepared"));
	check("and what to do", strstr(text.p, "is the database migrated?"));
	close_house(&h);
	arena_free(a);
}

/* Freed while connecting, while connected with queries not sent, sent, and refused at the door. */
static void freed_early(void **state)
{
	static const struct {
		const char *name;
		bool up;
		int turns;
	} rows[] = {
		{ "while connecting", false, 0 },
		{ "a turn later", false, 1 },
		{ "not sent", true, 0 },
		{ "sent", true, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct house h = open_house(5, 60000);
		struct fate fates[7] = { 0 };

		if (rows[i].up)
			turn_until(h.loop, 5000, db_up(h.db));
		for (size_t k = 0; k < COUNT(fates); k++)
			count_pending(h.db, DB_WORK, &fates[k]);
		for (int k = 0; k < rows[i].turns; k++)
			loop_turn(h.loop, 0);
		db_free(h.db);
		for (size_t k = 0; k < COUNT(fates); k++)
			check(rows[i].name, fates[k].times == 1 && fates[k].status == DB_AWAY);
		loop_turn(h.loop, 0); /* nothing of it is left in the loop */
		loop_free(h.loop);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_up),	     cmocka_unit_test(in_order),
		cmocka_unit_test(refused),	     cmocka_unit_test(deadlock),
		cmocka_unit_test(killed_under_load), cmocka_unit_test(away_too_long),
		cmocka_unit_test(queue_full),	     cmocka_unit_test(notifications),
		cmocka_unit_test(wrong_schema),	     cmocka_unit_test(freed_early),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
