/* log.c - writes one line per event to standard error, whole lines at once. */
#include "log.h"

#include <ctype.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "metrics.h"
#include "str.h"

#define LINES_PER_S 20
#define LINE_MAX_BYTES 4096
#define ESCAPED_MAX 8 /* bytes that one byte of it may become */
#define MASK_FROM_DIGITS 7
#define MASK_KEEPS 2
#define PIECE 4096 /* what a pipe that has room takes without waiting */

static struct {
	bool json;
	enum log_level least;
	char service[100], version[100], host[100];
} settings = { false, LOG_INFO_, "maitred", "", "" };

static const char *const level_names[] = { "debug", "info", "warn", "error" };

void log_setup(bool json, enum log_level least)
{
	settings.json = json;
	settings.least = least;
}

bool log_json(void)
{
	return settings.json;
}

bool log_wants(enum log_level level)
{
	return level >= settings.least;
}

void log_origin(const char *service, const char *version, const char *host)
{
	snprintf(settings.service, sizeof(settings.service), "%s", service ? service : "");
	snprintf(settings.version, sizeof(settings.version), "%s", version ? version : "");
	snprintf(settings.host, sizeof(settings.host), "%s", host ? host : "");
}

static bool ends_with(const char *start, const char *end, const char *key)
{
	size_t len = strlen(key);

	return (size_t)(end - start) >= len && memcmp(end - len, key, len) == 0;
}

/* Numbers that are no telephone number, by the key before them. */
static bool is_measure(const char *start, const char *digits)
{
	return ends_with(start, digits, " duration=") ||
	       ends_with(start, digits, " dd.trace_id=") ||
	       ends_with(start, digits, " dd.span_id=");
}

/* Digits that belong to a word before them, as in an id; the + of "%2B1212..." is no word. */
static bool inside_word(const char *start, const char *digits)
{
	size_t before = (size_t)(digits - start);

	if (is_measure(start, digits))
		return true;
	if (before >= 3 && strncasecmp(digits - 3, "%2b", 3) == 0)
		return false;
	return before && (isalnum((unsigned char)digits[-1]) || digits[-1] == '_');
}

/*
 * A number stands alone: digits inside an id ("msg_01h...") or a date are not one. What could be a
 * guest's phone is 7 or more digits in a row that no letter or digit group touches from the left.
 */
void log_mask(const char *text, char *out, unsigned long size)
{
	const char *start = text;
	size_t at = 0;

	while (*text && at + 1 < size) {
		size_t run = strspn(text, "0123456789");
		bool hidden = run >= MASK_FROM_DIGITS && !inside_word(start, text);
		size_t hide = hidden ? run - MASK_KEEPS : 0;
		size_t take = run ? run : 1;

		if (hide && isalpha((unsigned char)text[run]))
			hide = 0;
		for (size_t i = 0; i < take && at + 1 < size; i++)
			out[at++] = i < hide ? '*' : text[i];
		text += take;
	}
	out[at] = '\0';
}

/* Where the next " key=" begins in `p`, or its end: values may hold spaces. */
static const char *value_end(const char *p)
{
	for (const char *space = strchr(p, ' '); space; space = strchr(space + 1, ' ')) {
		const char *k = space + 1;

		while (islower((unsigned char)*k) || *k == '_' || *k == '.')
			k++;
		if (*k == '=' && k > space + 1)
			return space;
	}
	return p + strlen(p);
}

/* What is not UTF-8, or was cut in the middle of a character, becomes U+FFFD. */
static void put_escaped(FILE *out, const char *from, const char *to)
{
	while (from < to) {
		uint32_t c;
		size_t len = str_char((struct str){ from, (size_t)(to - from) }, &c);

		if (!len)
			fputs("\\ufffd", out);
		else if (c == '"' || c == '\\')
			fprintf(out, "\\%c", (char)c);
		else if (c < 0x20)
			fprintf(out, "\\u%04x", (unsigned)c);
		else
			fwrite(from, 1, len, out);
		from += len ? len : 1;
	}
}

/* Datadog's measures are numbers; all else is text, whatever it looks like. */
static void put_value(FILE *out, struct str key, struct str value)
{
	long long n;
	bool number = (str_is(key, "duration") || str_is(key, "http.status_code")) &&
		      str_number(value, &n);

	if (!number)
		fputc('"', out);
	put_escaped(out, value.p, value.p + value.len);
	if (!number)
		fputc('"', out);
}

static void put_origin(FILE *out, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	fprintf(out, ",\"%s\":\"", key);
	put_escaped(out, value, value + strlen(value));
	fputc('"', out);
}

static void put_json(FILE *out, const char *when, const char *level, const char *pairs)
{
	const char *event = pairs + strlen("event=");

	fprintf(out, "{\"timestamp\":\"%s\",\"status\":\"%s\"", when, level);
	put_origin(out, "service", settings.service);
	put_origin(out, "version", settings.version);
	put_origin(out, "host", settings.host);
	if (!strstr(pairs, " message="))
		fprintf(out, ",\"message\":\"%.*s\"", (int)strcspn(event, " "), event);
	while (*pairs) {
		const char *equals = strchr(pairs, '=');
		const char *end = equals ? value_end(equals) : NULL;

		if (!equals)
			break;
		fputs(",\"", out);
		put_escaped(out, pairs, equals);
		fputs("\":", out);
		put_value(out, (struct str){ pairs, (size_t)(equals - pairs) },
			  (struct str){ equals + 1, (size_t)(end - equals - 1) });
		pairs = *end ? end + 1 : end;
	}
	fputs("}\n", out);
}

static void put_readable(FILE *out, const char *when, const char *level, const char *pairs)
{
	static const char *const colours[] = { "\033[2m", "", "\033[33m", "\033[31m" };
	const char *colour = "";

	for (size_t i = 0; isatty(STDERR_FILENO) && i < sizeof(colours) / sizeof(*colours); i++)
		if (strcmp(level, level_names[i]) == 0)
			colour = colours[i];
	fprintf(out, "%s%.8s %-5s %s%s\n", colour, when + 11, level, pairs + strlen("event="),
		*colour ? "\033[0m" : "");
}

/* ---- writing ---- */

static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;
static unsigned dropped;
static bool in_a_line; /* the last one was cut */

static bool has_room(void)
{
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&out, 1, 0) == 1 && out.revents & POLLOUT;
}

static bool write_piece(const char *p, size_t len)
{
	ssize_t written = has_room() ? write(STDERR_FILENO, p, len) : -1;

	return written == (ssize_t)len;
}

/* Others may hold this pipe as well, so it is asked, and not made non-blocking under them. */
static bool write_whole(const char *line, size_t len)
{
	if (in_a_line && !write_piece("\n", 1))
		return false;
	in_a_line = false;
	for (size_t at = 0; at < len; at += PIECE) {
		if (!write_piece(line + at, len - at < PIECE ? len - at : PIECE)) {
			in_a_line = at;
			return false;
		}
	}
	return true;
}

/* False when it was dropped. `*missing`: how many were before it, and were not told yet. */
static bool hand_over(const char *line, size_t len, unsigned *missing)
{
	pthread_mutex_lock(&writing);
	bool written = write_whole(line, len);

	*missing = written ? dropped : 0;
	dropped = written ? 0 : dropped + 1;
	pthread_mutex_unlock(&writing);
	return written;
}

void log_line(enum log_level level, const char *event, const char *fmt, ...)
{
	if (!log_wants(level))
		return;
	metrics_count(METRIC_LOG_LINES, LABELS(level_names[level]));

	char pairs[LINE_MAX_BYTES], masked[LINE_MAX_BYTES], line[ESCAPED_MAX * LINE_MAX_BYTES],
		when[32];
	int head = snprintf(pairs, sizeof(pairs), "event=%s ", event);
	va_list args;

	va_start(args, fmt);
	vsnprintf(pairs + head, sizeof(pairs) - (size_t)head, fmt, args);
	va_end(args);
	log_mask(pairs, masked, sizeof(masked));

	int64_t now = clock_wall_ms();
	time_t seconds = now / 1000;
	struct tm utc;
	size_t len = strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &utc));
	snprintf(when + len, sizeof(when) - len, ".%03dZ", (int)(now % 1000));

	FILE *out = fmemopen(line, sizeof(line), "w");
	if (!out)
		return;
	(settings.json ? put_json : put_readable)(out, when, level_names[level], masked);
	long size = ftell(out);
	fclose(out);
	unsigned missing;

	if (!hand_over(line, size > 0 ? (size_t)size : 0, &missing))
		metrics_count(METRIC_LOG_DROPPED, NO_LABELS);
	if (missing)
		log_warn("log_dropped", "lines=%u", missing);
}

bool log_ration(struct log_ration *r)
{
	int64_t now = clock_mono_ms() / 1000;

	r->said = now == r->second ? r->said + 1 : 1;
	r->second = now;
	return r->said <= LINES_PER_S;
}
