/*
 * doctor_page.c - GET /doctor: the same as `maitred doctor`, looked at by a running gateway. Its
 * probes are on threads of their own, so that nobody else waits.
 */
#include "doctor.h"
#include "guest_pages.h"
#include "operator.h"
#include "reply.h"
#include "worker.h"

#define BODY_MAX (256 << 10)
#define AT_ONCE_MAX 2

static void put_findings(struct buf *b, const struct doctor_report *r, enum doctor_level level)
{
	static const char *const signs[] = { "ok", "set", "look", "fails" };
	static const char *const classes[] = { "ok", "ok", "warn", "fail" };

	for (const struct finding *f = r->first; f; f = f->next) {
		if (f->level != level)
			continue;
		json_open(b, NULL, '{');
		json_put_str(b, "check", str_of(f->check));
		json_put_str(b, "sign", str_of(signs[level]));
		json_put_str(b, "class", str_of(classes[level]));
		json_put_str(b, "found", f->found);
		json_put_str(b, "mend", f->mend);
		json_close(b, '}');
	}
}

/* What fails comes first. */
static void tell_page(struct exchange *x, const struct doctor_report *r)
{
	struct buf b = buf_new(x->arena, BODY_MAX);

	json_open(&b, NULL, '{');
	json_put_str(&b, "headline",
		     r->failed || r->warned ? arena_printf(x->arena, "%u failed, %u to look at",
							   r->failed, r->warned) :
					      STR("All is well"));
	json_put_str(&b, "more",
		     arena_printf(x->arena, "%u are ok. It took %.1f s.", r->ok,
				  (double)r->took_ms / 1000));
	json_open(&b, "checks", '[');
	put_findings(&b, r, DOCTOR_FAIL);
	put_findings(&b, r, DOCTOR_WARN);
	put_findings(&b, r, DOCTOR_OK);
	json_close(&b, ']');
	guest_pages_reply(x, 200, "guest/doctor.html",
			  (const struct json *[PARTS_MAX]){ guest_pages_close(&b) });
}

static void on_report(void *ctx, const struct doctor_report *r)
{
	struct exchange *x = ctx;
	struct buf b = buf_new(x->arena, BODY_MAX);

	exchange_add_header(x, "vary", STR("Accept"));
	if (operator_wants_page(x)) {
		tell_page(x, r);
		return;
	}
	doctor_json(r, &b);
	reply_json(x, 200, buf_str(&b));
}

void doctor_page(struct exchange *x)
{
	struct worker *w = worker_of(x);
	const struct doctor_settings settings = {
		.loop = w->loop,
		.config = w->config,
		.carriers = w->carriers,
		.done = on_report,
		.ctx = x,
	};

	if (!operator_may(x))
		return;
	if (w->doctors < AT_ONCE_MAX) {
		doctor_start(&settings, &w->doctors);
		return;
	}
	exchange_add_header(x, "retry-after", STR("5"));
	reply_problem(x, ERR_UNAVAILABLE, NULL, "It is being looked at already; ask again soon.");
}
