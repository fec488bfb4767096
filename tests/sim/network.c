/* network.c - calls from processes to the carriers. */
#include "network.h"

#include <stdlib.h>

#include "carriers.h"
#include "checks.h"
#include "clock.h"
#include "process.h"

struct http_client {
	struct process *process;
	struct call *live;
	unsigned num;
};

/* ---- the end of a call ---- */

static void finish(struct call *c, const struct http_response *r)
{
	struct call **at = &c->client->live;

	must(!c->finished, "a request's done() is called a second time");
	c->finished = true;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->client->num--;
	c->done(c->ctx, r);
}

static void fail(struct call *c, const char *why)
{
	const struct http_response r = {
		.transport = c->written ? HTTP_MAYBE_SENT : HTTP_NOT_SENT,
		.error = why,
		.took_ms = clock_mono_ms() - c->began_ms,
	};

	if (c->finished)
		return;
	story(c->client->process->name, "request %s: %s", c->written ? "lost" : "not sent", why);
	finish(c, &r);
}

static void on_refused(struct moment *e)
{
	fail(container_of(e, struct call, refused), "Connection refused");
}

static void on_reset(struct moment *e)
{
	fail(container_of(e, struct call, reset), "Recv failure: Connection reset by peer");
}

static void on_too_long(struct moment *e)
{
	fail(container_of(e, struct call, too_long), "Operation timed out");
}

static void on_answered(struct moment *e)
{
	struct call *c = container_of(e, struct call, answered);
	const struct http_header retry = { STR("retry-after"), c->retry_after };
	const struct http_response r = {
		.transport = HTTP_ANSWERED,
		.status = c->status,
		.body = c->answer,
		.headers = &retry,
		.header_num = c->retry_after.len > 0,
		.took_ms = clock_mono_ms() - c->began_ms,
	};

	if (c->finished)
		return;
	story(c->client->process->name, "is answered %d " STR_FMT, c->status, STR_ARG(c->answer));
	finish(c, &r);
}

void network_answer(struct call *c, int status, struct str body, int64_t delay_ms)
{
	c->status = status;
	c->answer = sim_copy(body);
	if (!strikes(FAULT_NET_ANSWER_LOST))
		moment_after(&c->answered, delay_ms + sim_spread(1, 100), c->client->process,
			     on_answered);
}

void network_reset(struct call *c, int64_t delay_ms)
{
	moment_after(&c->reset, delay_ms, c->client->process, on_reset);
}

/* ---- on its way ---- */

static void on_arrives(struct moment *e)
{
	struct call *c = container_of(e, struct call, arrives);

	if (!c->cut)
		carrier_receives(c);
}

static void on_connected(struct moment *e)
{
	struct call *c = container_of(e, struct call, connected);
	int64_t transit_ms = sim_spread(1, 80);

	if (c->finished)
		return;
	if (c->limits.write_by_ms && clock_mono_ms() >= c->limits.write_by_ms &&
	    without != GUARD_DEADLINE) {
		fail(c, "the time to send it had passed");
		return;
	}
	c->written = true;
	if (str_is(c->request.method, "POST"))
		check_written(c->client->process, carrier_attempt(c));
	if (strikes(FAULT_NET_RESET)) {
		network_reset(c, sim_between(1, 400));
		c->cut = sim_chance(500);
	}
	if (strikes(FAULT_NET_LATE))
		transit_ms = sim_spread(1000, TRANSIT_MAX_MS);
	if (!strikes(FAULT_NET_LOST))
		moment_after(&c->arrives, transit_ms, NULL, on_arrives);
}

static struct call *call_new(struct http_client *h, const struct http_request *r,
			     const struct http_limits *limits)
{
	struct call *c = sim_alloc(sizeof(*c));

	c->client = h;
	c->limits = *limits;
	c->began_ms = clock_mono_ms();
	c->request = (struct http_request){
		.method = sim_copy(r->method),
		.url = sim_copy(r->url),
		.body = sim_copy(r->body),
	};
	c->next = h->live;
	h->live = c;
	h->num++;
	return c;
}

void http_client_send(struct http_client *h, const struct http_request *request,
		      const struct http_limits *limits, http_done *done, void *ctx)
{
	struct call *c = call_new(h, request, limits);
	int64_t connect_ms = strikes(FAULT_NET_SLOW) ? sim_spread(500, 6000) : sim_spread(1, 50);

	c->done = done;
	c->ctx = ctx;
	if (carrier_unreachable(c) || strikes(FAULT_NET_REFUSED))
		moment_after(&c->refused, connect_ms, h->process, on_refused);
	else if (connect_ms > limits->connect_ms)
		moment_after(&c->refused, limits->connect_ms, h->process, on_refused);
	else
		moment_after(&c->connected, connect_ms, h->process, on_connected);
	moment_after(&c->too_long, limits->total_ms, h->process, on_too_long);
}

/* ---- clients ---- */

struct http_client *http_client_new(struct loop *l, unsigned max_per_host)
{
	struct http_client *h = sim_alloc(sizeof(*h));

	(void)l, (void)max_per_host;
	h->process = process_now;
	return h;
}

unsigned http_client_in_flight(const struct http_client *h)
{
	return h->num;
}

void network_cut(struct http_client *h)
{
	for (struct call *c = h->live; c; c = c->next)
		c->cut = c->cut || sim_chance(500);
}

void http_client_free(struct http_client *h)
{
	while (h->live)
		fail(h->live, "the client is closed");
}
