/*
 * main.c - the command line. Each command is a row of the table; --help is made from it.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "check.h"
#include "dev.h"
#include "docs.h"
#include "doctor.h"
#include "gateway.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the name */
	const char *help;
} commands[] = {
	{ "serve", serve_main, "answer HTTP, send texts, apply callbacks" },
	{ "work", work_main, "send texts and apply callbacks, without HTTP" },
	{ "migrate", migrate_main, "bring the database to this version's schema" },
	{ "dev", dev_main, "all of it with simulated carriers and a demo restaurant" },
	{ "sim", dev_sim_main, "only the simulated carriers" },
	{ "replay", replay_main, "apply a stretch of the journal of callbacks again" },
	{ "drain", drain_main, "take a carrier out, for all gateways" },
	{ "undrain", drain_main, "take it back in" },
	{ "backup", backup_main, "write the database, and what guests wished for, into a folder" },
	{ "restore", restore_main, "bring a backup back, so that no guest is texted twice" },
	{ "wishes", wishes_main, "print who is to be forgotten or not texted (--replay: again)" },
	{ "number", number_main, "add a sending number, for who signs up next" },
	{ "secret", secret_main, "keep a secret setting sealed in the database" },
	{ "openapi", openapi_main, "print the OpenAPI document of the API" },
	{ "doctor", doctor_main, "look at all that has to be right, and say what mends it" },
	{ "config", config_main, "print the configuration in force (--table: document it)" },
	{ "metrics", metrics_main, "print the table of what is counted and measured" },
	{ "check", check_main, "is this webhook, text, number or code right? does our mail work?" },
};

static const char examples[] = "maitred - texts guests through two carriers, once\n\n"
			       "Examples:\n"
			       "  make run                      everything, on this machine\n"
			       "  maitred migrate && maitred serve\n"
			       "  maitred doctor                is all as it has to be?\n"
			       "  maitred check number '(212) 555-0100' --region US\n"
			       "  maitred check code twilio 21610\n"
			       "  maitred replay --since 2026-11-21T18:00:00Z\n\n"
			       "Commands:\n";

static int help(FILE *out)
{
	fputs(examples, out);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
	fputs("\nThe environment configures it: maitred config --table\n", out);
	return out == stdout ? EX_OK : EX_USAGE;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return help(stderr);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return help(stdout);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "maitred: there is no command %s. Try: maitred --help\n", argv[1]);
	return EX_USAGE;
}
