/* commands.c - the short commands: serve, work, migrate, config, metrics. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "gateway.h"
#include "metrics.h"
#include "migrate.h"
#include "setup.h"

#define OUTPUT_MAX 65536

static int misuse(const char *command, const char *sentence)
{
	fprintf(stderr, "maitred %s: %s Try: maitred --help\n", command, sentence);
	return EX_USAGE;
}

/* With `sets_up`, a page says what has to be set first, instead of an exit. */
static int run(bool serves, bool sets_up)
{
	struct gateway g = { .serves = serves };

	gateway_hold_signals();
	int status = gateway_configure(&g, gateway_environment);

	if (status == EX_OK && sets_up && migrate_missing(gateway_database_url()))
		status = gateway_complain(&g, "The database has no schema of this version: "
					      "`maitred migrate` makes it.");
	if (status == EX_CONFIG && sets_up)
		status = setup_run(&g);
	else if (status == EX_OK)
		status = gateway_run(&g);
	gateway_free(&g);
	return status;
}

int serve_main(int argc, char **argv)
{
	bool sets_up = argc == 2 && strcmp(argv[1], "--setup") == 0;

	if (argc > 1 && !sets_up)
		return misuse(argv[0], "It knows --setup; the environment configures it.");
	return run(true, sets_up);
}

int work_main(int argc, char **argv)
{
	if (argc > 1)
		return misuse(argv[0], "It takes no arguments; the environment configures it.");
	return run(false, false);
}

static void print_statement(const char *statement)
{
	printf("%s;\n", statement);
}

static int distribute(const char *url, bool only_print)
{
	char why[600];

	switch (migrate_distribute(url, only_print, print_statement, why, sizeof(why))) {
	case SPREAD_DONE:
		return EX_OK;
	case SPREAD_NO_CITUS:
		fputs("maitred migrate: This PostgreSQL has no Citus, so its tables stay on one "
		      "machine: CREATE EXTENSION citus, on each machine, then again.\n",
		      stderr);
		return EX_UNAVAILABLE;
	case SPREAD_FAILED:
		break;
	}
	fprintf(stderr, "maitred migrate: %s\n", why);
	return EX_UNAVAILABLE;
}

int migrate_main(int argc, char **argv)
{
	const char *url = gateway_database_url();
	bool spreads = argc > 1 && strcmp(argv[1], "--distribute") == 0;
	bool prints = spreads && argc == 3 && strcmp(argv[2], "--print") == 0;
	char why[600];

	if (argc > 1 + spreads + prints)
		return misuse(argv[0], "It knows --distribute, and behind that --print.");
	if (!url || !*url) {
		fputs("maitred migrate: DATABASE_URL is missing.\n", stderr);
		return EX_CONFIG;
	}
	if (spreads)
		return distribute(url, prints);
	if (migrate(url, why, sizeof(why)))
		return EX_OK;
	fprintf(stderr, "maitred migrate: %s\n", why);
	return EX_UNAVAILABLE;
}

int config_main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct buf out = buf_new(a, OUTPUT_MAX);
	struct gateway g = { 0 };
	int status = EX_OK;

	if (argc == 2 && strcmp(argv[1], "--table") == 0) {
		config_table(&out);
	} else if (argc == 2 && strcmp(argv[1], "--names") == 0) {
		config_names(&out);
	} else if (argc > 1) {
		status = misuse(argv[0], "It knows --table and --names.");
	} else {
		status = gateway_configure(&g, gateway_environment);
		config_print(&g.config, &out);
		gateway_free(&g);
	}
	printf(STR_FMT, STR_ARG(buf_str(&out)));
	arena_free(a);
	return status;
}

int metrics_main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct buf out = buf_new(a, OUTPUT_MAX);
	int status = EX_OK;

	if (argc > 1)
		status = misuse(argv[0], "It takes no arguments.");
	else
		metrics_table(&out);
	printf(STR_FMT, STR_ARG(buf_str(&out)));
	arena_free(a);
	return status;
}
