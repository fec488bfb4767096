/* gateway.c - starts the workers, waits for a signal, stops them. */
#include "gateway.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "analytics.h"
#include "budget.h"
#include "carriers.h"
#include "clock.h"
#include "confine.h"
#include "crash_report.h"
#include "dogstatsd.h"
#include "http_client.h"
#include "json.h"
#include "log.h"
#include "mail.h"
#include "notify.h"
#include "rfc3339.h"
#include "secret.h"
#include "tls.h"
#include "vault.h"

#define CLOUDFLARE_SECRET_MIN 16
#define DESCRIPTORS_BESIDE 200 /* those that are no client's */

const char *gateway_environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : vault_get(name);
}

const char *gateway_database_url(void)
{
	const char *direct = getenv("DATABASE_DIRECT_URL");

	return direct && *direct ? direct : getenv("DATABASE_URL");
}

static void set_up_log(const struct config *c)
{
	static const char *const levels[] = { "debug", "info", "warn", "error" };
	bool json = str_is(c->log_format, "json") ||
		    (!str_is(c->log_format, "text") && !isatty(STDERR_FILENO));
	enum log_level least = LOG_INFO_;

	for (int i = 0; i < 4; i++)
		if (str_is(c->log_level, levels[i]))
			least = (enum log_level)i;
	log_setup(json, least);
	log_origin(c->dd_service.p, c->dd_version.p, c->dyno.p);
}

/* What signs people in, and what mails them. */
static void check_people(struct gateway *g, struct buf *problems)
{
	const struct config *c = &g->config;
	const char *why;

	token_keys_read(&g->session_keys, g->arena, "SESSION_KEYS", c->session_keys, problems);
	if (c->mail_url.len && (why = mail_url_problem(c->mail_url)))
		buf_printf(problems, "MAIL_URL: %s\n", why);
	if (c->mail_url.len && (why = mail_from_problem(c->mail_from)))
		buf_printf(problems, "MAIL_FROM: %s\n", why);
	for (size_t i = 0; i < g->session_keys.num; i++)
		g->signing.at[g->signing.num++].key = g->session_keys.keys[i].key;
}

static void check_privacy(struct gateway *g, struct buf *problems)
{
	struct str rest = g->config.privacy_key;

	while (rest.len) {
		struct str key;

		if (g->privacy.num == DB_PRIVACY_KEYS_MAX) {
			buf_printf(problems, "PRIVACY_KEY: more than %d keys.\n",
				   DB_PRIVACY_KEYS_MAX);
			return;
		}
		if (!secret_base64_decode(g->arena, str_trim(str_cut(&rest, ',')), &key))
			buf_printf(problems, "PRIVACY_KEY is not base64.\n");
		else if (key.len < DB_PRIVACY_KEY_MIN || key.len > DB_PRIVACY_KEY_MAX)
			buf_printf(problems, "PRIVACY_KEY must be base64 of 32 to 64 bytes.\n");
		else
			g->privacy.keys[g->privacy.num++] = key;
	}
}

static void check_billing(struct gateway *g, struct buf *problems)
{
	const struct config *c = &g->config;
	struct str rest = c->recurly_webhook_keys;
	struct recurly *r = &g->recurly;

	*r = (struct recurly){
		.base_url = c->recurly_base_url,
		.api_key = c->recurly_api_key,
		.subdomain = c->recurly_subdomain,
		.sms_add_on = c->recurly_sms_add_on,
		.call_add_on = c->recurly_call_add_on,
	};
	while (rest.len && r->webhook_key_num < RECURLY_KEYS_MAX)
		r->webhook_keys[r->webhook_key_num++] = str_trim(str_cut(&rest, ','));
	if (rest.len)
		buf_printf(problems, "RECURLY_WEBHOOK_KEYS: more than %d keys.\n",
			   RECURLY_KEYS_MAX);
	for (size_t i = 0; i < r->webhook_key_num; i++)
		if (!r->webhook_keys[i].len)
			buf_printf(problems, "RECURLY_WEBHOOK_KEYS: one of them is empty.\n");
}

/* What clients meet first. */
static void check_edge(const struct gateway *g, struct buf *problems)
{
	const struct config *c = &g->config;
	struct str rest = c->cloudflare_secret, why = STR("");
	bool behind = str_is(c->trust_proxy, "cloudflare");

	if (!c->tls_cert_file.len != !c->tls_key_file.len)
		buf_printf(problems, "TLS_CERT_FILE and TLS_KEY_FILE go together.\n");
	else if (c->tls_cert_file.len) {
		tls_free(tls_new(g->arena, c->tls_cert_file, c->tls_key_file, &why));
		if (why.len)
			buf_printf(problems, STR_FMT "\n", STR_ARG(why));
	}
	if (behind != (rest.len > 0))
		buf_printf(problems, "CLOUDFLARE_SECRET and TRUST_PROXY=cloudflare go together.\n");
	while (rest.len)
		if (str_trim(str_cut(&rest, ',')).len < CLOUDFLARE_SECRET_MIN)
			buf_printf(problems, "CLOUDFLARE_SECRET needs %d characters or more.\n",
				   CLOUDFLARE_SECRET_MIN);
}

void gateway_read(struct gateway *g, config_source *get, struct buf *problems)
{
	g->arena = arena_new();
	vault_read(get, problems);
	config_load(&g->config, g->arena, get, problems);
	if (g->config.carrier_order.len)
		carriers_load(&g->carriers, g->arena, &g->config, problems);
	check_people(g, problems);
	check_privacy(g, problems);
	g->connections = budget_share(&g->config, problems);
	check_billing(g, problems);
	check_edge(g, problems);
	if (g->config.dd_agent_host.len &&
	    !dogstatsd_address(g->config.dd_agent_host, &(struct in_addr){ 0 }))
		buf_printf(problems, "DD_AGENT_HOST must be an IPv4 address, or localhost.\n");
}

int gateway_configure(struct gateway *g, config_source *get)
{
	struct arena *a = arena_new();
	struct buf problems = buf_new(a, GATEWAY_PROBLEMS_MAX);

	gateway_read(g, get, &problems);
	g->problems = arena_copy(g->arena, buf_str(&problems));
	arena_free(a);
	set_up_log(&g->config);
	http_client_trust(g->config.ssl_cert_file);
	if (!g->problems.len)
		return EX_OK;
	fprintf(stderr, "maitred: the configuration has problems:\n" STR_FMT, STR_ARG(g->problems));
	return EX_CONFIG;
}

int gateway_complain(struct gateway *g, const char *problem)
{
	g->problems = arena_printf(g->arena, "%s\n", problem);
	fprintf(stderr, "maitred: " STR_FMT, STR_ARG(g->problems));
	return EX_CONFIG;
}

/* As many descriptors as the system allows: each guest's phone may be a connection. */
static void raise_limits(const struct config *c)
{
	struct rlimit files;
	unsigned long wanted = (unsigned long)(c->max_connections * c->workers);

	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_max < wanted + DESCRIPTORS_BESIDE)
		log_warn("few_descriptors",
			 "why=the system allows %lu: fewer clients than MAX_CONNECTIONS",
			 (unsigned long)files.rlim_max);
}

sigset_t gateway_hold_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return set;
}

static void *run_worker(void *worker)
{
	crash_report_thread("worker");
	worker_run(worker);
	worker_close(worker); /* here: libh2o keeps what a thread's sockets need with the thread */
	crash_report_thread_end();
	return NULL;
}

/* ---- crashes ---- */

static void watch_for_crashes(const struct config *c)
{
	crash_report_setup(&(struct crash_settings){ .service = c->dd_service,
						     .version = c->dd_version,
						     .json = log_json(),
						     .dir = c->crash_dir });
}

/* `crash` is its line of JSON, with nobody's data. */
static void tell_crash(struct worker *w, const struct json *crash)
{
	char host[64] = "";
	int64_t at_ms = clock_wall_ms();

	log_error("crashed_before",
		  "at=" STR_FMT " signal=" STR_FMT " thread=" STR_FMT " version=" STR_FMT
		  " build=" STR_FMT " frames=" STR_FMT,
		  STR_ARG(json_str(crash, "timestamp")), STR_ARG(json_str(crash, "signal")),
		  STR_ARG(json_str(crash, "thread")), STR_ARG(json_str(crash, "version")),
		  STR_ARG(json_str(crash, "build")), STR_ARG(json_str(crash, "frames")));
	gethostname(host, sizeof(host) - 1);
	rfc3339_parse(json_str(crash, "timestamp"), &at_ms);
	if (w->analytics)
		analytics_crashed(w->analytics, str_of(host), json_str(crash, "signal"), at_ms);
}

static void tell_last_crash(struct worker *w)
{
	struct arena *a = arena_new();
	const char *why;
	const struct json *crash = json_parse(a, crash_report_take(a, w->config->crash_dir), &why);

	if (crash)
		tell_crash(w, crash);
	arena_free(a);
}

static struct gateway *ready_gateway; /* for on_ready, which a worker calls */

static void on_worker_ready(struct worker *w)
{
	log_info("ready", "port=%u carriers=%zu workers=%ld",
		 w->server ? server_port(w->server) : 0, w->carriers->num, w->config->workers);
	notify("READY=1");
	if (ready_gateway->on_ready)
		ready_gateway->on_ready(ready_gateway);
}

static void on_worker_forgetful(const char *setting)
{
	if (ready_gateway->forgetful)
		return;
	ready_gateway->forgetful = true;
	fprintf(stderr,
		"maitred: PostgreSQL runs with %s=off, so what was acknowledged may be lost. "
		"Turn it on, or set UNSAFE_DATABASE=yes.\n",
		setting);
	kill(getpid(), SIGTERM);
}

/* The first worker may get any free port; the others share it. */
static bool open_workers(struct gateway *g, long num)
{
	for (long i = 0; i < num; i++) {
		struct worker *w = &g->workers[i];

		*w = (struct worker){ .config = &g->config,
				      .carriers = &g->carriers,
				      .session_keys = &g->session_keys,
				      .signing = &g->signing,
				      .privacy = &g->privacy,
				      .connections = g->serves ? g->connections : DB_FOR_WORK,
				      .recurly = g->recurly.api_key.len ? &g->recurly : NULL,
				      .serves = g->serves,
				      .first = !i,
				      .tells_agent = !i && g->config.dd_agent_host.len,
				      .on_ready = i ? NULL : on_worker_ready,
				      .on_forgetful = on_worker_forgetful };
		if (!worker_open(w)) {
			fprintf(stderr, "maitred: port %ld cannot be used: %s.\n", g->config.port,
				strerror(errno));
			return false;
		}
		if (w->server)
			g->config.port = server_port(w->server);
	}
	return true;
}

static void run_workers(struct gateway *g, long num)
{
	pthread_t threads[64];
	sigset_t signals = gateway_hold_signals();
	int signal_number;

	if (g->workers[0].tls)
		sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	assert((size_t)num <= sizeof(threads) / sizeof(*threads));
	for (long i = 0; i < num; i++) {
		int failed = pthread_create(&threads[i], NULL, run_worker, &g->workers[i]);

		assert(!failed);
	}
	while (sigwait(&signals, &signal_number) || signal_number == SIGHUP)
		for (long i = 0; i < num; i++)
			tls_reload_soon(g->workers[i].tls);
	/* whatever comes after that changes nothing */
	/* Ctrl-C is somebody's who waits; nor can it answer without a database */
	unsigned linger_ms = signal_number == SIGTERM && !g->forgetful ?
				     (unsigned)g->config.linger_s * 1000 :
				     0;
	log_info("stopping", "signal=%d", signal_number);
	notify("STOPPING=1");
	for (long i = 0; i < num; i++)
		worker_stop(&g->workers[i], linger_ms);
	for (long i = 0; i < num; i++)
		pthread_join(threads[i], NULL);
	log_info("stopped", "workers=%ld", num);
}

int gateway_run(struct gateway *g)
{
	long num = g->serves ? g->config.workers : 1;
	int status = EX_UNAVAILABLE;

	gateway_hold_signals();
	raise_limits(&g->config);
	watch_for_crashes(&g->config);
	confine(&g->config);
	if (!g->session_keys.num)
		log_warn("webhooks_off", "why=%s", "SESSION_KEYS is not set: nothing signs them");
	ready_gateway = g;
	g->workers = calloc((size_t)num, sizeof(*g->workers));
	assert(g->workers);
	if (open_workers(g, num)) {
		tell_last_crash(&g->workers[0]);
		run_workers(g, num);
		status = g->forgetful ? EX_CONFIG : EX_OK;
	}
	free(g->workers);
	g->workers = NULL;
	return status;
}

void gateway_free(struct gateway *g)
{
	arena_free(g->arena);
}
