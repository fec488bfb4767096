/*
 * metrics.h - what is counted and measured. THE TABLE is in metrics_table.c; all that is shown,
 * sent or documented comes from it.
 *
 * Each worker's thread has a page of its own, which it alone writes; whoever reads adds up those of
 * all. Without metrics_begin() on its thread, counting does nothing.
 */
#ifndef METRICS_H
#define METRICS_H

#include <stdint.h>

#include "buf.h"

enum metric {
	METRIC_BUILD_INFO,
	METRIC_HTTP_REQUESTS,
	METRIC_HTTP_SECONDS,
	METRIC_HTTP_OPEN,
	METRIC_HTTP_CONNECTIONS,
	METRIC_STREAMS_OPEN,
	METRIC_MESSAGES,
	METRIC_MESSAGES_IN_FLIGHT,
	METRIC_CARRIER_REQUESTS,
	METRIC_CARRIER_SECONDS,
	METRIC_CALLBACKS,
	METRIC_SECURITY,
	METRIC_SERVICE_REQUESTS,
	METRIC_STAFF_EVENTS,
	METRIC_CONNECTIONS,
	METRIC_CONNECTIONS_UP,
	METRIC_PIPELINE,
	METRIC_QUERIES,
	METRIC_QUERY_SECONDS,
	METRIC_LOOP_LAG,
	METRIC_LOG_LINES,
	METRIC_LOG_DROPPED,
	/* read from the database when somebody looks */
	METRIC_DATABASE_UP,
	METRIC_QUEUE,
	METRIC_QUEUE_AGE,
	METRIC_UNKNOWN,
	METRIC_BREAKER_OPEN,
	METRIC_CARRIER_DRAINED,
	METRIC_CARRIER_SILENT,
	METRIC_PENDING,
	METRIC_PENDING_AGE,
	/* of the whole process */
	METRIC_CPU,
	METRIC_RSS,
	METRIC_OPEN_FDS,
	METRIC_MAX_FDS,
	METRIC_STARTED,
	METRICS
};

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

#define METRIC_LABELS_MAX 3
#define METRIC_BUCKETS 14

struct metric_info {
	const char *name;
	enum metric_type type;
	const char *labels; /* their names, separated by spaces */
	const char *help;
};

extern const struct metric_info metric_table[METRICS];
extern const int64_t metric_bounds_us[METRIC_BUCKETS]; /* of histograms; beyond is one more */
/* The next name in "route method status", for the labels in their order. */
struct str metric_label(struct str *names);
void metrics_table(struct buf *out); /* the README's table, in Markdown */

/* Values in the order of the table's names. Never anything that a guest or caller chose. */
struct labels {
	const char *at[METRIC_LABELS_MAX]; /* borrowed for good: of const tables */
};

#define LABELS(...) ((struct labels){ { __VA_ARGS__ } })
#define NO_LABELS ((struct labels){ { NULL } })

void metrics_begin(void); /* this thread counts, on a page of its own */
void metrics_end(void);	  /* it does no more; what it counted stays */

void metrics_count(enum metric m, struct labels l);
void metrics_set(enum metric m, struct labels l, int64_t value);
void metrics_observe(enum metric m, struct labels l, int64_t us);

#endif
