/* test_batch.c - group commit: few commits for many rows, and each row told its own fate. */
#include "turns.h"

#include <stdlib.h>

#include "batch.h"
#include "log.h"
#include "pg.h"

/* key hash, message, conversation, phone, body, number, kind, encoding, segments, expires, key,
 * hash, send at, arrive by, session, its account */
#define ACCEPT "ttttttttiittiittt"

static const struct db *told_of; /* NULL: it is gone */

struct house {
	struct arena *arena;
	struct loop *loop;
	struct db *db;
	struct db_batch *batch;
	struct str key_hash;
};

static struct house open_house(unsigned patience_ms)
{
	struct house h = { .arena = arena_new(), .loop = loop_new() };
	const struct db_settings settings = { .url = pg_url(),
					      .connections = DB_CONNECTIONS_MAX,
					      .waiting_max = 1000,
					      .patience_ms = patience_ms };

	pg_do("start");
	log_setup(false, LOG_ERROR_ + 1);
	pg_empty();
	pg_venue("acc_a", "+12125550100", "+12125550101");
	h.key_hash = pg_key_hash(h.arena, "acc_a");
	h.db = db_new(h.loop, &settings);
	h.batch = db_batch_new(h.db, h.loop, DB_ACCEPT, SQL_MESSAGE_ACCEPT, ACCEPT);
	turn_until(h.loop, 5000, db_up(h.db));
	told_of = h.db;
	return h;
}

static void close_house(struct house *h)
{
	told_of = NULL;
	db_free(h->db);
	db_batch_free(h->batch);
	loop_turn(h->loop, 0);
	loop_free(h->loop);
	arena_free(h->arena);
}

/* What became of one row. */
struct fate {
	unsigned times;
	enum db_status status;
	bool answered;	  /* the statement returned a row for it */
	unsigned at_work; /* so many statements were with the database when it was told */
	char verdict[20];
};

static unsigned done_num;

static void on_row(void *ctx, const struct db_row *row)
{
	struct fate *f = ctx;

	f->times++;
	f->at_work = told_of ? db_pending(told_of) : 0;
	f->status = row->status;
	f->answered = row->row >= 0;
	if (f->answered)
		snprintf(f->verdict, sizeof(f->verdict), STR_FMT,
			 STR_ARG(db_get(row->result, row->row, 1)));
	done_num++;
}

/* A message to be accepted; what is NULL is left out or gets a value that is acceptable. */
struct message {
	const char *id, *key_hash, *body, *number, *key;
	int64_t segments;
};

static void add(struct house *h, const struct message *m, struct fate *f)
{
	const struct db_param row[] = {
		db_text(m->key_hash ? str_of(m->key_hash) : h->key_hash),
		db_text(str_of(m->id)),
		db_text(arena_printf(h->arena, "cnv_%s", m->id)),
		db_text(STR("+12125550199")),
		db_text(m->body ? str_of(m->body) : STR("Your table is ready.")),
		db_text_or_null(str_of(m->number)),
		db_text(STR("message")),
		db_text(STR("GSM-7")),
		db_int(m->segments),
		db_int(4102444800000),
		db_text_or_null(str_of(m->key)),
		db_text(STR("hash")),
		db_text_or_null(STR("")),
		db_text_or_null(STR("")),
		db_text_or_null(STR("")),
		db_text_or_null(STR("")),
		db_text(STR("sms")),
	};

	db_batch_add(h->batch, row, on_row, f);
}

static void add_many(struct house *h, const char *prefix, unsigned num, struct fate *fates)
{
	for (unsigned i = 0; i < num; i++) {
		const char *id = arena_printf(h->arena, "%s%05u", prefix, i).p;

		add(h, &(struct message){ .id = id }, &fates[i]);
	}
}

static long commits(void)
{
	return pg_number("SELECT count(DISTINCT xmin::text) FROM messages");
}

/* ---- tests ---- */

static void few_commits(void **state)
{
	enum { ROWS = 2000 };
	struct house h = open_house(5000);
	struct fate *fates = calloc(ROWS, sizeof(*fates));

	(void)state;
	done_num = 0;
	add_many(&h, "msg", ROWS, fates);
	check("never before it returns", done_num == 0);
	check("all wait", db_batch_pending(h.batch) == ROWS);
	turn_until(h.loop, 20000, done_num == ROWS);
	for (int i = 0; i < ROWS; i++) {
		check("once", fates[i].times == 1 && fates[i].status == DB_OK);
		check_str("verdict", str_of(fates[i].verdict), STR("accepted"));
	}
	check("all there", pg_number("SELECT count(*) FROM messages") == ROWS);
	check("2000 rows, 500 at a time", commits() == 4);
	check("nothing waits", db_batch_pending(h.batch) == 0);
	close_house(&h);
	free(fates);
}

static void limited(void **state)
{
	struct house h = open_house(5000);
	struct fate fates[25] = { 0 };

	(void)state;
	done_num = 0;
	db_batch_limit(h.batch, 10);
	add_many(&h, "msg", 25, fates);
	turn_until(h.loop, 5000, done_num == 25);
	check("10, 10 and 5", commits() == 3);
	close_house(&h);
}

/* Each row its own verdict, also when the same flush holds all kinds. */
static void verdicts(void **state)
{
	static const struct {
		struct message m;
		const char *verdict;
	} rows[] = {
		{ { .id = "m1" }, "accepted" },
		{ { .id = "m2", .key_hash = "of no key" }, "unauthorized" },
		{ { .id = "m3", .number = "+19995550100" }, "no_number" },
		{ { .id = "m4", .number = "+12125550101" }, "accepted" },
		{ { .id = "m5", .key = "k" }, "accepted" },
		{ { .id = "m6", .key_hash = "of no key" }, "unauthorized" },
	};
	struct house h = open_house(5000);
	struct fate fates[COUNT(rows)] = { 0 };

	(void)state;
	done_num = 0;
	for (size_t i = 0; i < COUNT(rows); i++)
		add(&h, &rows[i].m, &fates[i]);
	turn_until(h.loop, 5000, done_num == COUNT(rows));
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str(rows[i].m.id, str_of(fates[i].verdict), str_of(rows[i].verdict));
	check("in one commit", commits() == 1);
	close_house(&h);
}

/* A row that the database cannot take refuses itself, first, last or in between. */
static void poison(void **state)
{
	enum { ROWS = 7 };
	static const struct {
		const char *name;
		struct message m;
	} rows[] = {
		{ "not UTF-8", { .id = "bad", .body = "\xff" } },
		{ "over smallint", { .id = "bad", .segments = 1 << 20 } },
	};

	(void)state;
	for (unsigned n = 0; n < COUNT(rows) * ROWS; n++) {
		const char *name = rows[n / ROWS].name;
		struct house h = open_house(5000);
		struct fate fates[ROWS] = { 0 };

		done_num = 0;
		for (unsigned i = 0; i < ROWS; i++)
			if (i == n % ROWS)
				add(&h, &rows[n / ROWS].m, &fates[i]);
			else
				add_many(&h, arena_printf(h.arena, "m%u", i).p, 1, &fates[i]);
		turn_until(h.loop, 5000, done_num == ROWS);
		for (unsigned i = 0; i < ROWS; i++) {
			enum db_status want = i == n % ROWS ? DB_REFUSED : DB_OK;

			check(name, fates[i].times == 1 && fates[i].status == want);
			check(name, fates[i].answered == (want == DB_OK));
		}
		check(name, pg_number("SELECT count(*) FROM messages") == ROWS - 1);
		close_house(&h);
	}
}

/* One Idempotency-Key twice in one flush: one statement cannot do that; one by one they can. */
static void same_key_twice(void **state)
{
	struct house h = open_house(5000);
	struct fate fates[3] = { 0 };

	(void)state;
	done_num = 0;
	add(&h, &(struct message){ .id = "m1", .key = "k" }, &fates[0]);
	add(&h, &(struct message){ .id = "m2", .key = "k" }, &fates[1]);
	add(&h, &(struct message){ .id = "m3" }, &fates[2]);
	turn_until(h.loop, 5000, done_num == 3);
	check_str("the first", str_of(fates[0].verdict), STR("accepted"));
	check_str("the second", str_of(fates[1].verdict), STR("replayed"));
	check_str("the neighbour", str_of(fates[2].verdict), STR("accepted"));
	check("two messages", pg_number("SELECT count(*) FROM messages") == 2);
	close_house(&h);
}

static void during_a_flush(void **state)
{
	struct house h = open_house(5000);
	struct fate first = { 0 }, later[50] = { 0 };

	(void)state;
	done_num = 0;
	add(&h, &(struct message){ .id = "first" }, &first);
	turn_until(h.loop, 1000, db_pending(h.db));
	add_many(&h, "later", 50, later);
	turn_until(h.loop, 5000, done_num == 51);
	check("the first, then all others", commits() == 2);
	check("the first went alone", pg_number("SELECT count(*) FROM messages WHERE xmin = "
						"(SELECT xmin FROM messages WHERE message_id = "
						"'first')") == 1);
	check("the others are on their way before it is told", first.at_work == 1);
	check("nothing is after them", later[49].at_work == 0);
	close_house(&h);
}

/* The flush that waits too long tells its rows, and those behind: they would wait as long. */
static void away(void **state)
{
	struct house h = open_house(300);
	struct fate fates[20] = { 0 }, later = { 0 };

	(void)state;
	done_num = 0;
	db_batch_limit(h.batch, 5);
	pg_do("crash");
	turn_until(h.loop, 5000, !db_up(h.db));
	add_many(&h, "msg", 20, fates);
	turn_until(h.loop, 3000, done_num == 20);
	for (size_t i = 0; i < COUNT(fates); i++)
		check("away",
		      fates[i].times == 1 && fates[i].status == DB_AWAY && !fates[i].answered);
	check("nothing waits", db_batch_pending(h.batch) == 0);

	pg_do("start");
	turn_until(h.loop, 10000, db_up(h.db));
	add(&h, &(struct message){ .id = "later" }, &later);
	turn_until(h.loop, 5000, later.times);
	check("back again", later.status == DB_OK);
	close_house(&h);
}

/* Committed or not, the flush that was on its way when the server died is run again. */
static void killed(void **state)
{
	enum { ROWS = 1500 };
	struct house h = open_house(30000);
	struct fate *fates = calloc(ROWS, sizeof(*fates));

	(void)state;
	done_num = 0;
	db_batch_limit(h.batch, 20);
	add_many(&h, "msg", ROWS, fates);
	turn_until(h.loop, 5000, done_num >= 100);
	int restart = pg_begin("restart");
	turn_until(h.loop, 10000, !db_up(h.db));
	turn_until(h.loop, 20000, db_up(h.db));
	pg_end(restart);
	turn_until(h.loop, 20000, done_num == ROWS);
	for (int i = 0; i < ROWS; i++)
		check("accepted once",
		      fates[i].times == 1 && strcmp(fates[i].verdict, "accepted") == 0);
	check("none lost, none twice", pg_number("SELECT count(*) FROM messages") == ROWS);
	close_house(&h);
	free(fates);
}

/* What goes in as an array in binary comes out as it was. */
static void round_trip(void **state)
{
	static const char *const bodies[] = {
		"plain",
		"",
		"NULL",
		"{a,\"b\\\"}",
		"Gr\xc3\xbc\xc3\x9f"
		"e \xf0\x9f\x8e\x89",
		"  spaces, tabs\t and\nlines ",
	};
	struct house h = open_house(5000);
	struct fate fates[COUNT(bodies)] = { 0 };
	char id[2] = "0";

	(void)state;
	done_num = 0;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		id[0] = (char)('a' + i);
		add(&h, &(struct message){ .id = id, .body = bodies[i], .segments = -(int64_t)i },
		    &fates[i]);
	}
	turn_until(h.loop, 5000, done_num == COUNT(bodies));
	for (size_t i = 0; i < COUNT(bodies); i++) {
		const char *one = arena_printf(h.arena, "FROM messages WHERE message_id = '%c'",
					       (char)('a' + i))
					  .p;

		check_str(bodies[i],
			  pg_value(h.arena, arena_printf(h.arena, "SELECT body %s", one).p),
			  str_of(bodies[i]));
		check(bodies[i],
		      pg_number(arena_printf(h.arena, "SELECT segments %s", one).p) == -(long)i);
		check(bodies[i],
		      pg_number(arena_printf(h.arena, "SELECT (number IS NULL)::int %s", one).p) ==
			      1);
	}
	close_house(&h);
}

static void freed_early(void **state)
{
	(void)state;
	for (int turns = 0; turns < 3; turns++) {
		struct house h = open_house(5000);
		struct fate fates[30] = { 0 };

		done_num = 0;
		db_batch_limit(h.batch, 10);
		add_many(&h, "msg", 30, fates);
		for (int i = 0; i < turns; i++)
			loop_turn(h.loop, 0);
		close_house(&h);
		for (size_t i = 0; i < COUNT(fates); i++)
			check("told once", fates[i].times == 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_commits),	  cmocka_unit_test(limited),
		cmocka_unit_test(verdicts),	  cmocka_unit_test(poison),
		cmocka_unit_test(same_key_twice), cmocka_unit_test(during_a_flush),
		cmocka_unit_test(away),		  cmocka_unit_test(killed),
		cmocka_unit_test(round_trip),	  cmocka_unit_test(freed_early),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
