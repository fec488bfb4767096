/* once.c - a loop and a database for one question. */
#include "once.h"

#include <stdio.h>
#include <sysexits.h>

struct asking {
	struct loop *loop;
	int (*tell)(void *ctx, const struct db_result *r);
	void *ctx;
	int status;
};

static void on_answer(void *ctx, const struct db_result *r)
{
	struct asking *a = ctx;

	if (r->status == DB_OK) {
		a->status = a->tell(a->ctx, r);
	} else {
		fprintf(stderr, r->status == DB_AWAY ?
					"maitred: the database cannot be reached.\n" :
					"maitred: the database refused this; see above.\n");
		a->status = EX_UNAVAILABLE;
	}
	loop_stop(a->loop);
}

int once(enum statement statement, struct db_params params,
	 int (*tell)(void *ctx, const struct db_result *r), void *ctx)
{
	struct asking a = { .tell = tell, .ctx = ctx };
	struct gateway g = { 0 };

	a.status = gateway_configure(&g, gateway_environment);
	if (a.status == EX_OK) {
		const struct db_settings settings = { .url = g.config.database_url.p,
						      .direct_url = g.config.database_direct_url.p,
						      .connections = DB_ONE,
						      .waiting_max = 10,
						      .patience_ms = 10000,
						      .privacy = g.privacy };
		a.loop = loop_new();
		struct db *db = db_new(a.loop, &settings);

		db_query(db, DB_WORK, statement, params, on_answer, &a);
		loop_run(a.loop);
		db_free(db);
		loop_free(a.loop);
	}
	gateway_free(&g);
	return a.status;
}
