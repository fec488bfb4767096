/*
 * streams.c - opens many streams of events and holds them: `make bench` reads the gateway's memory
 * meanwhile. API key number i is "mk_bench_<i>"; each opens so many. Prints "open=N seconds=S" when
 * each has said hello, then holds until its input ends and prints "open=N" again.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define AT_ONCE 200 /* requests under way */

static int port, num, per_key, epoll_fd, hellos, ended;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void open_one(int i)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct epoll_event e = { .events = EPOLLIN, .data.u64 = (uint64_t)fd << 1 };
	char text[300];
	int n = snprintf(text, sizeof(text),
			 "GET /v1/events HTTP/1.1\r\nHost: x\r\n"
			 "Authorization: Bearer mk_bench_%d\r\n\r\n",
			 i / per_key);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) ||
	    write(fd, text, (size_t)n) != n) {
		perror("streams");
		exit(1);
	}
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e);
}

/* The lowest bit says that it has said hello. */
static void on_event(uint64_t data)
{
	int fd = (int)(data >> 1);
	char text[4096];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	if (n <= 0) {
		ended++;
		close(fd);
		return;
	}
	text[n] = '\0';
	if (data & 1)
		return;
	if (!strstr(text, "event: hello")) {
		fprintf(stderr, "streams: %s\n", text);
		exit(1);
	}
	struct epoll_event e = { .events = EPOLLIN, .data.u64 = data | 1 };

	epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &e);
	hellos++;
}

static void turn(void)
{
	struct epoll_event at[256];
	int n = epoll_wait(epoll_fd, at, 256, 1000);

	for (int i = 0; i < n; i++)
		if (at[i].data.u64)
			on_event(at[i].data.u64);
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

int main(int argc, char **argv)
{
	struct epoll_event input = { .events = EPOLLIN };
	double began = now();

	if (argc != 4) {
		fprintf(stderr, "usage: streams PORT NUMBER PER_KEY\n");
		return 2;
	}
	port = atoi(argv[1]);
	num = atoi(argv[2]);
	per_key = atoi(argv[3]);
	epoll_fd = epoll_create1(0);
	assert(epoll_fd >= 0);
	for (int i = 0; hellos < num;) {
		for (; i < num && i - hellos < AT_ONCE; i++)
			open_one(i);
		turn();
	}
	printf("open=%d seconds=%.2f\n", num - ended, now() - began);
	fflush(stdout);
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &input);
	while (!input_ended())
		turn();
	printf("open=%d\n", num - ended);
	return 0;
}
