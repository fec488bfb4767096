/*
 * load.c - a load generator for `make bench`: keep-alive connections, requests written beforehand,
 * one in flight on each; closed loop, or at a rate. Prints requests per second and percentiles.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "load_requests.h"

#define ANSWER_MAX 65536

struct connection {
	int fd;
	bool busy;
	uint64_t sent_us;
	char answer[ANSWER_MAX];
	size_t len;
};

static struct options o;
static struct request *requests;
static long next_request, answered, refused;
static uint32_t *took_us;
static int epoll_fd;

/* ---- connections ---- */

static void open_connection(struct connection *c)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)o.port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
	int on = 1;

	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof(address))) {
		perror("load: connect");
		exit(1);
	}
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &e);
}

static void send_next(struct connection *c)
{
	if (c->busy || next_request == o.requests)
		return;
	struct request *r = &requests[next_request];

	if (o.stamped)
		write_request(r, next_request);
	next_request++;
	c->busy = true;
	c->len = 0;
	c->sent_us = now_us();
	ssize_t sent = write(c->fd, r->bytes, r->len);
	assert(sent == (ssize_t)r->len); /* a request fits into the socket's buffer */
}

/* True when a whole answer is there: head, and Content-Length bytes. */
static bool complete(const struct connection *c)
{
	const char *end = strstr(c->answer, "\r\n\r\n");
	const char *length = strcasestr(c->answer, "content-length:");

	if (!end || !length || length > end)
		return false;
	long body = strtol(length + strlen("content-length:"), NULL, 10);
	return c->len >= (size_t)(end + 4 - c->answer) + (size_t)body;
}

static void on_readable(struct connection *c)
{
	ssize_t n = read(c->fd, c->answer + c->len, sizeof(c->answer) - 1 - c->len);

	if (n <= 0) {
		if (n < 0 && errno == EAGAIN)
			return;
		fputs("load: the server closed a connection\n", stderr);
		exit(1);
	}
	c->len += (size_t)n;
	c->answer[c->len] = '\0';
	if (!complete(c))
		return;
	took_us[answered++] = (uint32_t)(now_us() - c->sent_us);
	refused += c->answer[9] != '2';
	if (refused == 1 && c->answer[9] != '2')
		fprintf(stderr, "load: the first refusal:\n%s\n", c->answer);
	c->busy = false;
	if (o.rate == 0)
		send_next(c);
}

/* ---- the run ---- */

/*
 * Clients at a rate are elsewhere, in life: here the one that stands for them goes before all
 * others on the cores, so that what it waits for one is not counted as the answer's time.
 */
static void go_first(void)
{
	struct sched_param first = { .sched_priority = 1 };

	if (sched_setscheduler(0, SCHED_FIFO, &first))
		perror("load: not before the others: sched_setscheduler");
}

/* At a rate: as many as are due by now, on whatever connections are free. */
static void send_due(struct connection *all, uint64_t start_us)
{
	long due = (long)((double)(now_us() - start_us) / 1e6 * o.rate) + 1;

	for (int i = 0; i < o.connections && next_request < due; i++)
		send_next(&all[i]);
}

static void run(struct connection *all)
{
	struct epoll_event events[256];
	if (o.rate > 0)
		go_first();
	uint64_t start = now_us();

	for (int i = 0; i < o.connections && o.rate == 0; i++)
		send_next(&all[i]);
	while (answered < o.requests) {
		if (o.rate > 0)
			send_due(all, start);
		int n = epoll_wait(epoll_fd, events, 256, o.rate > 0 ? 1 : 30000);
		if (n == 0 && o.rate == 0) {
			fprintf(stderr, "load: no answer for 30 s; %ld of %ld\n", answered,
				o.requests);
			exit(1);
		}
		for (int i = 0; i < n; i++)
			on_readable(events[i].data.ptr);
	}
	printf("seconds=%.3f ", (double)(now_us() - start) / 1e6);
}

static int by_value(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double percentile_ms(double p)
{
	return took_us[(long)((double)(answered - 1) * p)] / 1000.0;
}

static void read_options(int argc, char **argv)
{
	o = (struct options){ .mode = argv[1], .requests = 1000, .connections = 64 };
	for (int i = 2; i + 1 < argc; i += 2) {
		const char *name = argv[i], *value = argv[i + 1];

		if (strcmp(name, "-p") == 0)
			o.port = (int)strtol(value, NULL, 10);
		if (strcmp(name, "-n") == 0)
			o.requests = strtol(value, NULL, 10);
		if (strcmp(name, "-f") == 0)
			o.first = strtol(value, NULL, 10);
		if (strcmp(name, "-o") == 0)
			o.outstanding = strtol(value, NULL, 10);
		if (strcmp(name, "-c") == 0)
			o.connections = (int)strtol(value, NULL, 10);
		if (strcmp(name, "-r") == 0)
			o.rate = strtod(value, NULL);
		if (strcmp(name, "-t") == 0)
			o.target = value;
		if (strcmp(name, "-A") == 0)
			o.accounts = strtol(value, NULL, 10);
		if (strcmp(name, "-e") == 0)
			o.stamped = strcmp(value, "1") == 0;
		if (strcmp(name, "-k") == 0)
			o.key = value;
		if (strcmp(name, "-b") == 0)
			o.base = value;
		if (strcmp(name, "-s") == 0)
			o.account_sid = value;
		if (strcmp(name, "-w") == 0)
			o.token = value;
		if (strcmp(name, "-a") == 0)
			o.account = value;
	}
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fputs("usage: load MODE -p port -n requests -c connections ...\n", stderr);
		return 64;
	}
	read_options(argc, argv);
	requests_about(&o);
	requests = calloc((size_t)o.requests, sizeof(*requests));
	assert(requests);
	for (long i = 0; i < o.requests && !o.stamped; i++)
		write_request(&requests[i], i);
	took_us = calloc((size_t)o.requests, sizeof(*took_us));
	assert(took_us);
	struct connection *all = calloc((size_t)o.connections, sizeof(*all));
	assert(all);
	epoll_fd = epoll_create1(0);
	for (int i = 0; i < o.connections; i++)
		open_connection(&all[i]);
	uint64_t start = now_us();
	run(all);
	double seconds = (double)(now_us() - start) / 1e6;
	qsort(took_us, (size_t)answered, sizeof(*took_us), by_value);
	printf("rate=%.0f p50=%.2f p99=%.2f max=%.2f refused=%ld\n", (double)answered / seconds,
	       percentile_ms(.5), percentile_ms(.99), percentile_ms(1), refused);
	return refused ? 1 : 0;
}
