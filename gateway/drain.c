/*
 * drain.c - `maitred drain`: an operator takes a carrier out, or back in, for all gateways of this
 * database.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "clock.h"
#include "id.h"
#include "once.h"

struct drain {
	const char *carrier;
	bool out;
};

static const char help[] =
	"Usage:\n"
	"  maitred drain twilio \"they have an incident\"\n"
	"  maitred undrain twilio\n"
	"\n"
	"Nothing goes through a carrier that is drained; what is on its way there\n"
	"goes on. GET /v1/carriers shows it, with the reason.\n";

static int tell(void *ctx, const struct db_result *r)
{
	const struct drain *d = ctx;

	if (!db_rows(r)) {
		fprintf(stderr, "maitred: no gateway has used %s yet.\n", d->carrier);
		return EX_USAGE;
	}
	printf("%s is %s.\n", d->carrier, d->out ? "drained" : "in use again");
	return EX_OK;
}

int drain_main(int argc, char **argv)
{
	struct drain d = { .out = strcmp(argv[0], "drain") == 0 };
	bool asked = argc > 1 && strcmp(argv[1], "--help") == 0;
	struct id event = id_new("evt", clock_wall_ms());
	char who[64] = "";

	if (asked || argc != (d.out ? 3 : 2) || !provider_find(str_of(argv[1]))) {
		fputs(help, asked ? stdout : stderr);
		return asked ? EX_OK : EX_USAGE;
	}
	gethostname(who, sizeof(who) - 1);
	d.carrier = argv[1];
	const struct db_param params[] = {
		db_text(str_of(d.carrier)),
		db_text(d.out ? str_of(argv[2]) : STR("It is well again.")),
		db_text(str_of(who)),
		db_text(id_str(&event)),
		db_int(d.out),
	};

	return once(SQL_CARRIER_DRAIN, DB_PARAMS(params), tell, &d);
}
