/*
 * server.c - the thin module around libh2o's listener: one port on one loop, with what the library
 * leaves out: a cap on connections, a rest when descriptors run out, a time-out for slow readers,
 * strict framing.
 */
#include "server.h"

#include <assert.h>
#include <errno.h>
#include <h2o.h>
#include <h2o/http1.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "framing.h"
#include "reply.h"

#define ACCEPTS_PER_TURN 16
#define BACKLOG 4096
#define SLOW_READER_MS 10000
#define OUT_OF_DESCRIPTORS_REST_MS 100

struct connection {
	struct connection *next, **prev;
	struct server *server;
	h2o_socket_t *socket;
};

struct server {
	struct loop *loop;
	struct server_settings settings;
	h2o_globalconf_t config;
	h2o_context_t context;
	h2o_accept_ctx_t accept;
	h2o_socket_t *listener; /* NULL while refusing */
	struct connection *connections;
	unsigned connection_num;
	unsigned request_num; /* being answered: each exchange counts itself */
	struct timer rest;
	bool draining;
};

struct handler {
	h2o_handler_t super;
	struct server *server;
};

static void on_accept(h2o_socket_t *listener, const char *err);

/* ---- requests ---- */

static const char *framing_of(h2o_req_t *req)
{
	h2o_socket_t *s = req->conn->callbacks->get_socket(req->conn);
	struct str head = framing_head((struct str){ s->input->bytes, s->input->size });

	return head.len ? framing_problem(head) : "The head of the request is not complete.";
}

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
	struct server *s = ((struct handler *)self)->server;
	const char *problem = framing_of(req);
	struct exchange *x = exchange_new(req, s->settings.context, &s->request_num,
					  s->settings.behind_proxy);

	x->https = s->settings.https;
	if (problem || s->draining)
		req->http1_is_persistent = 0;
	if (problem)
		reply_problem(x, ERR_BAD_REQUEST, NULL, problem);
	else
		s->settings.handle(x);
	return 0;
}

/* ---- connections ---- */

static void resume_listening(struct server *s)
{
	if (s->listener && !h2o_socket_is_reading(s->listener) && !timer_running(&s->rest))
		h2o_socket_read_start(s->listener, on_accept);
}

static void on_rested(struct timer *t)
{
	resume_listening(container_of(t, struct server, rest));
}

static void on_closed(void *arg)
{
	struct connection *c = arg;
	struct server *s = c->server;

	*c->prev = c->next;
	if (c->next)
		c->next->prev = c->prev;
	free(c);
	s->connection_num--;
	resume_listening(s);
}

static void add_connection(struct server *s, h2o_socket_t *socket)
{
	struct connection *c = malloc(sizeof(*c));
	unsigned slow_ms = SLOW_READER_MS;

	assert(c);
	*c = (struct connection){ s->connections, &s->connections, s, socket };
	if (s->connections)
		s->connections->prev = &c->next;
	s->connections = c;
	s->connection_num++;
	socket->on_close.cb = on_closed;
	socket->on_close.data = c;
	/* libh2o has no time-out for a client that does not read its answer */
	setsockopt(h2o_socket_get_fd(socket), IPPROTO_TCP, TCP_USER_TIMEOUT, &slow_ms,
		   sizeof(slow_ms));
	h2o_accept(&s->accept, socket);
}

static void on_accept(h2o_socket_t *listener, const char *err)
{
	struct server *s = listener->data;

	if (err)
		return;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		if (s->connection_num >= s->settings.max_connections) {
			h2o_socket_read_stop(listener); /* the rest wait in the backlog */
			return;
		}
		h2o_socket_t *socket = h2o_evloop_socket_accept(listener);
		if (socket) {
			add_connection(s, socket);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE) { /* else the loop spins on it */
			h2o_socket_read_stop(listener);
			timer_start(s->loop, &s->rest, OUT_OF_DESCRIPTORS_REST_MS, on_rested);
		}
		return;
	}
}

/* ---- the port ---- */

static int open_port(const struct server_settings *settings)
{
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(settings->port),
		.sin_addr.s_addr = htonl(settings->loopback_only ? INADDR_LOOPBACK : INADDR_ANY),
	};

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (settings->share_port)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, BACKLOG)) {
		int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

static bool start_listening(struct server *s)
{
	int fd = open_port(&s->settings);

	if (fd < 0)
		return false;
	struct sockaddr_in bound;
	socklen_t len = sizeof(bound);
	if (getsockname(fd, (struct sockaddr *)&bound, &len) == 0)
		s->settings.port = ntohs(bound.sin_port); /* the same again after a refusal */
	s->listener = h2o_evloop_socket_create(loop_h2o(s->loop), fd, H2O_SOCKET_FLAG_DONT_READ);
	s->listener->data = s;
	h2o_socket_read_start(s->listener, on_accept);
	return true;
}

static void configure(struct server *s)
{
	h2o_config_init(&s->config);
	s->config.server_name = h2o_iovec_init(H2O_STRLIT("maitred"));
	s->config.max_request_entity_size = s->settings.body_max;
	s->config.http1.req_timeout = s->settings.idle_ms;
	s->config.http1.upgrade_to_http2 = 0; /* see server.h */
	h2o_hostconf_t *host = h2o_config_register_host(
		&s->config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
	h2o_pathconf_t *all = h2o_config_register_path(host, "/", 0);
	struct handler *h = (struct handler *)h2o_create_handler(all, sizeof(*h));
	h->super.on_req = on_request;
	h->server = s;
	h2o_context_init(&s->context, loop_h2o(s->loop), &s->config);
	s->accept.ctx = &s->context;
	s->accept.hosts = s->config.hosts;
}

struct server *server_new(struct loop *l, const struct server_settings *settings)
{
	struct server *s = calloc(1, sizeof(*s));

	assert(s);
	s->loop = l;
	s->settings = *settings;
	if (!start_listening(s)) {
		int why = errno;

		free(s);
		errno = why;
		return NULL;
	}
	configure(s);
	return s;
}

uint16_t server_port(const struct server *s)
{
	return s->settings.port;
}

unsigned server_connections(const struct server *s)
{
	return s->connection_num;
}

unsigned server_requests(const struct server *s)
{
	return s->request_num;
}

void server_listen(struct server *s)
{
	if (!s->listener && !start_listening(s))
		assert(!"the port was taken by another program");
}

void server_refuse(struct server *s)
{
	if (!s->listener)
		return;
	h2o_socket_read_stop(s->listener);
	h2o_socket_close(s->listener);
	s->listener = NULL;
}

void server_disconnect(struct server *s)
{
	for (struct connection *c = s->connections; c; c = c->next)
		shutdown(h2o_socket_get_fd(c->socket), SHUT_RDWR);
}

void server_drain(struct server *s)
{
	/* not h2o_context_request_shutdown(): its HTTP/2 part leaves a timer that outlives us */
	server_refuse(s);
	s->draining = true;
}

void server_free(struct server *s)
{
	server_refuse(s);
	timer_stop(s->loop, &s->rest);
	assert(!s->connection_num);
	h2o_context_dispose(&s->context);
	h2o_config_dispose(&s->config);
	free(s);
}
