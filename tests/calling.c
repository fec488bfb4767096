/* calling.c - an HTTP client, a scripted server, and what became of each call. */
#include "calling.h"

const struct http_limits ordinary_limits = { .connect_ms = 1000,
					     .total_ms = 2000,
					     .response_max = 1000 };

static unsigned done_num;

void fate_note(void *ctx, const struct http_response *r)
{
	struct fate *f = ctx;

	f->times++;
	f->transport = r->transport;
	f->held_back = r->held_back;
	f->took_ms = r->took_ms;
	f->status = r->status;
	snprintf(f->body, sizeof(f->body), STR_FMT, STR_ARG(r->body));
	snprintf(f->header, sizeof(f->header), STR_FMT,
		 STR_ARG(http_find(r->headers, r->header_num, STR("x-from"))));
	snprintf(f->error, sizeof(f->error), "%s", r->error ? r->error : "");
	check("a reason unless answered", !r->error == (r->transport == HTTP_ANSWERED));
	f->turn = ++done_num;
}

struct calling calling_open(unsigned max_per_host)
{
	struct loop *l = loop_new();
	done_num = 0;
	return (struct calling){ arena_new(), l, http_client_new(l, max_per_host), scripted_new() };
}

unsigned calling_resets;

void calling_close(struct calling *h)
{
	http_client_free(h->client);
	scripted_look(h->server);
	calling_resets = h->server->resets;
	scripted_free(h->server);
	loop_turn(h->loop, 0);
	loop_free(h->loop);
	arena_free(h->arena);
}

void calling_send(struct calling *h, struct str url, const struct http_limits *l, struct fate *f)
{
	static const struct http_header headers[] = {
		{ STR("Content-Type"), STR("text/plain") },
		{ STR("Authorization"), STR("Bearer x") },
	};
	const struct http_request request = { .method = STR("POST"),
					      .url = url,
					      .body = STR("0123456789"),
					      .headers = headers,
					      .header_num = COUNT(headers) };
	unsigned before = done_num;
	http_client_send(h->client, &request, l, fate_note, f);
	check("never before it returns", done_num == before);
}

void calling_post(struct calling *h, const struct http_limits *l, struct fate *f)
{
	calling_send(h, arena_printf(h->arena, "http://127.0.0.1:%u/send", h->server->port), l, f);
}

void calling_wait(struct calling *h, unsigned num, int ms)
{
	for (int64_t by = clock_mono_ms() + ms; done_num < num && clock_mono_ms() < by;) {
		loop_turn(h->loop, 1);
		scripted_look(h->server);
	}
	check("all done in time", done_num == num);
	check("none in flight", http_client_in_flight(h->client) == 0);
}

void calling_linger(struct calling *h, int ms)
{
	for (int64_t by = clock_mono_ms() + ms; clock_mono_ms() < by;) {
		loop_turn(h->loop, 1);
		scripted_look(h->server);
	}
}
