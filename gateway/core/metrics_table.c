/* metrics_table.c - every metric: its name, type, labels, and what it says. */
#include "metrics.h"

const struct metric_info metric_table[METRICS] = {
	[METRIC_BUILD_INFO] = { "maitred_build_info", METRIC_GAUGE, "version compiler",
				"What runs: always 1." },
	[METRIC_HTTP_REQUESTS] = { "maitred_http_requests_total", METRIC_COUNTER,
				   "route method status",
				   "Requests answered; route is a path of the table, or none." },
	[METRIC_HTTP_SECONDS] = { "maitred_http_request_duration_seconds", METRIC_HISTOGRAM,
				  "route method",
				  "From a request's last byte to its answer, or its stream." },
	[METRIC_HTTP_OPEN] = { "maitred_http_requests_open", METRIC_GAUGE, "",
			       "Requests being answered; streams are not." },
	[METRIC_HTTP_CONNECTIONS] = { "maitred_http_connections_open", METRIC_GAUGE, "",
				      "Connections of clients." },
	[METRIC_STREAMS_OPEN] = { "maitred_streams_open", METRIC_GAUGE, "",
				  "Streams of live events, as the board has one." },
	[METRIC_MESSAGES] = { "maitred_messages_total", METRIC_COUNTER, "outcome",
			      "Messages by what they became, once for each: sent, delivered..." },
	[METRIC_MESSAGES_IN_FLIGHT] = { "maitred_messages_in_flight", METRIC_GAUGE, "",
					"Messages being sent, or asked for." },
	[METRIC_CARRIER_REQUESTS] = { "maitred_carrier_requests_total", METRIC_COUNTER,
				      "carrier operation outcome",
				      "Requests to carriers; unanswered: they may have arrived." },
	[METRIC_CARRIER_SECONDS] = { "maitred_carrier_request_duration_seconds", METRIC_HISTOGRAM,
				     "carrier operation", "How long they took." },
	[METRIC_CALLBACKS] = { "maitred_callbacks_total", METRIC_COUNTER, "carrier outcome",
			       "Callbacks: journalled, refused (not signed by the carrier), "
			       "unreadable, unavailable." },
	[METRIC_SECURITY] = { "maitred_security_events_total", METRIC_COUNTER, "event",
			      "Requests that somebody was not allowed, by what was wrong." },
	[METRIC_SERVICE_REQUESTS] = { "maitred_service_requests_total", METRIC_COUNTER,
				      "service operation outcome",
				      "Requests to Recurly and Amplitude; unanswered: they may "
				      "have arrived." },
	[METRIC_STAFF_EVENTS] = { "maitred_staff_events_total", METRIC_COUNTER, "outcome",
				  "Events for Amplitude: sent, refused, overflowed (too many "
				  "waited), abandoned." },
	[METRIC_CONNECTIONS] = { "maitred_database_connections", METRIC_GAUGE, "lane",
				 "Connections to the database that there should be." },
	[METRIC_CONNECTIONS_UP] = { "maitred_database_connections_up", METRIC_GAUGE, "lane",
				    "Those that are there." },
	[METRIC_PIPELINE] = { "maitred_database_pipeline_depth", METRIC_GAUGE, "lane state",
			      "Statements that wait to be sent, or are sent and not answered." },
	[METRIC_QUERIES] = { "maitred_database_queries_total", METRIC_COUNTER, "lane outcome",
			     "Statements: ok, refused, or away (no answer, too slow, too many)." },
	[METRIC_QUERY_SECONDS] = { "maitred_database_query_duration_seconds", METRIC_HISTOGRAM,
				   "lane", "How long they took, with waiting." },
	[METRIC_LOOP_LAG] = { "maitred_loop_lag_seconds", METRIC_HISTOGRAM, "",
			      "How late a timer fires: a thread that is held up, or has no CPU." },
	[METRIC_LOG_LINES] = { "maitred_log_lines_total", METRIC_COUNTER, "level",
			       "Lines logged." },
	[METRIC_LOG_DROPPED] = { "maitred_log_lines_dropped_total", METRIC_COUNTER, "",
				 "Lines that nobody took off the pipe in time." },
	[METRIC_DATABASE_UP] = { "maitred_database_up", METRIC_GAUGE, "",
				 "1 when the database said what follows; 0: it is left out." },
	[METRIC_QUEUE] = { "maitred_queue_messages", METRIC_GAUGE, "",
			   "Messages that are to be sent or asked for, now or later." },
	[METRIC_QUEUE_AGE] = { "maitred_queue_oldest_age_seconds", METRIC_GAUGE, "",
			       "How long the oldest has been waiting that should have left, quiet "
			       "hours aside." },
	[METRIC_UNKNOWN] = { "maitred_messages_unknown", METRIC_GAUGE, "",
			     "Messages of which it is not known whether they were sent." },
	[METRIC_BREAKER_OPEN] = { "maitred_carrier_breaker_open", METRIC_GAUGE, "carrier operation",
				  "1: the carrier is left alone for a while, as it fails." },
	[METRIC_CARRIER_DRAINED] = { "maitred_carrier_drained", METRIC_GAUGE, "carrier",
				     "1: an operator took it out." },
	[METRIC_CARRIER_SILENT] = { "maitred_carrier_silent", METRIC_GAUGE, "carrier",
				    "1: texts arrive, but none of its callbacks do." },
	[METRIC_PENDING] = { "maitred_callbacks_pending", METRIC_GAUGE, "",
			     "Batches of callbacks that are committed and not yet applied." },
	[METRIC_PENDING_AGE] = { "maitred_callbacks_oldest_age_seconds", METRIC_GAUGE, "",
				 "How old the oldest of them is." },
	[METRIC_CPU] = { "process_cpu_seconds_total", METRIC_COUNTER, "",
			 "Processor time, of user and system." },
	[METRIC_RSS] = { "process_resident_memory_bytes", METRIC_GAUGE, "", "Memory in use." },
	[METRIC_OPEN_FDS] = { "process_open_fds", METRIC_GAUGE, "", "Open file descriptors." },
	[METRIC_MAX_FDS] = { "process_max_fds", METRIC_GAUGE, "", "How many there may be." },
	[METRIC_STARTED] = { "process_start_time_seconds", METRIC_GAUGE, "",
			     "When it started, in Unix time." },
};

const int64_t metric_bounds_us[METRIC_BUCKETS] = { 500,	    1000,    2500,    5000,    10000,
						   25000,   50000,   100000,  250000,  500000,
						   1000000, 2500000, 5000000, 10000000 };

struct str metric_label(struct str *names)
{
	return str_cut(names, ' ');
}

void metrics_table(struct buf *out)
{
	static const char *const types[] = { "counter", "gauge", "histogram" };

	buf_printf(out, "| Metric | Type | Labels | What it says |\n|---|---|---|---|\n");
	for (int m = 0; m < METRICS; m++) {
		const struct metric_info *i = &metric_table[m];
		struct str names = str_of(i->labels);

		buf_printf(out, "| `%s` | %s |", i->name, types[i->type]);
		for (const char *comma = " "; names.len; comma = ", ") {
			struct str name = metric_label(&names);

			buf_printf(out, "%s" STR_FMT, comma, STR_ARG(name));
		}
		buf_printf(out, " | %s |\n", i->help);
	}
}
