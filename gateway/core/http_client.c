/*
 * http_client.c - libcurl's multi interface on our loop. curl's sockets live in an epoll of their
 * own, and that epoll is one readable descriptor to the loop: no lifetimes to match.
 */
#include "http_client.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "clock.h"
#include "http_lane.h"

#define EVENTS_PER_WAIT 64
#define IDLE_CALLS_MAX 256
#define LOOK_MS 250 /* how often those that wait are looked through for what is too late */

struct http_client {
	struct loop *loop;
	CURLM *multi;
	int epoll;
	struct watch *watch;
	struct timer timer; /* curl's */
	struct task reap;   /* collects what is done, never from inside a curl callback */
	struct call *live;  /* all in flight */
	struct call *idle; /* easy handles kept for the next call: keeps options, saves 5 us each */
	unsigned live_num, idle_num;
	struct call *refused; /* by `behind`: told at the next reap */
	struct lanes lanes;
	struct timer look; /* while any wait */
};

/* ---- the end of a call ---- */

static void call_unlink(struct call *c)
{
	*c->prev = c->next;
	if (c->next)
		c->next->prev = c->prev;
	c->client->live_num--;
}

static void call_recycle(struct call *c)
{
	struct http_client *h = c->client;

	curl_slist_free_all(c->headers);
	arena_free(c->arena);
	if (h->idle_num >= IDLE_CALLS_MAX) {
		curl_easy_cleanup(c->easy);
		free(c);
		return;
	}
	c->next = h->idle;
	h->idle = c;
	h->idle_num++;
}

/*
 * Definitely not sent: curl never handed a byte of the body to the connection. For requests without
 * a body (GET) the size of what was sent decides, and repeating those does no harm anyway.
 */
static bool nothing_left(const struct call *c)
{
	long sent = 0;

	if (c->too_late || !c->began_ms)
		return true;
	curl_easy_getinfo(c->easy, CURLINFO_REQUEST_SIZE, &sent);
	return !c->handed_over && sent == 0;
}

static void call_complete(struct call *c, CURLcode result)
{
	struct http_response r = { .transport = HTTP_ANSWERED };
	long status = 0;

	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	bool cut = c->cut_long && buf_full(&c->answer) && result == CURLE_WRITE_ERROR;

	r.took_ms = c->began_ms ? clock_mono_ms() - c->began_ms : 0;
	if ((result == CURLE_OK || cut) && !c->refused) {
		r.status = (int)status;
		r.body = buf_str(&c->answer);
		r.headers = c->answer_headers;
		r.header_num = c->answer_header_num;
		r.certificate_ends_s = transfer_certificate_end(c);
	} else {
		r.transport = c->refused || nothing_left(c) ? HTTP_NOT_SENT : HTTP_MAYBE_SENT;
		r.held_back = r.transport == HTTP_NOT_SENT && !c->refused &&
			      (!c->began_ms || c->began_ms >= c->begin_by_ms);
		r.error = c->refused		     ? c->refused :
			  r.held_back || c->too_late ? "the time to send it had passed" :
			  c->kept_out		     ? "its address is not on the public internet" :
			  buf_full(&c->answer)	     ? "the answer was too long" :
			  *c->curl_error	     ? c->curl_error :
						       curl_easy_strerror(result);
	}
	c->done(c->ctx, &r);
	call_recycle(c);
}

/* A call that is not with curl (any more): out of the list, and told. */
static void call_end(struct call *c, CURLcode result)
{
	call_unlink(c);
	call_complete(c, result);
}

static void begin_calls(struct http_client *h)
{
	for (struct call *c; (c = lanes_next(&h->lanes));) {
		c->began_ms = clock_mono_ms();
		CURLMcode added = curl_multi_add_handle(h->multi, c->easy);
		assert(added == CURLM_OK);
	}
}

static void end_waiting(struct http_client *h, int64_t now_ms)
{
	for (struct call *c = lanes_overdue(&h->lanes, now_ms), *next; c; c = next) {
		next = c->behind;
		call_end(c, CURLE_OPERATION_TIMEDOUT);
	}
}

static void on_look(struct timer *t)
{
	struct http_client *h = container_of(t, struct http_client, look);

	end_waiting(h, clock_mono_ms());
	if (lanes_wait(&h->lanes))
		timer_start(h->loop, &h->look, LOOK_MS, on_look);
}

static void reap(struct task *t)
{
	struct http_client *h = container_of(t, struct http_client, reap);
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left))) {
		struct call *c;
		CURLcode result = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&c);
		curl_multi_remove_handle(h->multi, c->easy); /* `m` is gone now */
		lane_leave(&h->lanes, c);
		call_end(c, result);
	}
	begin_calls(h);
	struct call *refused = h->refused;

	h->refused = NULL;
	for (struct call *c = refused, *next; c; c = next) {
		next = c->behind;
		call_end(c, CURLE_OK);
	}
}

/* ---- curl and the loop ---- */

static void act(struct http_client *h, curl_socket_t fd, int what)
{
	int running;

	curl_multi_socket_action(h->multi, fd, what, &running);
	loop_defer(h->loop, &h->reap);
}

static void on_ready(void *ctx)
{
	struct http_client *h = ctx;
	struct epoll_event events[EVENTS_PER_WAIT];
	int n = epoll_wait(h->epoll, events, EVENTS_PER_WAIT, 0);

	for (int i = 0; i < n; i++) {
		unsigned e = events[i].events;

		/* a remote close is reported as readable: curl then reads the end itself */
		act(h, events[i].data.fd,
		    (e & (EPOLLIN | EPOLLHUP | EPOLLERR) ? CURL_CSELECT_IN : 0) |
			    (e & EPOLLOUT ? CURL_CSELECT_OUT : 0));
	}
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct http_client *h = arg;
	struct epoll_event e = { .data.fd = fd };

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(h->epoll, EPOLL_CTL_DEL, fd, &e);
		return 0;
	}
	e.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
	if (epoll_ctl(h->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e) && errno == ENOENT)
		epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &e);
	curl_multi_assign(h->multi, fd, h);
	return 0;
}

static void on_time(struct timer *t)
{
	act(container_of(t, struct http_client, timer), CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer(CURLM *multi, long after_ms, void *arg)
{
	struct http_client *h = arg;

	(void)multi;
	if (after_ms < 0)
		timer_stop(h->loop, &h->timer);
	else
		timer_start(h->loop, &h->timer, after_ms, on_time);
	return 0;
}

/* ---- starting a call ---- */

static struct call *call_new(struct http_client *h)
{
	struct call *c = h->idle;
	CURL *easy = c ? c->easy : curl_easy_init();

	if (c) {
		h->idle = c->next;
		h->idle_num--;
	} else {
		c = malloc(sizeof(*c));
	}
	assert(c && easy);
	*c = (struct call){ .client = h, .easy = easy, .arena = arena_new() };
	curl_easy_reset(easy); /* keeps connections */
	c->next = h->live;
	c->prev = &h->live;
	if (h->live)
		h->live->prev = &c->next;
	h->live = c;
	h->live_num++;
	return c;
}

void http_client_send(struct http_client *h, const struct http_request *request,
		      const struct http_limits *limits, http_done *done, void *ctx)
{
	struct call *c = call_new(h);

	c->done = done;
	c->ctx = ctx;
	c->refused = transfer_refusal(c->arena, request->url, limits->public_only);
	if (c->refused) {
		c->behind = h->refused;
		h->refused = c;
		loop_defer(h->loop, &h->reap);
		return;
	}
	transfer_set(c, request, limits);
	c->begin_by_ms = limits->write_by_ms ? limits->write_by_ms :
					       clock_mono_ms() + (int64_t)limits->total_ms;
	lanes_enter(&h->lanes, c, request->url);
	begin_calls(h);
	if (!c->began_ms && !timer_running(&h->look))
		timer_start(h->loop, &h->look, LOOK_MS, on_look);
}

unsigned http_client_in_flight(const struct http_client *h)
{
	return h->live_num;
}

struct http_client *http_client_new(struct loop *l, unsigned max_per_host)
{
	struct http_client *h = calloc(1, sizeof(*h));
	CURLcode global = curl_global_init(
		CURL_GLOBAL_DEFAULT); /* counted: once per client is fine */

	assert(h && global == CURLE_OK);
	h->loop = l;
	h->reap.run = reap;
	h->lanes.max_per_host = max_per_host;
	h->multi = curl_multi_init();
	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	assert(h->multi && h->epoll >= 0);
	h->watch = watch_new(l, h->epoll, h);
	assert(h->watch);
	watch_read(h->watch, on_ready);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)max_per_host);
	/* the default cache holds 4 connections per handle added: too few means reconnecting */
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)max_per_host * 2);
	curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	return h;
}

void http_client_free(struct http_client *h)
{
	end_waiting(h, INT64_MAX);
	while (h->live) {
		struct call *c = h->live;

		if (c->lane) {
			curl_multi_remove_handle(h->multi, c->easy);
			lane_leave(&h->lanes, c);
		}
		call_end(c, CURLE_ABORTED_BY_CALLBACK);
	}
	while (h->idle) {
		struct call *c = h->idle;

		h->idle = c->next;
		curl_easy_cleanup(c->easy);
		free(c);
	}
	curl_multi_cleanup(h->multi);
	timer_stop(h->loop, &h->timer);
	timer_stop(h->loop, &h->look);
	loop_cancel(h->loop, &h->reap);
	watch_free(h->watch);
	close(h->epoll);
	free(h);
	curl_global_cleanup();
}
