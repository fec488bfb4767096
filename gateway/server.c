/*
 * server.c - the thin module around libh2o's listener: one port on one loop, with what the library
 * leaves out: caps on connections, a rest when descriptors run out, time-outs for slow readers and
 * slow requests, strict framing, a port that closes without cutting anybody off.
 */
#include "server.h"

#include <assert.h>
#include <errno.h>
#include <h2o.h>
#include <h2o/http1.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crowd.h"
#include "framing.h"
#include "port.h"
#include "reply.h"
#include "tls.h"

#define ACCEPTS_PER_TURN 16
#define SLOW_READER_MS 10000
#define OUT_OF_DESCRIPTORS_REST_MS 100
#define SWEEP_MS 1000	 /* in which each connection is looked at once */
#define SWEEP_AT_ONCE 25 /* else many hold up everybody else */
#define HANDSHAKE_MS 200 /* for those that have begun when the port closes */

struct connection {
	struct connection *next, **prev;
	struct server *server;
	h2o_socket_t *socket;
	int64_t slow_since_ms;	/* a part of a request has been there since; 0: none is */
	struct ssl_ctx_st *tls; /* its own hold, as libh2o takes none before the handshake */
	uint32_t address;
};

struct server {
	struct loop *loop;
	struct server_settings settings;
	h2o_globalconf_t config;
	h2o_context_t context;
	h2o_accept_ctx_t accept;
	h2o_socket_t *listener; /* NULL while refusing */
	struct connection *connections;
	struct connection *sweep_next; /* where the round through them is; NULL: at the end */
	struct crowd *crowd;	       /* how many are from which address */
	unsigned connection_num;
	unsigned request_num; /* being answered: each exchange counts itself */
	struct timer rest, sweep, close;
	bool leaving;
};

struct handler {
	h2o_handler_t super;
	struct server *server;
};

static void on_accept(h2o_socket_t *listener, const char *err);

/* ---- requests ---- */

static struct framing framing_of(h2o_req_t *req)
{
	h2o_socket_t *s = req->conn->callbacks->get_socket(req->conn);

	return framing_check(framing_head((struct str){ s->input->bytes, s->input->size }));
}

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
	struct server *s = ((struct handler *)self)->server;
	struct framing framing = framing_of(req);
	struct exchange *x = exchange_new(req, s->settings.context, &s->request_num,
					  &s->settings.proxy);

	x->https = s->settings.https;
	x->suspect = framing.problem ? "request_framing" : NULL;
	/* a body in chunks may end elsewhere for a proxy in front: nothing is read behind it */
	if (framing.problem || framing.chunked || s->leaving)
		req->http1_is_persistent = 0;
	if (framing.problem)
		reply_problem(x, ERR_BAD_REQUEST, NULL, framing.problem);
	else
		s->settings.handle(x);
	return 0;
}

/* ---- slow requests ---- */

/*
 * libh2o has one time-out for the time between requests and for each of them. It is ours for the
 * former; who takes longer for a request than one may is found here. While a request is being
 * answered libh2o does not read.
 */
static void look_after(struct connection *c, int64_t now_ms)
{
	const h2o_buffer_t *in = c->socket->input;
	bool partial = in->size && h2o_socket_is_reading(c->socket);

	if (!partial)
		c->slow_since_ms = 0;
	else if (!c->slow_since_ms)
		c->slow_since_ms = now_ms;
	/* of a head libh2o would take 400 kB */
	bool too_slow = partial && now_ms - c->slow_since_ms >= c->server->settings.request_ms;
	bool too_long = partial && in->size > FRAMING_HEAD_MAX &&
			!framing_head((struct str){ in->bytes, in->size }).len;

	if (too_slow || too_long)
		shutdown(h2o_socket_get_fd(c->socket), SHUT_RDWR);
}

static void on_sweep(struct timer *t)
{
	struct server *s = container_of(t, struct server, sweep);
	unsigned round_ms = s->settings.request_ms / 4;
	unsigned parts = s->connection_num / SWEEP_AT_ONCE + 1;

	for (unsigned n = s->connection_num / parts + 1; n && s->connections; n--) {
		struct connection *c = s->sweep_next ? s->sweep_next : s->connections;

		s->sweep_next = c->next;
		look_after(c, loop_now(s->loop));
	}
	if (round_ms > SWEEP_MS)
		round_ms = SWEEP_MS;
	if (s->settings.request_ms && s->connections)
		timer_start(s->loop, t, round_ms / parts + 1, on_sweep);
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
	if (s->sweep_next == c)
		s->sweep_next = c->next;
	crowd_leave(s->crowd, c->address);
	tls_release(c->tls);
	free(c);
	s->connection_num--;
	resume_listening(s);
}

static void add_connection(struct server *s, h2o_socket_t *socket, uint32_t address)
{
	struct connection *c = malloc(sizeof(*c));
	unsigned slow_ms = SLOW_READER_MS;

	assert(c);
	*c = (struct connection){ .next = s->connections,
				  .prev = &s->connections,
				  .server = s,
				  .socket = socket,
				  .address = address,
				  .tls = s->settings.tls ? tls_hold(s->settings.tls) : NULL };
	if (s->connections)
		s->connections->prev = &c->next;
	else if (!timer_running(&s->sweep))
		timer_start(s->loop, &s->sweep, 0, on_sweep);
	s->connections = c;
	s->connection_num++;
	socket->on_close.cb = on_closed;
	socket->on_close.data = c;
	/* libh2o has no time-out for a client that does not read its answer */
	setsockopt(h2o_socket_get_fd(socket), IPPROTO_TCP, TCP_USER_TIMEOUT, &slow_ms,
		   sizeof(slow_ms));
	s->accept.ssl_ctx = c->tls;
	h2o_accept(&s->accept, socket);
}

static void welcome(struct server *s, h2o_socket_t *socket)
{
	struct sockaddr_in peer = { 0 };

	h2o_socket_getpeername(socket, (struct sockaddr *)&peer);
	if (crowd_enter(s->crowd, peer.sin_addr.s_addr))
		add_connection(s, socket, peer.sin_addr.s_addr);
	else
		h2o_socket_close(socket);
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
			welcome(s, socket);
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

static bool start_listening(struct server *s)
{
	int fd = port_open(&s->settings);

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
	s->crowd = crowd_new(settings->per_address);
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

bool server_listening(const struct server *s)
{
	return s->listener;
}

/* ---- leaving ---- */

void server_leave(struct server *s)
{
	/* not h2o_context_request_shutdown(): its HTTP/2 part leaves a timer that outlives us */
	s->leaving = true;
}

/*
 * A listener that is closed resets the connections that wait to be accepted, and whoever has sent a
 * request by one does not know whether it was done. So it takes no new ones first: what begins a
 * connection (SYN without ACK) is dropped, and comes again in a second, to be refused.
 */
static void turn_away(int fd)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13), /* the flags of TCP */
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	const struct sock_fprog filter = { sizeof(program) / sizeof(*program), program };

	/* where that is not allowed, a few are reset */
	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
}

static void on_close_port(struct timer *t)
{
	struct server *s = container_of(t, struct server, close);

	for (unsigned before = ~0U; s->listener && before != s->connection_num;) {
		before = s->connection_num;
		on_accept(s->listener, NULL);
	}
	if (s->connection_num >= s->settings.max_connections || timer_running(&s->rest))
		timer_start(s->loop, t, HANDSHAKE_MS, on_close_port); /* some may still wait */
	else
		server_refuse(s);
}

void server_drain(struct server *s)
{
	server_leave(s);
	if (!s->listener)
		return;
	turn_away(h2o_socket_get_fd(s->listener));
	timer_start(s->loop, &s->close, HANDSHAKE_MS, on_close_port);
}

void server_free(struct server *s)
{
	server_refuse(s);
	timer_stop(s->loop, &s->rest);
	timer_stop(s->loop, &s->sweep);
	timer_stop(s->loop, &s->close);
	assert(!s->connection_num);
	h2o_context_dispose(&s->context);
	h2o_config_dispose(&s->config);
	crowd_free(s->crowd);
	free(s);
}
