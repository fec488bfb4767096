/*
 * load.c - a load generator for `make bench`: keep-alive connections, requests written beforehand,
 * one in flight on each; closed loop, or at a rate. Prints requests per second and percentiles.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MAX 65536

struct options {
	const char *mode; /* get, messages, questions, callbacks */
	int port;
	const char *target;				  /* get: the path */
	const char *key;				  /* the API key or session */
	const char *base, *account_sid, *token, *account; /* callbacks, questions */
	long requests, first;
	int connections;
	double rate; /* per second, over all connections; 0: as fast as it goes */
};

struct request {
	char *bytes;
	size_t len;
};

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

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* ---- the requests ---- */

static void keep(struct request *r, const char *bytes, int len)
{
	r->bytes = malloc((size_t)len);
	assert(r->bytes);
	memcpy(r->bytes, bytes, (size_t)len);
	r->len = (size_t)len;
}

static void write_get(struct request *r, long i)
{
	char bytes[1024];

	(void)i;
	keep(r, bytes,
	     snprintf(bytes, sizeof(bytes),
		      "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n\r\n",
		      o.target, o.key ? o.key : "-"));
}

static void write_message(struct request *r, long i)
{
	char body[512], bytes[2048];
	int len = snprintf(
		body, sizeof(body),
		"{\"to\":\"+1%03ld555%04ld\",\"body\":\"Your table is ready. Please come to "
		"the host stand within 10 minutes. Reply 1 if you are coming, 9 to cancel. "
		"#%ld\"}",
		212 + i / 10000 % 8, i % 10000, i);

	keep(r, bytes,
	     snprintf(
		     bytes, sizeof(bytes),
		     "POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
		     "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		     o.key, len, body));
}

/* A form as Twilio sends it; `text` is what its signature covers behind the URL. */
static void write_form(struct request *r, long i, const char *target, const char *body,
		       const char *text)
{
	char covered[4096], bytes[4096], base64[32];
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned mac_len;
	int len = snprintf(covered, sizeof(covered), "%s%s%s", o.base, target, text);

	HMAC(EVP_sha1(), o.token, (int)strlen(o.token), (unsigned char *)covered, (size_t)len, mac,
	     &mac_len);
	EVP_EncodeBlock((unsigned char *)base64, mac, (int)mac_len);
	keep(r, bytes,
	     snprintf(bytes, sizeof(bytes),
		      "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: TwilioProxy/1.1\r\n"
		      "Accept: */*\r\nX-Twilio-Signature: %s\r\n"
		      "I-Twilio-Idempotency-Token: 00000000-0000-4000-8000-%012ld\r\n"
		      "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
		      "Content-Length: %zu\r\n\r\n%s",
		      target, base64, i, strlen(body), body));
}

/* A status callback of attempt i, in the fields and the order in which Twilio sends them. */
static void write_callback(struct request *r, long i)
{
	const char *status = i % 2 ? "delivered" : "sent";
	char target[256], body[1024], text[2048], to[16];

	i = o.first + i / 2;
	snprintf(to, sizeof(to), "1212%07ld", i % 10000000);
	snprintf(target, sizeof(target), "/webhooks/twilio/status?account=%s&attempt=att_%026ld",
		 o.account, i);
	snprintf(body, sizeof(body),
		 "SmsSid=SM%032ld&SmsStatus=%s&MessageStatus=%s&To=%%2B%s&MessageSid=SM%032ld"
		 "&AccountSid=%s&From=%%2B13125550002&ApiVersion=2010-04-01",
		 i, status, status, to, i, o.account_sid);
	snprintf(text, sizeof(text),
		 "AccountSid%sApiVersion2010-04-01From+13125550002MessageSidSM%032ld"
		 "MessageStatus%sSmsSidSM%032ldSmsStatus%sTo+%s",
		 o.account_sid, i, status, i, status, to);
	write_form(r, i, target, body, text);
}

/* What a call of attempt i is to say, and then what follows from the 1 that was pressed. */
static void write_question(struct request *r, long i)
{
	bool key = i % 2;
	char target[256], body[1024], text[2048], to[16];

	i = o.first + i / 2;
	snprintf(to, sizeof(to), "1212%07ld", i % 10000000);
	snprintf(target, sizeof(target), "/webhooks/twilio/voice?account=%s&attempt=att_%026ld%s",
		 o.account, i, key ? "&step=ask1" : "");
	snprintf(body, sizeof(body),
		 "CallSid=SM%032ld&CallStatus=in-progress&To=%%2B%s&AccountSid=%s&%s"
		 "From=%%2B13125550002&Direction=outbound-api&ApiVersion=2010-04-01",
		 i, to, o.account_sid, key ? "Digits=1&" : "AnsweredBy=human&");
	snprintf(text, sizeof(text),
		 "AccountSid%s%sApiVersion2010-04-01CallSidSM%032ldCallStatusin-progress%s"
		 "Directionoutbound-apiFrom+13125550002To+%s",
		 o.account_sid, key ? "" : "AnsweredByhuman", i, key ? "Digits1" : "", to);
	write_form(r, i, target, body, text);
}

static void write_requests(void)
{
	static const struct {
		const char *mode;
		void (*write)(struct request *, long);
	} modes[] = { { "get", write_get },
		      { "messages", write_message },
		      { "questions", write_question },
		      { "callbacks", write_callback } };
	void (*write_one)(struct request *, long) = NULL;

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (strcmp(o.mode, modes[i].mode) == 0)
			write_one = modes[i].write;
	assert(write_one);
	requests = calloc((size_t)o.requests, sizeof(*requests));
	took_us = calloc((size_t)o.requests, sizeof(*took_us));
	assert(requests && took_us);
	for (long i = 0; i < o.requests; i++)
		write_one(&requests[i], i);
}

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
	struct request *r = &requests[next_request++];

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
		if (strcmp(name, "-c") == 0)
			o.connections = (int)strtol(value, NULL, 10);
		if (strcmp(name, "-r") == 0)
			o.rate = strtod(value, NULL);
		if (strcmp(name, "-t") == 0)
			o.target = value;
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
		fputs("usage: load get|messages|questions|callbacks -p port -n requests "
		      "-c connections ...\n",
		      stderr);
		return 64;
	}
	read_options(argc, argv);
	write_requests();
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
