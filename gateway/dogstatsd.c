/* dogstatsd.c - a socket that is never waited for, and the lines that go through it. */
#include "dogstatsd.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "measuring.h"
#include "worker.h"

#define FLUSH_MS 10000
#define LINES_MAX (4 << 20)

struct dogstatsd {
	struct worker *w;
	int fd;
	struct str tags;
	struct arena *arena;	    /* of the tags */
	struct arena *before_arena; /* of what was sent last */
	struct metrics *before;
	struct timer flush;
	bool stopped;
};

/* ---- lines ---- */

struct str dogstatsd_tags(struct arena *a, const struct config *c)
{
	const struct {
		const char *name;
		struct str value;
	} rows[] = {
		{ "env", c->dd_env },
		{ "service", c->dd_service },
		{ "version", c->dd_version },
		{ "host", c->dyno },
	};
	struct buf b = buf_new(a, DATAGRAM_MAX / 2);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].value.len)
			buf_printf(&b, "%s%s:" STR_FMT, b.len ? "," : "", rows[i].name,
				   STR_ARG(rows[i].value));
	return buf_str(&b);
}

/* A comma, bar or line feed would end a tag: routes have none, but a version may. */
static void put_tag(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++)
		buf_char(out, strchr(",|\n#", *p) ? '_' : *p);
}

static void put_line(struct buf *out, enum metric m, const char *suffix, struct labels l,
		     struct str tags)
{
	struct str names = str_of(metric_table[m].labels);
	const char *before = tags.len ? "," : "";

	buf_printf(out, "|%s|#" STR_FMT, suffix, STR_ARG(tags));
	for (int i = 0; names.len; i++, before = ",") {
		struct str name = metric_label(&names);

		buf_printf(out, "%s" STR_FMT ":", before, STR_ARG(name));
		put_tag(out, l.at[i] ? l.at[i] : "");
	}
	buf_char(out, '\n');
}

static void put_sample(struct buf *out, enum metric m, const struct sample *s,
		       const struct sample *was, struct str tags)
{
	const char *name = metric_table[m].name;
	double grown = s->value - (was ? was->value : 0);
	uint64_t count = s->count - (was ? was->count : 0);

	if (metric_table[m].type == METRIC_GAUGE) {
		buf_printf(out, "%s:%.15g", name, s->value);
		put_line(out, m, "g", s->labels, tags);
	} else if (metric_table[m].type == METRIC_COUNTER && grown > 0) {
		buf_printf(out, "%s:%.15g", name, grown);
		put_line(out, m, "c", s->labels, tags);
	} else if (metric_table[m].type == METRIC_HISTOGRAM && count) {
		buf_printf(out, "%s.count:%llu", name, (unsigned long long)count);
		put_line(out, m, "c", s->labels, tags);
		buf_printf(out, "%s.sum:%.6f", name, grown);
		put_line(out, m, "c", s->labels, tags);
	}
}

void dogstatsd_lines(const struct metrics *all, const struct metrics *before, struct str tags,
		     struct buf *out)
{
	for (enum metric m = 0; m < METRICS; m++)
		for (const struct sample *s = all->first[m]; s; s = s->next)
			put_sample(out, m, s, before ? metrics_find(before, m, s->labels) : NULL,
				   tags);
}

struct str dogstatsd_datagram(struct str *lines)
{
	size_t len = 0;

	while (len < lines->len) {
		const char *end = memchr(lines->p + len, '\n', lines->len - len);
		size_t next = end ? (size_t)(end - lines->p) + 1 : lines->len;

		if (len && next > DATAGRAM_MAX)
			break;
		len = next;
	}
	struct str datagram = { lines->p, len };

	*lines = str_from(*lines, len);
	return datagram;
}

/* ---- sending ---- */

static void on_flush(struct timer *t);

static void on_measured(void *ctx, struct metrics *all)
{
	struct dogstatsd *d = ctx;
	struct buf out = buf_new(all->arena, LINES_MAX);
	struct arena *kept = arena_new();

	dogstatsd_lines(all, d->before, d->tags, &out);
	for (struct str rest = buf_str(&out); rest.len;) {
		struct str datagram = dogstatsd_datagram(&rest);
		ssize_t sent = send(d->fd, datagram.p, datagram.len, MSG_DONTWAIT | MSG_NOSIGNAL);

		(void)sent; /* nobody listens, or cannot keep up: the next one is as good */
	}
	if (d->before_arena)
		arena_free(d->before_arena);
	d->before_arena = kept;
	d->before = metrics_copy(all, kept);
	if (!d->stopped)
		timer_start(d->w->loop, &d->flush, FLUSH_MS, on_flush);
}

static void on_flush(struct timer *t)
{
	struct dogstatsd *d = container_of(t, struct dogstatsd, flush);

	measuring_gather(d->w, on_measured, d);
}

/* ---- from start to stop ---- */

bool dogstatsd_address(struct str host, struct in_addr *out)
{
	char text[INET_ADDRSTRLEN] = "";

	if (host.len < sizeof(text))
		memcpy(text, host.p, host.len);
	return inet_pton(AF_INET, str_is(host, "localhost") ? "127.0.0.1" : text, out) == 1;
}

/* "Connected", so that sending needs no address, and answers from elsewhere do not get in. */
static int open_socket(const struct config *c)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)c->dd_dogstatsd_port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool known = dogstatsd_address(c->dd_agent_host, &to.sin_addr);

	assert(known); /* the configuration was checked */
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)))
		log_error("dogstatsd_off", "error.message=%s", strerror(errno));
	return fd;
}

struct dogstatsd *dogstatsd_new(struct worker *w)
{
	struct dogstatsd *d = calloc(1, sizeof(*d));

	assert(d);
	d->w = w;
	d->arena = arena_new();
	d->tags = dogstatsd_tags(d->arena, w->config);
	d->fd = open_socket(w->config);
	timer_start(w->loop, &d->flush, FLUSH_MS, on_flush);
	return d;
}

void dogstatsd_stop(struct dogstatsd *d)
{
	if (!d)
		return;
	d->stopped = true;
	timer_stop(d->w->loop, &d->flush);
}

void dogstatsd_free(struct dogstatsd *d)
{
	if (!d)
		return;
	dogstatsd_stop(d);
	if (d->fd >= 0)
		close(d->fd);
	if (d->before_arena)
		arena_free(d->before_arena);
	arena_free(d->arena);
	free(d);
}
