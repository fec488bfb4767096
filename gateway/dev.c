/* dev.c - what `make run` starts: nothing of it can reach a real phone. */
#include "dev.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "assets.h"
#include "credentials.h"
#include "gateway.h"
#include "migrate.h"
#include "simulator.h"

#define DEMO_KEY "mk_demo_0000000000000000000000000000"
#define DEMO_SESSION_KEYS "demo:ZGVtbyBkZW1vIGRlbW8gZGVtbyBkZW1vIGRlbW8gZGVtbw=="
#define DEMO_PRIVACY_KEY "ZGVtbyBkZW1vIGRlbW8gZGVtbyBkZW1vIGRlbW8gZGVtbw=="
#define SENT_MS 400
#define DELIVERED_MS 1200

/* What the environment lacks for a demonstration; read by dev_environment(). */
static struct {
	char public_url[64];
	struct fake_variable fakes[FAKE_VARIABLES];
	char phones_url[64];
} defaults;

static const char *dev_environment(const char *name)
{
	const char *given = getenv(name);

	if (given && *given)
		return given;
	if (strcmp(name, "PUBLIC_URL") == 0)
		return defaults.public_url;
	if (strcmp(name, "PHONES_URL") == 0)
		return defaults.phones_url;
	if (strcmp(name, "SESSION_KEYS") == 0)
		return DEMO_SESSION_KEYS;
	if (strcmp(name, "PRIVACY_KEY") == 0)
		return DEMO_PRIVACY_KEY;
	if (strcmp(name, "LINGER_S") == 0)
		return "0"; /* nobody else could answer */
	if (strcmp(name, "BIND") == 0)
		return "loopback"; /* the demo's key is no secret */
	for (int i = 0; i < FAKE_VARIABLES; i++)
		if (strcmp(name, defaults.fakes[i].name) == 0)
			return defaults.fakes[i].value.p;
	return NULL;
}

static long port_setting(const char *name, long fallback)
{
	long long n;

	return str_number(str_of(getenv(name)), &n) && n <= 65533 ? (long)n : fallback;
}

static void *run_carriers(void *loop)
{
	loop_run(loop);
	return NULL;
}

static const char *asset_text(const char *path)
{
	return (const char *)asset_find(path)->bytes;
}

/* The restaurant, and its evening: guests are texted links to us. */
static bool prepare_database(const struct gateway *g)
{
	const char *url = g->config.database_url.p;
	struct str evening = arena_printf(
		g->arena,
		"SELECT set_config('maitred.public_url', $url$" STR_FMT "$url$, false);%s",
		STR_ARG(g->config.public_url), asset_text("db/demo_evening.sql"));
	char why[600];

	if (migrate(url, why, sizeof(why)) &&
	    migrate_run(url, asset_text("db/demo.sql"), why, sizeof(why)) &&
	    migrate_run(url, evening.p, why, sizeof(why)))
		return true;
	fprintf(stderr, "maitred dev: %s\n", why);
	return false;
}

static void print_ready(const struct gateway *g)
{
	long port = g->config.port;

	printf("\nmaitred: ready\n"
	       "  Open http://127.0.0.1:%ld and press \"Enter as demo host\".\n\n"
	       "  Phones    http://127.0.0.1:%ld/sim   guests' phones, and faults on a switch\n"
	       "  Sign in   as demo (manager) or host, with Good-evening-2\n\n"
	       "Text a guest by the API, then look at the phones:\n"
	       "  curl -s http://127.0.0.1:%ld/v1/messages -H 'Authorization: Bearer " DEMO_KEY
	       "' \\\n"
	       "    -H 'Content-Type: application/json' \\\n"
	       "    -d '{\"to\": \"+12125550123\", \"body\": \"Your table is ready.\"}'\n\n",
	       port, port, port);
	fflush(stdout);
}

/* Runs the gateway beside carriers that are already there. */
static int run_gateway(void)
{
	struct gateway g = { .serves = true, .on_ready = print_ready };
	int status = gateway_configure(&g, dev_environment);

	if (status == EX_OK && !prepare_database(&g))
		status = EX_UNAVAILABLE;
	if (status == EX_OK)
		status = gateway_run(&g);
	gateway_free(&g);
	return status;
}

static int run_all(struct arena *a)
{
	long port = port_setting("PORT", 8080);
	struct carriers_settings settings = {
		.port = (uint16_t)port_setting("SIM_PORT", CARRIERS_PORT),
		.gateway = defaults.public_url,
		.sent_ms = SENT_MS,
		.delivered_ms = DELIVERED_MS,
	};
	struct loop *loop = loop_new();
	pthread_t thread;

	snprintf(defaults.public_url, sizeof(defaults.public_url), "http://127.0.0.1:%ld", port);
	struct carriers *carriers = carriers_start(loop, &settings);
	if (!carriers) {
		fprintf(stderr,
			"maitred dev: the simulated carriers' ports, %u to %u, cannot be "
			"used: %s.\n",
			settings.port, settings.port + 2, strerror(errno));
		loop_free(loop);
		return EX_UNAVAILABLE;
	}
	struct carriers_ports ports = carriers_ports(carriers);
	snprintf(defaults.phones_url, sizeof(defaults.phones_url), "http://127.0.0.1:%u/sim",
		 ports.control);
	fake_variables(a, ports.twilio, ports.telnyx, defaults.fakes);

	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the gateway's */
	int failed = pthread_create(&thread, NULL, run_carriers, loop);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	int status = failed ? EX_OSERR : run_gateway();

	loop_stop(loop);
	if (!failed)
		pthread_join(thread, NULL);
	carriers_stop(carriers);
	loop_free(loop);
	return status;
}

int dev_main(int argc, char **argv)
{
	struct arena *a = arena_new();
	const char *why = fake_environment_refusal(a);
	int status;

	if (argc > 1) {
		fprintf(stderr, "maitred %s: it takes no arguments; try maitred --help.\n",
			argv[0]);
		status = EX_USAGE;
	} else if (why) {
		fprintf(stderr, "maitred dev: %s\n", why);
		status = EX_CONFIG;
	} else {
		status = run_all(a);
	}
	arena_free(a);
	return status;
}

int dev_sim_main(int argc, char **argv)
{
	return sim_main(argc, argv);
}
