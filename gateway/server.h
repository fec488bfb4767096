/*
 * server.h - a listening port on one loop: accepts, limits, drains. HTTP/1.1 only: Debian's libh2o
 * predates the HTTP/2 rapid-reset fix (CVE-2023-44487).
 */
#ifndef SERVER_H
#define SERVER_H

#include <stdint.h>

#include "exchange.h"
#include "loop.h"

struct server;
struct tls;

struct server_settings {
	uint16_t port;	    /* 0: any free port, see server_port() */
	bool loopback_only; /* 127.0.0.1 instead of every address */
	bool share_port;    /* SO_REUSEPORT: one listener per worker */
	unsigned max_connections;
	unsigned per_address; /* of those from one address; 0: as many. Not behind a proxy */
	struct tls *tls;      /* NULL: in the clear, as behind a proxy; borrowed */
	size_t body_max;      /* bytes; a longer request gets 413 */
	unsigned idle_ms;     /* between requests */
	unsigned request_ms;  /* for a request's header and body together; 0: idle_ms */
	void (*handle)(struct exchange *x); /* every well-framed request; must reply exactly once */
	struct proxy proxy;		    /* what stands in front */
	bool https;    /* it is reached by HTTPS only: browsers are told to remember that */
	void *context; /* exchange_context() */
};

struct server *server_new(struct loop *l, const struct server_settings *s); /* NULL, errno set */
uint16_t server_port(const struct server *s);
unsigned server_connections(const struct server *s);
unsigned server_requests(const struct server *s); /* being answered */

void server_listen(struct server *s);	  /* again, after server_refuse() */
void server_refuse(struct server *s);	  /* closes the listener: connections are refused */
void server_disconnect(struct server *s); /* shuts down every connection */
void server_leave(struct server *s); /* answer and accept, but each answer ends its connection */
/*
 * That, and takes no more connections: those that wait are accepted, then the listener closes, and
 * clients are refused, which balancers may repeat elsewhere.
 */
void server_drain(struct server *s);
bool server_listening(const struct server *s);
void server_free(struct server *s); /* only after server_connections() is 0, or at exit */

#endif
