/* test_db_errors.c - whose fault an error of the database is: the rows' or the server's. */
#include "turns.h"

#include "db.h"
#include "log.h"
#include "pg.h"

struct fate {
	unsigned times;
	enum db_status status;
};

static void on_done(void *ctx, const struct db_result *r)
{
	struct fate *f = ctx;

	f->times++;
	f->status = r->status;
}

/* Whatever is deleted from `pending` now fails with that SQLSTATE. */
static void fail_with(struct arena *a, const char *sqlstate)
{
	pg_run(pg_text(a,
		       "CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql "
		       "AS $$ BEGIN RAISE 'no' USING ERRCODE = '%s'; END $$; "
		       "CREATE OR REPLACE TRIGGER fail BEFORE DELETE ON pending "
		       "EXECUTE FUNCTION fail()",
		       sqlstate));
}

static void blame(void **state)
{
	static const struct {
		const char *sqlstate;
		enum db_status want;
	} rows[] = {
		{ "53100", DB_AWAY },	 /* disk full */
		{ "53200", DB_AWAY },	 /* out of memory */
		{ "57014", DB_AWAY },	 /* took too long */
		{ "25006", DB_AWAY },	 /* a standby, or made read-only */
		{ "55P03", DB_AWAY },	 /* locked */
		{ "58030", DB_AWAY },	 /* I/O error */
		{ "40P01", DB_AWAY },	 /* a deadlock, each time it is tried */
		{ "22003", DB_REFUSED }, /* out of range */
		{ "23514", DB_REFUSED }, /* breaks a constraint */
		{ "21000", DB_REFUSED }, /* two rows of it are in each other's way */
		{ "P0001", DB_REFUSED }, /* a trigger says no */
	};
	const struct db_settings settings = { .url = pg_url(),
					      .connections = DB_CONNECTIONS_MAX,
					      .waiting_max = 10,
					      .patience_ms = 5000 };
	const struct db_param ids[] = { db_text(STR("a")) };
	struct loop *l = loop_new();
	struct db *d;
	struct arena *a = arena_new();

	(void)state;
	log_setup(false, LOG_ERROR_ + 1);
	d = db_new(l, &settings);
	turn_until(l, 5000, db_up(d));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fate f = { 0 };

		fail_with(a, rows[i].sqlstate);
		db_query(d, DB_WORK, SQL_PENDING_DONE, DB_PARAMS(ids), on_done, &f);
		turn_until(l, 5000, f.times);
		check(rows[i].sqlstate, f.times == 1 && f.status == rows[i].want);
	}
	check("still up", db_up(d));
	db_free(d);
	loop_free(l);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blame),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
