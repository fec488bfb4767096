/* measure.c - outcomes by their names in the metrics. */
#include "measure.h"

#include "metrics.h"

static const char *outcome_of(const struct http_response *r)
{
	if (r->transport != HTTP_ANSWERED)
		return r->held_back		     ? "held_back" :
		       r->transport == HTTP_NOT_SENT ? "unreachable" :
						       "unanswered";
	if (r->status == 429)
		return "throttled";
	return r->status < 400 ? "ok" : r->status < 500 ? "refused" : "error";
}

void measure_request(const struct provider *p, const char *operation, const struct http_response *r)
{
	metrics_count(METRIC_CARRIER_REQUESTS, LABELS(p->name, operation, outcome_of(r)));
	metrics_observe(METRIC_CARRIER_SECONDS, LABELS(p->name, operation), r->took_ms * 1000);
}

void measure_service(const char *service, const char *operation, const struct http_response *r)
{
	metrics_count(METRIC_SERVICE_REQUESTS, LABELS(service, operation, outcome_of(r)));
}

void measure_verdict(struct str verdict)
{
	static const struct {
		const char *verdict, *outcome;
	} rows[] = {
		{ "expired", "expired" },
		{ "exhausted", "failed" },
		{ "cancelled", "cancelled" },
		{ "opted_out", "stopped" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (str_is(verdict, rows[i].verdict))
			metrics_count(METRIC_MESSAGES, LABELS(rows[i].outcome));
}

void measure_settled(const struct db_row *row, const struct settlement *s)
{
	if (s->message_state && row->status == DB_OK && row->row >= 0 &&
	    str_is(db_get(row->result, row->row, 1), s->attempt_state))
		metrics_count(METRIC_MESSAGES, LABELS(s->message_state));
}

void measure_report(const struct db_row *row, const struct event *e, const struct report *r)
{
	if (row->status != DB_OK || row->row < 0 || r->again || !delivery_is_final(e->status))
		return;
	struct str was = db_get(row->result, row->row, 1);

	if (str_is(was, "intent") || str_is(was, "ambiguous") || str_is(was, "accepted"))
		metrics_count(METRIC_MESSAGES, LABELS(r->message_state));
}
