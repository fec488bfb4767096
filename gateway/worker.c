/* worker.c - puts a worker together, and takes it apart without losing anything. */
#include "worker.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "journal.h"
#include "log.h"
#include "routes.h"
#include "secret.h"

#define HOOKS_IN_FLIGHT 100
#define DB_WAITING_MAX 20000
#define DB_PATIENCE_MS 5000
#define STOP_WITHIN_MS 25000 /* Heroku kills after 30 s */
#define STOP_LOOK_EVERY_MS 20
#define START_LOOK_EVERY_MS 10
#define CREW_THREADS 2
#define ACCOUNT_RATE 5	     /* times that of one caller */
#define CREW_WAITING_MAX 250 /* at 0.18 s each, two at a time, within 30 s */

static void on_notify(void *ctx, const char *channel, const char *payload)
{
	struct worker *w = ctx;

	if (strcmp(channel, "maitred_queue") == 0 && w->dispatch)
		dispatch_wake(w->dispatch);
	if (strcmp(channel, "maitred_carriers") == 0 && w->health)
		health_wake(w->health);
	if (strcmp(channel, "maitred_mail") == 0 && w->mailing)
		mailing_wake(w->mailing);
	if (strcmp(channel, "maitred_billing") == 0 && w->billing)
		billing_wake(w->billing);
	if (strcmp(channel, "maitred_hooks") == 0 && w->hooks)
		hooks_wake(w->hooks);
	if (strcmp(channel, "maitred_events") == 0 && w->streams)
		streams_wake(w->streams, str_of(payload));
}

static void on_forgetful(void *ctx, const char *setting)
{
	struct worker *w = ctx;

	if (w->on_forgetful)
		w->on_forgetful(setting);
}

static void open_database(struct worker *w)
{
	static const char *const channels[] = { "maitred_queue",
						"maitred_carriers",
						"maitred_mail",
						"maitred_hooks",
						"maitred_events",
						"maitred_billing",
						NULL };
	const struct db_settings settings = {
		.url = w->config->database_url.p,
		.direct_url = w->config->database_direct_url.p,
		.connections = w->connections,
		.waiting_max = DB_WAITING_MAX,
		.patience_ms = DB_PATIENCE_MS,
		.on_notify = on_notify,
		.on_forgetful = str_is(w->config->unsafe_database, "yes") ? NULL : on_forgetful,
		.channels = channels,
		.privacy = *w->privacy,
		.public_url = w->config->public_url,
		.billing = w->recurly,
		.ctx = w,
	};

	w->db = db_new(w->loop, &settings);
	/* key hash, message, conversation, phone, body, number, kind, encoding,
	 * segments, expires, idempotency key, request hash, send at, arrive by, session, its
	 * account */
	w->accept = db_batch_new(w->db, w->loop, DB_ACCEPT, SQL_MESSAGE_ACCEPT,
				 "ttttttttiittiittt");
	w->journal = journal_batch(w->db, w->loop);
}

static void open_flows(struct worker *w)
{
	const struct config *c = w->config;
	struct dispatch_settings dispatch = {
		.loop = w->loop,
		.db = w->db,
		.http = w->http,
		.carriers = w->carriers,
		.who = w->who,
		.in_flight_max = (unsigned)c->send_concurrency * 4,
		.timeout_ms = (unsigned)c->send_timeout_s * 1000,
		.validity_s = (unsigned)c->validity_s,
		.grace_ms = (unsigned)c->grace_s * 1000,
		.receipt_ms = (unsigned)c->receipt_wait_s * 1000,
		.receipt_end_ms = (unsigned)c->receipt_end_s * 1000,
	};
	struct health_settings health = {
		.loop = w->loop,
		.db = w->db,
		.carriers = w->carriers,
		.who = w->who,
		.concurrency_max = (unsigned)c->send_concurrency,
	};
	const struct inbound_settings inbound = { w->loop, w->db, w->carriers };

	for (size_t i = 0; i < w->carriers->num; i++) {
		int64_t dead = dispatch_dead_after_ms(&dispatch,
						      w->carriers->at[i].provider->texts);

		if (dead > health.dead_after_ms)
			health.dead_after_ms = (unsigned)dead;
	}
	w->health = dispatch.health = health_new(&health);
	w->dispatch = dispatch_new(&dispatch);
	w->inbound = inbound_new(&inbound);
	const struct backfill_settings backfill = {
		.loop = w->loop,
		.db = w->db,
		.http = w->http,
		.carriers = w->carriers,
		.journal = w->journal,
		.inbound = w->inbound,
		.timeout_ms = (unsigned)w->config->send_timeout_s * 1000,
	};

	w->backfill = backfill_new(&backfill);
	w->hanging_up = hanging_up_new(
		&(struct hanging_up_settings){ w->loop, w->db, w->http, w->carriers });
	w->mailing = mailing_new(w->loop, w->db, w->config);
	w->chores = chores_new(w->loop, w->db);
	w->status = status_new(w);
	w->crew = crew_new(w->loop, CREW_THREADS, CREW_WAITING_MAX);
}

static void open_hooks(struct worker *w)
{
	const struct hooks_settings settings = {
		.loop = w->loop,
		.db = w->db,
		.http = w->hooks_http,
		.who = w->who,
		.keys = w->signing,
		.in_flight_max = HOOKS_IN_FLIGHT,
		.allow_private = str_is(w->config->webhook_private, "yes"),
	};

	w->hooks = hooks_new(&settings);
}

/* One worker of a process is enough: Recurly limits how much it is asked. */
static void open_billing(struct worker *w)
{
	const struct billing_settings settings = {
		.loop = w->loop,
		.db = w->db,
		.http = w->http,
		.recurly = w->recurly,
		.who = w->who,
		.timeout_ms = (unsigned)w->config->send_timeout_s * 1000,
	};

	if (w->recurly && w->first)
		w->billing = billing_new(&settings);
}

static void open_analytics(struct worker *w)
{
	const struct analytics_settings settings = {
		.loop = w->loop,
		.http = w->http,
		.timeout_ms = (unsigned)w->config->send_timeout_s * 1000,
		.api_key = w->config->amplitude_api_key,
		.base_url = w->config->amplitude_base_url,
		.app_version = w->config->dd_version,
	};

	if (settings.api_key.len)
		w->analytics = analytics_new(&settings);
}

static bool open_tls(struct worker *w)
{
	struct arena *a = arena_new();
	struct str why = STR("");

	w->tls = tls_new(a, w->config->tls_cert_file, w->config->tls_key_file, &why);
	if (!w->tls) /* it was right a moment ago, when the configuration was read */
		log_error("certificate_refused", "why=" STR_FMT, STR_ARG(why));
	arena_free(a);
	errno = EINVAL;
	return w->tls;
}

static bool open_server(struct worker *w)
{
	if (w->config->tls_cert_file.len && !open_tls(w))
		return false;
	const struct server_settings settings = {
		.port = (uint16_t)w->config->port,
		.loopback_only = str_is(w->config->bind, "loopback"),
		.share_port = w->config->workers > 1,
		.max_connections = (unsigned)w->config->max_connections,
		.per_address = str_is(w->config->trust_proxy, "no") ?
				       (unsigned)w->config->connections_per_address :
				       0,
		.body_max = (size_t)w->config->body_max_bytes,
		.idle_ms = (unsigned)w->config->idle_s * 1000,
		.request_ms = (unsigned)w->config->request_s * 1000,
		.proxy = proxy_of(w->config),
		.tls = w->tls,
		.https = str_starts(w->config->public_url, STR("https://")),
		.handle = routes_handle,
		.context = w,
	};

	w->server = server_new(w->loop, &settings);
	return w->server;
}

bool worker_open(struct worker *w)
{
	static int worker_num;
	char host[32] = "";
	struct str dyno = w->config->dyno;
	unsigned start;

	if (dyno.len)
		snprintf(host, sizeof(host), STR_FMT, STR_ARG(dyno));
	else
		gethostname(host, sizeof(host) - 1);
	/* a number that no other start has: where process ids are reused, as in containers, too */
	secret_random(&start, sizeof(start));
	snprintf(w->who, sizeof(w->who), "%s/%d/%d/%08x", host, (int)getpid(), worker_num++, start);
	w->loop = loop_new();
	if (w->serves && !open_server(w)) {
		loop_free(w->loop);
		return false;
	}
	if (w->config->api_rate)
		w->limiter = limiter_new(w->config->api_rate);
	if (w->config->api_rate)
		w->accounts = limiter_new(w->config->api_rate * ACCOUNT_RATE);
	w->http = http_client_new(w->loop, (unsigned)w->config->send_concurrency);
	w->hooks_http = http_client_new(w->loop, HOOKS_IN_FLIGHT);
	open_database(w);
	w->streams = streams_new(w->loop, w->db, (unsigned)w->config->max_connections / 4 * 3);
	w->exports = exports_new(w->loop, w->db);
	open_flows(w);
	open_hooks(w);
	open_billing(w);
	open_analytics(w);
	return true;
}

/* ---- starting and stopping ---- */

static void look_whether_up(struct timer *t)
{
	struct worker *w = container_of(t, struct worker, watch_start);

	if (!db_up(w->db))
		timer_start(w->loop, t, START_LOOK_EVERY_MS, look_whether_up);
	else if (w->on_ready)
		w->on_ready(w);
}

static bool idle(const struct worker *w)
{
	return !dispatch_in_flight(w->dispatch) && !inbound_busy(w->inbound) &&
	       !backfill_busy(w->backfill) && !hanging_up_busy(w->hanging_up) &&
	       !health_busy(w->health) && !db_pending(w->db) && !hooks_in_flight(w->hooks) &&
	       !(w->analytics && analytics_busy(w->analytics)) &&
	       !(w->billing && billing_busy(w->billing)) && !mailing_busy(w->mailing) &&
	       !crew_busy(w->crew) && !w->doctors && !exports_num(w->exports) &&
	       !db_batch_pending(w->accept) && !db_batch_pending(w->journal) &&
	       !(w->server && (server_requests(w->server) || server_listening(w->server)));
}

static void look_whether_idle(struct timer *t)
{
	struct worker *w = container_of(t, struct worker, watch_stop);
	bool late = loop_now(w->loop) >= w->stop_by_ms;

	if (!idle(w) && !late) {
		timer_start(w->loop, t, STOP_LOOK_EVERY_MS, look_whether_idle);
		return;
	}
	if (late)
		log_warn("stopped_late", "sending=%u statements=%u",
			 dispatch_in_flight(w->dispatch), db_pending(w->db));
	exports_cut(w->exports);
	if (w->server)
		server_disconnect(w->server); /* what is left is idle */
	loop_stop(w->loop);
}

static void stop_serving(struct timer *t)
{
	struct worker *w = container_of(t, struct worker, watch_stop);

	streams_stop(w->streams);
	exports_stop(w->exports);
	if (w->server)
		server_drain(w->server);
	timer_start(w->loop, t, STOP_LOOK_EVERY_MS, look_whether_idle);
}

static void begin_to_stop(struct task *t)
{
	struct worker *w = container_of(t, struct worker, stop);

	w->stopping = true;
	chores_stop(w->chores);
	measuring_stop(w->measuring);
	dogstatsd_stop(w->dogstatsd);
	w->stop_by_ms = loop_now(w->loop) + STOP_WITHIN_MS;
	dispatch_stop(w->dispatch);
	health_stop(w->health);
	inbound_stop(w->inbound);
	backfill_stop(w->backfill);
	hanging_up_stop(w->hanging_up);
	mailing_stop(w->mailing);
	if (w->billing)
		billing_stop(w->billing);
	if (w->analytics)
		analytics_stop(w->analytics);
	hooks_stop(w->hooks);
	if (w->server)
		server_leave(w->server);
	timer_start(w->loop, &w->watch_stop, w->server ? w->linger_ms : 0, stop_serving);
}

void worker_stop(struct worker *w, unsigned linger_ms)
{
	w->linger_ms = linger_ms;
	w->stop.run = begin_to_stop;
	loop_post(w->loop, &w->stop);
}

void worker_run(struct worker *w)
{
	w->measuring = measuring_new(w);
	if (w->tells_agent)
		w->dogstatsd = dogstatsd_new(w);
	timer_start(w->loop, &w->watch_start, 0, look_whether_up);
	if (w->tls)
		tls_watch(w->tls, w->loop);
	loop_run(w->loop);
	metrics_end();
}

/* Closed connections leave in the next turns; then everything, in the order of who uses whom. */
void worker_close(struct worker *w)
{
	if (w->tls)
		tls_stop(w->tls);
	for (int i = 0; w->server && server_connections(w->server) && i < 100; i++)
		loop_turn(w->loop, 10);
	timer_stop(w->loop, &w->watch_start);
	timer_stop(w->loop, &w->watch_stop);
	http_client_free(w->http);
	http_client_free(w->hooks_http);
	db_free(w->db);
	dispatch_free(w->dispatch);
	health_free(w->health);
	backfill_free(w->backfill);
	hanging_up_free(w->hanging_up);
	hooks_free(w->hooks);
	inbound_free(w->inbound);
	mailing_free(w->mailing);
	billing_free(w->billing);
	analytics_free(w->analytics);
	chores_free(w->chores);
	measuring_free(w->measuring);
	status_free(w->status);
	dogstatsd_free(w->dogstatsd);
	if (!crew_busy(w->crew))
		crew_free(w->crew);
	db_batch_free(w->accept);
	db_batch_free(w->journal);
	if (!streams_num(w->streams))
		streams_free(w->streams);
	if (!exports_num(w->exports))
		exports_free(w->exports);
	limiter_free(w->limiter);
	limiter_free(w->accounts);
	if (w->server && !server_connections(w->server))
		server_free(w->server);
	tls_free(w->tls);
	loop_free(w->loop);
}
