/*
 * log.h - one line per event: JSON in production, readable on a terminal. Values that look like
 * telephone numbers are masked to their last two digits wherever they stand; bodies of texts are
 * never passed in.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_DEBUG_, LOG_INFO_, LOG_WARN_, LOG_ERROR_ };

void log_setup(bool json, enum log_level least); /* before any thread starts */

bool log_json(void); /* what was set up */
bool log_wants(enum log_level level);

/* In each line of JSON; copied. NULL, or empty: it is left out. */
void log_origin(const char *service, const char *version, const char *host);

/*
 * log_info("message_settled", "message=%s attempt=%s state=%s", ...): an event name, then
 * key=value pairs; a value ends at the next " key=", so it may hold spaces. Keys are Datadog's
 * standard attributes where there is one (http.request_id, error.message, duration in ns); as
 * its `message` stands the event, unless the line names a message of ours. It never waits: while
 * nobody reads them, lines are dropped, and how many is told afterwards.
 */
void log_line(enum log_level level, const char *event, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define log_debug(...) log_line(LOG_DEBUG_, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO_, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN_, __VA_ARGS__)
#define log_error(...) log_line(LOG_ERROR_, __VA_ARGS__)

/* How often a line that many cause alike has been written: a caller's own, of its thread. */
struct log_ration {
	int64_t second;
	unsigned said;
};

/* True for the first 20 of each second. */
bool log_ration(struct log_ration *r);

/* Writes `text` into out[size] with every run of 7 or more digits masked but for its last two. */
void log_mask(const char *text, char *out, unsigned long size);

#endif
