/*
 * gateway.h - the whole process: its configuration, its workers, from start to stop.
 */
#ifndef GATEWAY_H
#define GATEWAY_H

#include <signal.h>

#include "carrier.h"
#include "config.h"
#include "worker.h"

struct gateway {
	struct arena *arena;
	struct config config;
	struct carrier_list carriers;
	struct token_keys session_keys;
	struct signing_keys signing; /* master keys of webhooks that we send */
	struct recurly recurly;	     /* without an API key: no billing */
	struct db_privacy privacy;
	struct str problems;  /* of the configuration: a sentence in each line */
	unsigned connections; /* of each worker, to the database */
	struct worker *workers;
	bool serves;	/* answers HTTP; else it only sends and applies */
	bool forgetful; /* the database may forget what it commits: it stops */
	void (*on_ready)(const struct gateway *g); /* once, when it takes work; may be NULL */
};

#define GATEWAY_PROBLEMS_MAX 16384

/* Reads what it can of the configuration; a sentence per line is added to `problems`. */
void gateway_read(struct gateway *g, config_source *get, struct buf *problems);

/*
 * Reads the configuration from `get`. On problems prints all of them to standard error and returns
 * an exit status (sysexits.h); 0 when all is well. Sets up the log.
 */
int gateway_configure(struct gateway *g, config_source *get);
/* The same for what was found out later: it is the one problem there is. */
int gateway_complain(struct gateway *g, const char *problem);

/* Runs until SIGTERM or SIGINT; returns the exit status. Frees everything but the arena. */
int gateway_run(struct gateway *g);
void gateway_free(struct gateway *g);

/*
 * SIGTERM and SIGINT, which are held from here on, for sigwait(): one that comes while it starts is
 * not lost. Threads inherit that. And a client that goes away is no signal.
 */
sigset_t gateway_hold_signals(void);

const char *gateway_environment(const char *name); /* getenv() as a config_source */
/* Of the environment: the database past a pooler, if there is one. NULL: neither is set. */
const char *gateway_database_url(void);

/* The commands; argv[0] is the command's name. Each returns an exit status. */
int serve_main(int argc, char **argv);
int work_main(int argc, char **argv);
int migrate_main(int argc, char **argv);
int config_main(int argc, char **argv);
int metrics_main(int argc, char **argv);
int replay_main(int argc, char **argv);
int drain_main(int argc, char **argv); /* drain, undrain */
int number_main(int argc, char **argv);
int secret_main(int argc, char **argv);
int wishes_main(int argc, char **argv);
int backup_main(int argc, char **argv);
int restore_main(int argc, char **argv);

#endif
