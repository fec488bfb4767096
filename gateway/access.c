/*
 * access.c - counts every answer; a line is written for those that failed by our fault or were
 * slow, and no more than 20 a second: when the database is away, all of them would say the same.
 */
#include "access.h"

#include "buf.h"
#include "clock.h"
#include "log.h"
#include "metrics.h"
#include "router.h"
#include "security.h"

#define SLOW_US 2000000
#define TRAIL_MAX 600

/* The table's path and not the URL: that may hold a guest's token, and has no end of values. */
static const char *path_of(const struct exchange *x)
{
	return x->route ? x->route->path : "none";
}

struct str access_trail(const struct exchange *x)
{
	struct buf b = buf_new(x->arena, TRAIL_MAX);

	buf_printf(&b, "http.request_id=%s", x->request_id);
	if (*x->ray)
		buf_printf(&b, " cf.ray=%s", x->ray);
	if (*x->user)
		buf_printf(&b, " usr.id=%s", x->user);
	if (*x->trace.id)
		buf_printf(&b, " dd.trace_id=%s", x->trace.id);
	if (*x->trace.span)
		buf_printf(&b, " dd.span_id=%s", x->trace.span);
	return buf_str(&b);
}

static void say(const struct exchange *x, int status, int64_t took_us, enum log_level level)
{
	struct str trail = access_trail(x);

	log_line(level, "http_request",
		 "http.method=%s http.status_code=%d http.url_details.path=%s duration=%lld "
		 "network.client.ip=%s " STR_FMT,
		 x->route ? x->route->method : "none", status, path_of(x),
		 (long long)took_us * 1000, x->ip, STR_ARG(trail));
}

void access_done(struct exchange *x, int status)
{
	static _Thread_local struct log_ration ration;
	static const char *const classes[] = { "1xx", "2xx", "3xx", "4xx", "5xx" };
	const char *method = x->route ? x->route->method : "none";
	int64_t took_us = clock_mono_us() - x->started_us;

	metrics_count(METRIC_HTTP_REQUESTS, LABELS(path_of(x), method, classes[status / 100 - 1]));
	metrics_observe(METRIC_HTTP_SECONDS, LABELS(path_of(x), method), took_us);
	security_note(x, status);
	if (status >= 500 || took_us > SLOW_US) {
		if (log_ration(&ration))
			say(x, status, took_us, LOG_WARN_);
	} else if (log_wants(LOG_DEBUG_)) {
		say(x, status, took_us, LOG_DEBUG_);
	}
}
