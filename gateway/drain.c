/*
 * drain.c - `maitred drain`: an operator takes a carrier out, or back in, for all gateways of this
 * database.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "clock.h"
#include "gateway.h"
#include "id.h"

struct drain {
	struct gateway gateway;
	struct loop *loop;
	struct str carrier, why;
	bool out;
	int status;
};

static const char help[] =
	"Usage:\n"
	"  maitred drain twilio \"they have an incident\"\n"
	"  maitred undrain twilio\n"
	"\n"
	"Nothing goes through a carrier that is drained; what is on its way there\n"
	"goes on. GET /v1/carriers shows it, with the reason.\n";

static void on_drained(void *ctx, const struct db_result *r)
{
	struct drain *d = ctx;

	if (r->status != DB_OK) {
		fprintf(stderr, "maitred: the database cannot be reached.\n");
		d->status = EX_UNAVAILABLE;
	} else if (!db_rows(r)) {
		fprintf(stderr, "maitred: no gateway has used %s yet.\n", d->carrier.p);
		d->status = EX_USAGE;
	} else {
		printf("%s is %s.\n", d->carrier.p, d->out ? "drained" : "in use again");
	}
	loop_stop(d->loop);
}

static int run(struct drain *d)
{
	const struct db_settings settings = { .url = d->gateway.config.database_url.p,
					      .waiting_max = 10,
					      .patience_ms = 10000 };
	struct id event = id_new("evt", clock_wall_ms());
	char who[64] = "";

	gethostname(who, sizeof(who) - 1);
	const struct db_param params[] = { db_text(d->carrier), db_text(d->why),
					   db_text(str_of(who)), db_text(id_str(&event)),
					   db_int(d->out) };

	d->loop = loop_new();
	struct db *db = db_new(d->loop, &settings);

	db_query(db, DB_WORK, SQL_CARRIER_DRAIN, DB_PARAMS(params), on_drained, d);
	loop_run(d->loop);
	db_free(db);
	loop_free(d->loop);
	return d->status;
}

int drain_main(int argc, char **argv)
{
	struct drain d = { .out = strcmp(argv[0], "drain") == 0 };
	bool asked = argc > 1 && strcmp(argv[1], "--help") == 0;

	if (asked || argc != (d.out ? 3 : 2) || !provider_find(str_of(argv[1]))) {
		fputs(help, asked ? stdout : stderr);
		return asked ? EX_OK : EX_USAGE;
	}
	d.carrier = str_of(argv[1]);
	d.why = d.out ? str_of(argv[2]) : STR("It is well again.");
	d.status = gateway_configure(&d.gateway, gateway_environment);
	if (d.status == EX_OK)
		d.status = run(&d);
	gateway_free(&d.gateway);
	return d.status;
}
