/* doctor_probe.c - what the doctor's probes share: findings, requests, what people read. */
#include "doctor_probe.h"

#include "clock.h"
#include "http_client.h"
#include "rfc2822.h"

#define CONNECT_MS 3000
#define TOTAL_MS 4000
#define ANSWER_MAX (4 << 20) /* a thousand numbers of a carrier */

void probe_found(struct probe *p, enum doctor_level level, const char *check, struct str found,
		 struct str mend)
{
	struct finding *f = arena_zero(p->arena, sizeof(*f));

	*f = (struct finding){ .level = level, .check = check, .found = found, .mend = mend };
	*p->last = f;
	p->last = (struct finding **)&f->next;
}

struct str probe_age(struct probe *p, int64_t seconds)
{
	static const struct {
		int64_t least, unit;
		const char *name;
	} units[] = {
		{ 172800, 86400, "days" }, { 7200, 3600, "h" }, { 120, 60, "min" }, { 2, 1, "s" }
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (seconds >= units[i].least)
			return arena_printf(p->arena, "%lld %s",
					    (long long)(seconds / units[i].unit), units[i].name);
	return STR("a moment");
}

struct str probe_place(struct probe *p, struct str url)
{
	struct str rest = url, before = str_cut(&rest, '#');
	struct str query = before, path = str_cut(&query, '?');
	struct str host = path;

	for (size_t i = 0; i + 2 < path.len; i++)
		if (memcmp(path.p + i, "://", 3) == 0)
			host = str_from(path, i + 3);
	for (size_t i = 0; i < host.len && host.p[i] != '/'; i++)
		if (host.p[i] == '@')
			return arena_printf(p->arena, "%.*s" STR_FMT, (int)(host.p - path.p),
					    path.p, STR_ARG(str_from(host, i + 1)));
	return path;
}

/* ---- requests ---- */

struct asking {
	struct probe *p;
	struct http_response *out;
	bool answered;
};

static void on_answer(void *ctx, const struct http_response *r)
{
	struct asking *q = ctx;
	struct arena *a = q->p->arena;
	struct http_header *headers = arena_zero(a, (r->header_num + 1) * sizeof(*headers));

	*q->out = *r;
	q->out->error = r->error ? arena_cstr(a, str_of(r->error)) : NULL;
	q->out->body = arena_copy(a, r->body);
	for (size_t i = 0; i < r->header_num; i++)
		headers[i] = (struct http_header){ arena_copy(a, r->headers[i].name),
						   arena_copy(a, r->headers[i].value) };
	q->out->headers = headers;
	q->answered = true;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT": whole seconds, so half of one is added. */
static void compare_clocks(struct probe *p, const struct http_response *r, int64_t asked_ms)
{
	struct str date = http_find(r->headers, r->header_num, STR("date"));
	int64_t now_ms = clock_wall_ms(), theirs_ms;

	if (!str_ends(date, STR(" GMT")))
		return;
	date = arena_printf(p->arena, "%.*s+0000", (int)date.len - 3, date.p);
	if (rfc2822_parse(date, &theirs_ms))
		p->skew = (struct skew){ p->title, theirs_ms + 500 - (asked_ms + now_ms) / 2 };
}

bool probe_ask(struct probe *p, const struct http_request *request, struct http_response *out)
{
	static const struct http_limits limits = { .connect_ms = CONNECT_MS,
						   .total_ms = TOTAL_MS,
						   .response_max = ANSWER_MAX,
						   .tell_certificate = true };
	struct asking q = { .p = p, .out = out };
	int64_t asked_ms = clock_wall_ms();

	if (!p->loop) {
		p->loop = loop_new();
		p->http = http_client_new(p->loop, 1);
	}
	http_client_send(p->http, request, &limits, on_answer, &q);
	while (!q.answered)
		loop_turn(p->loop, TOTAL_MS);
	if (out->transport != HTTP_ANSWERED)
		return false;
	compare_clocks(p, out, asked_ms);
	return true;
}

void probe_close(struct probe *p)
{
	if (!p->loop)
		return;
	http_client_free(p->http);
	loop_free(p->loop);
	p->loop = NULL;
}
