/*
 * setup.c - instead of the gateway, a page for whoever has just deployed it: each setting that is
 * missing or wrong, and the command that sets it. It says names and never a value: anybody may see
 * it.
 */
#include "setup.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "assets.h"
#include "confine.h"
#include "log.h"
#include "mustache.h"
#include "probes.h"
#include "reply.h"
#include "secret.h"

#define PAGE_MAX 65536
#define CONNECTIONS_MAX 1000
#define BODY_MAX 65536
#define PATIENCE_MS 30000
#define LAST_TURNS 100
#define DEFAULT_PORT 8080

static const char sentence[] = "This gateway is not set up yet: its first page and its log say "
			       "what is missing.";

/* How to mend a problem that begins so; for any other, its first word is the setting's name. */
static const struct hint {
	const char *begins, *name, *how;
} hints[] = {
	{ "DATABASE_URL is missing", "DATABASE_URL",
	  "heroku addons:create heroku-postgresql:essential-0" },
	{ "The database has no schema", "The database", "heroku run maitred migrate" },
	{ "No carrier", "TWILIO_... or TELNYX_...",
	  "heroku config:set TWILIO_ACCOUNT_SID=AC... TWILIO_AUTH_TOKEN=...\n"
	  "heroku config:set TELNYX_API_KEY=KEY... TELNYX_PUBLIC_KEY=..." },
	{ "MAIL_FROM", "MAIL_FROM", "heroku config:set MAIL_FROM='Venue <texts@example.com>'" },
	{ "MAIL_URL", "MAIL_URL", "heroku config:set MAIL_URL='smtp://USER:PASSWORD@HOST:587'" },
	{ "PRIVACY_KEY", "PRIVACY_KEY",
	  "heroku config:set PRIVACY_KEY=\"$(openssl rand -base64 32)\"" },
	{ "PUBLIC_URL", "PUBLIC_URL",
	  "heroku config:set PUBLIC_URL=https://YOUR-APP.herokuapp.com" },
	{ "SESSION_KEYS", "SESSION_KEYS",
	  "heroku config:set SESSION_KEYS=\"one:$(openssl rand -base64 32)\"" },
};

/* ---- the page ---- */

static void put_problem(struct buf *b, struct str line)
{
	struct str rest = line, name = str_cut(&rest, ' ');
	const char *how = NULL;

	while (name.len && name.p[name.len - 1] == ':')
		name.len--;
	for (size_t i = 0; !how && i < sizeof(hints) / sizeof(*hints); i++)
		if (str_starts(line, str_of(hints[i].begins))) {
			name = str_of(hints[i].name);
			how = hints[i].how;
		}
	json_open(b, NULL, '{');
	json_put_str(b, "name", name);
	json_put_str(b, "what", line);
	json_open(b, "how", '[');
	if (!how)
		json_put_str(
			b, NULL,
			arena_printf(b->arena, "heroku config:set " STR_FMT "=...", STR_ARG(name)));
	for (struct str commands = str_of(how); commands.len;)
		json_put_str(b, NULL, str_cut(&commands, '\n'));
	json_close(b, ']');
	json_close(b, '}');
}

static const struct json *words(struct arena *a, struct str problems)
{
	struct buf b = buf_new(a, PAGE_MAX);
	const char *why;

	json_open(&b, NULL, '{');
	json_open(&b, "problems", '[');
	while (problems.len)
		put_problem(&b, str_cut(&problems, '\n'));
	json_close(&b, ']');
	json_close(&b, '}');
	return json_parse(a, buf_str(&b), &why);
}

/* The page's one style, and nothing else: it is named by what it is. */
static struct str policy(struct arena *a, const char *page)
{
	const char *begin = strstr(page, "<style>") + strlen("<style>");
	uint8_t hash[SHA256_BYTES];

	secret_sha256((struct str){ begin, (size_t)(strstr(begin, "</style>") - begin) }, hash);
	struct str text = secret_base64(a, (struct str){ (const char *)hash, sizeof(hash) });
	return arena_printf(a,
			    "default-src 'none'; style-src 'sha256-" STR_FMT "'; img-src data:; "
			    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
			    STR_ARG(text));
}

static void show_page(struct exchange *x)
{
	const struct gateway *g = x->context;
	const struct asset *page = asset_find("setup/setup.html");
	const struct json *parts[] = { words(x->arena, g->problems) };

	exchange_add_header(x, "retry-after", STR("60"));
	exchange_add_header(x, "content-security-policy",
			    policy(x->arena, (const char *)page->bytes));
	exchange_reply(x, 503, str_of(page->type),
		       mustache_render(x->arena,
				       (struct str){ (const char *)page->bytes, page->len }, parts,
				       1));
}

static void handle(struct exchange *x)
{
	if (str_is(x->path, "/healthz"))
		probes_alive(x);
	else if (str_is(x->path, "/readyz") || str_starts(x->path, STR("/v1/")))
		reply_problem(x, ERR_UNAVAILABLE, NULL, sentence);
	else
		show_page(x);
}

/* ---- the process ---- */

static void *run_loop(void *loop)
{
	metrics_begin();
	loop_run(loop);
	metrics_end();
	return NULL;
}

static void serve_until_stopped(struct loop *loop)
{
	sigset_t signals = gateway_hold_signals();
	pthread_t thread;
	int signal_number;

	if (pthread_create(&thread, NULL, run_loop, loop))
		return;
	sigwait(&signals, &signal_number);
	log_info("stopping", "signal=%d", signal_number);
	loop_stop(loop);
	pthread_join(thread, NULL);
}

int setup_run(const struct gateway *g)
{
	const struct config *c = &g->config;
	struct loop *loop = loop_new();
	const struct server_settings settings = {
		.port = (uint16_t)(c->port ? c->port : DEFAULT_PORT),
		.loopback_only = str_is(c->bind, "loopback"),
		.max_connections = CONNECTIONS_MAX,
		.body_max = BODY_MAX,
		.idle_ms = PATIENCE_MS,
		.handle = handle,
		.proxy = proxy_of(c),
		.context = (void *)g,
	};
	confine(c);
	struct server *server = server_new(loop, &settings);

	if (!server) {
		fprintf(stderr, "maitred: port %u cannot be used: %s.\n", settings.port,
			strerror(errno));
		loop_free(loop);
		return EX_UNAVAILABLE;
	}
	log_warn("setup", "port=%u why=something has to be set first", server_port(server));
	serve_until_stopped(loop);
	server_disconnect(server);
	for (int i = 0; server_connections(server) && i < LAST_TURNS; i++)
		loop_turn(loop, 10);
	if (!server_connections(server))
		server_free(server);
	loop_free(loop);
	return EX_OK;
}
