/*
 * streams.c - opens many streams of events and holds them: `make bench` reads the gateway's memory
 * meanwhile, and how long it takes from a guest's text to a screen. API key number i is
 * "mk_bench_<i>"; each opens so many. Prints "open=N seconds=S" when each has said hello, then
 * holds until its input ends, and prints what came with "stamp=<us>" in it (see load.c): how much,
 * and how old it was.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define AT_ONCE 200 /* requests under way */
#define STAMPS_MAX (4 << 20)

struct stream {
	int fd;
	SSL *tls; /* NULL: plain */
	bool said_hello;
};

static int port, num, per_key, epoll_fd, hellos, ended;
static SSL_CTX *tls; /* NULL: plain */
static uint32_t *ages_us;
static size_t stamps;

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void open_one(int i)
{
	struct stream *s = calloc(1, sizeof(*s));
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = s };
	char text[300];
	int n = snprintf(text, sizeof(text),
			 "GET /v1/events HTTP/1.1\r\nHost: x\r\n"
			 "Authorization: Bearer mk_bench_%d\r\n\r\n",
			 i / per_key);

	assert(s);
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (s->fd < 0 || connect(s->fd, (struct sockaddr *)&to, sizeof(to)))
		fail("streams: connect");
	if (tls) {
		s->tls = SSL_new(tls);
		SSL_set_fd(s->tls, s->fd);
		if (SSL_connect(s->tls) != 1 || SSL_write(s->tls, text, n) != n)
			fail("streams: TLS");
	} else if (write(s->fd, text, (size_t)n) != n) {
		fail("streams: write");
	}
	fcntl(s->fd, F_SETFL, O_NONBLOCK);
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, s->fd, &e);
}

static void take_stamps(const char *text)
{
	uint64_t now = now_us();

	while ((text = strstr(text, "stamp=")) && stamps < STAMPS_MAX) {
		text += strlen("stamp=");
		ages_us[stamps++] = (uint32_t)(now - strtoull(text, NULL, 10));
	}
}

/* -1: nothing there yet; 0: it ended. */
static ssize_t read_some(struct stream *s, char *out, size_t size)
{
	if (!s->tls) {
		ssize_t n = read(s->fd, out, size);

		return n < 0 && errno != EAGAIN ? 0 : n;
	}
	int n = SSL_read(s->tls, out, (int)size);

	return n > 0 ? n : SSL_get_error(s->tls, n) == SSL_ERROR_WANT_READ ? -1 : 0;
}

static void on_event(struct stream *s)
{
	static char text[1 << 17];
	ssize_t n = read_some(s, text, sizeof(text) - 1);

	if (n < 0)
		return;
	if (n == 0) {
		ended++;
		close(s->fd);
		return;
	}
	text[n] = '\0';
	if (s->said_hello) {
		take_stamps(text);
		return;
	}
	if (strncmp(text, "HTTP/1.1 ", 9) == 0 && strncmp(text, "HTTP/1.1 200", 12) != 0) {
		fprintf(stderr, "streams: %s\n", text);
		exit(1);
	}
	s->said_hello = strstr(text, "event: hello"); /* over TLS it comes after the head */
	hellos += s->said_hello;
}

/* What TLS holds ready makes no descriptor readable. */
static void take_all(struct stream *s)
{
	do
		on_event(s);
	while (s->tls && SSL_pending(s->tls) > 0);
}

static void turn(void)
{
	struct epoll_event at[256];
	int n = epoll_wait(epoll_fd, at, 256, 1000);

	for (int i = 0; i < n; i++)
		if (at[i].data.ptr)
			take_all(at[i].data.ptr);
}

/* Whoever started us closes our input to end us. */
static int input_ended(void)
{
	struct timeval none = { 0 };
	fd_set set;
	char c;

	FD_ZERO(&set);
	FD_SET(0, &set);
	return select(1, &set, NULL, NULL, &none) == 1 && read(0, &c, 1) <= 0;
}

static int by_value(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double age_ms(double part)
{
	return stamps ? ages_us[(size_t)((double)(stamps - 1) * part)] / 1000.0 : 0;
}

int main(int argc, char **argv)
{
	struct epoll_event input = { .events = EPOLLIN };
	uint64_t began = now_us();

	if (argc < 4) {
		fprintf(stderr, "usage: streams PORT NUMBER PER_KEY [tls]\n");
		return 2;
	}
	port = atoi(argv[1]);
	num = atoi(argv[2]);
	per_key = atoi(argv[3]);
	if (argc > 4)
		tls = SSL_CTX_new(TLS_client_method());
	ages_us = calloc(STAMPS_MAX, sizeof(*ages_us));
	epoll_fd = epoll_create1(0);
	assert(epoll_fd >= 0 && ages_us);
	for (int i = 0; hellos < num;) {
		for (; i < num && i - hellos < AT_ONCE; i++)
			open_one(i);
		turn();
	}
	printf("open=%d seconds=%.2f\n", num - ended, (double)(now_us() - began) / 1e6);
	fflush(stdout);
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &input);
	while (!input_ended())
		turn();
	qsort(ages_us, stamps, sizeof(*ages_us), by_value);
	printf("open=%d stamps=%zu p50=%.2f p99=%.2f max=%.2f\n", num - ended, stamps, age_ms(.5),
	       age_ms(.99), age_ms(1));
	return 0;
}
