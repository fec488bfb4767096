/*
 * replay.c - `maitred replay`: applies a stretch of the journal once more. What is already right
 * stays as it is; what a bug or a missing account left out comes in.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

#include "clock.h"
#include "gateway.h"
#include "inbound.h"
#include "rfc3339.h"

#define LOOK_EVERY_MS 200

struct replay {
	struct gateway gateway;
	struct loop *loop;
	struct db *db;
	struct inbound *inbound;
	int64_t since_ms, until_ms;
	struct timer look;
	bool ok;
};

static const char help[] =
	"Examples:\n"
	"  maitred replay --since 2026-11-21T18:00:00Z\n"
	"  maitred replay --since 2026-11-21T18:00:00Z --until 2026-11-21T19:00:00Z\n"
	"\n"
	"Applies the callbacks that were journalled in that time once more. Nothing that is\n"
	"already right changes. The gateway may run meanwhile.\n";

static void give_up(struct replay *r, const char *sentence)
{
	fprintf(stderr, "maitred replay: %s\n", sentence);
	loop_stop(r->loop);
}

static void on_counted(void *ctx, const struct db_result *result)
{
	struct replay *r = ctx;
	struct inbound_counts n = inbound_counts(r->inbound);

	if (result->status != DB_OK) {
		give_up(r, "The database went away; run it again.");
		return;
	}
	fprintf(stderr,
		"\r%" PRIu64 " callbacks read: %" PRIu64 " reports, %" PRIu64 " replies, %" PRIu64
		" unmatched, %" PRIu64 " failed; %" PRId64 " batches left ",
		n.callbacks, n.reports, n.replies, n.unmatched, n.failed, db_get_int(result, 0, 0));
	if (db_get_int(result, 0, 0) == 0 && !inbound_busy(r->inbound)) {
		fputc('\n', stderr);
		r->ok = true;
		loop_stop(r->loop);
	}
}

static void look(struct timer *t)
{
	struct replay *r = container_of(t, struct replay, look);

	timer_start(r->loop, t, LOOK_EVERY_MS, look);
	db_query(r->db, DB_WORK, SQL_PENDING_COUNT, DB_NO_PARAMS, on_counted, r);
}

static void on_due(void *ctx, const struct db_result *result)
{
	struct replay *r = ctx;

	if (result->status != DB_OK) {
		give_up(r, "The database cannot be reached.");
		return;
	}
	printf("%" PRId64 " callbacks in %" PRId64 " batches.\n", db_get_int(result, 0, 1),
	       db_get_int(result, 0, 0));
	fflush(stdout);
	inbound_wake(r->inbound);
	timer_start(r->loop, &r->look, LOOK_EVERY_MS, look);
}

static int run(struct replay *r)
{
	const struct db_settings settings = { .url = r->gateway.config.database_url.p,
					      .direct_url = r->gateway.config.database_direct_url.p,
					      .connections = DB_ONE,
					      .waiting_max = 20000,
					      .patience_ms = 10000,
					      .privacy = r->gateway.privacy };
	const struct db_param stretch[] = { db_int(r->since_ms), db_int(r->until_ms) };

	r->loop = loop_new();
	r->db = db_new(r->loop, &settings);
	const struct inbound_settings inbound = { r->loop, r->db, &r->gateway.carriers };
	r->inbound = inbound_new(&inbound);
	db_query(r->db, DB_WORK, SQL_CALLBACK_REPLAY, DB_PARAMS(stretch), on_due, r);
	loop_run(r->loop);
	timer_stop(r->loop, &r->look);
	db_free(r->db);
	inbound_free(r->inbound);
	loop_free(r->loop);
	return r->ok ? EX_OK : EX_UNAVAILABLE;
}

/* 0 to go on; else an exit status. */
static int read_arguments(struct replay *r, int argc, char **argv)
{
	static const struct option options[] = {
		{ "since", required_argument, NULL, 's' },
		{ "until", required_argument, NULL, 'u' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	r->since_ms = -1;
	r->until_ms = clock_wall_ms() + 1;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h' || c == '?') {
			fputs(help, c == 'h' ? stdout : stderr);
			return c == 'h' ? -1 : EX_USAGE;
		}
		if (!rfc3339_parse(str_of(optarg), c == 's' ? &r->since_ms : &r->until_ms)) {
			fprintf(stderr,
				"maitred replay: %s is not a time like "
				"2026-11-21T18:00:00Z.\n",
				optarg);
			return EX_USAGE;
		}
	}
	if (r->since_ms < 0 || r->until_ms <= r->since_ms || optind < argc) {
		fputs("maitred replay: it needs --since, a time before --until.\n", stderr);
		return EX_USAGE;
	}
	return 0;
}

int replay_main(int argc, char **argv)
{
	struct replay r = { 0 };
	int status = read_arguments(&r, argc, argv);

	if (status)
		return status < 0 ? EX_OK : status;
	status = gateway_configure(&r.gateway, gateway_environment);
	if (status == EX_OK)
		status = run(&r);
	gateway_free(&r.gateway);
	return status;
}
