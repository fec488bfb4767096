/* wire.c - raw bytes to a server that runs between them on the same thread. */
#include "wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "turns.h"

struct house house_open(const struct server_settings *settings)
{
	struct house h = { .arena = arena_new(), .loop = loop_new() };
	struct server_settings s = *settings;

	signal(SIGPIPE, SIG_IGN); /* as the gateway does */
	s.loopback_only = true;
	s.max_connections = s.max_connections ? s.max_connections : 100;
	s.body_max = s.body_max ? s.body_max : 1000;
	s.idle_ms = s.idle_ms ? s.idle_ms : 5000;
	h.server = server_new(h.loop, &s);
	if (!h.server)
		fail_msg("no server");
	return h;
}

void house_close(struct house *h)
{
	server_disconnect(h->server);
	turn_until(h->loop, 3000, !server_connections(h->server));
	server_free(h->server);
	loop_free(h->loop);
	arena_free(h->arena);
}

struct wire *wire_open(struct house *h)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(server_port(h->server)),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct wire *w = calloc(1, sizeof(*w));

	w->house = h;
	w->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(w->fd, (struct sockaddr *)&address, sizeof(address)))
		w->closed = true; /* refused */
	return w;
}

void wire_close(struct wire *w)
{
	close(w->fd);
	free(w);
}

void wire_send(struct wire *w, struct str bytes)
{
	ssize_t sent = send(w->fd, bytes.p, bytes.len, MSG_NOSIGNAL);

	(void)sent; /* the server may have closed, and then no answer comes */
}

void wire_read(struct wire *w)
{
	ssize_t got = recv(w->fd, w->in + w->len, sizeof(w->in) - 1 - w->len, MSG_DONTWAIT);

	if (got > 0)
		w->len += (size_t)got;
	w->in[w->len] = '\0';
	w->closed |= got == 0 || (got < 0 && errno != EAGAIN);
	w->reset |= got < 0 && errno == ECONNRESET;
}

struct str answer_header(struct arena *a, const struct answer *r, const char *name)
{
	const char *at = strcasestr(r->head.p, arena_printf(a, "\r\n%s: ", name).p);
	struct str rest = str_of(at ? at + strlen(name) + 4 : NULL);

	return str_cut(&rest, '\r');
}

/* The length of the whole answer that stands in front; 0 while it is not there. */
static size_t whole(struct wire *w, bool bodiless, struct answer *r)
{
	struct arena *a = w->house->arena;
	const char *end = strstr(w->in, "\r\n\r\n");
	long long length = 0;

	if (!end)
		return 0;
	r->head = arena_copy(a, (struct str){ w->in, (size_t)(end - w->in) + 2 });
	if (!bodiless)
		str_number(answer_header(a, r, "content-length"), &length);
	size_t total = r->head.len + 2 + (size_t)length;
	if (w->len < total)
		return 0;
	r->status = (int)strtol(w->in + strlen("HTTP/1.1 "), NULL, 10);
	r->body = arena_copy(a, (struct str){ end + 4, (size_t)length });
	return total;
}

struct answer wire_answer(struct wire *w, bool bodiless)
{
	struct answer r = { 0 };
	size_t total = 0;

	for (int64_t by = clock_mono_ms() + 3000; !total && clock_mono_ms() < by;) {
		loop_turn(w->house->loop, 2);
		wire_read(w);
		total = whole(w, bodiless, &r);
		if (w->closed)
			break;
	}
	memmove(w->in, w->in + total, w->len - total + 1);
	w->len -= total;
	return r;
}

struct answer wire_ask(struct house *h, struct str request)
{
	struct wire *w = wire_open(h);

	wire_send(w, request);
	struct answer r = wire_answer(w, false);
	wire_close(w);
	return r;
}
