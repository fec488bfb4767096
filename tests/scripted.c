/* scripted.c - accepts, reads and answers without ever waiting. */
#include "scripted.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct scripted *scripted_new(void)
{
	struct scripted *s = calloc(1, sizeof(*s));
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);

	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (bind(s->listener, (struct sockaddr *)&address, len) || listen(s->listener, 1000) ||
	    getsockname(s->listener, (struct sockaddr *)&address, &len))
		assert(!"no port");
	s->port = ntohs(address.sin_port);
	s->answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-From: test\r\n\r\nok";
	s->deed_num = 1;
	return s;
}

static void hang_up(struct scripted_connection *c, bool reset)
{
	const struct linger drop = { .l_onoff = 1, .l_linger = 0 };

	if (reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &drop, sizeof(drop));
	close(c->fd);
	*c = (struct scripted_connection){ 0 };
}

void scripted_free(struct scripted *s)
{
	for (unsigned i = 0; i < SCRIPTED_CONNECTIONS; i++)
		if (s->at[i].fd)
			hang_up(&s->at[i], false);
	close(s->listener);
	free(s);
}

static void answer(const struct scripted *s, struct scripted_connection *c)
{
	ssize_t sent = send(c->fd, s->answer, strlen(s->answer), MSG_NOSIGNAL);

	(void)sent; /* the client may have gone */
}

static void do_it(struct scripted *s, struct scripted_connection *c, enum scripted_deed deed)
{
	switch (deed) {
	case ANSWER_AND_CLOSE:
		answer(s, c);
		hang_up(c, false);
		break;
	case ANSWER:
		answer(s, c);
		break;
	case CLOSE:
		hang_up(c, false);
		break;
	case RESET:
		hang_up(c, true);
		break;
	case HANG:
		break;
	}
}

static unsigned long content_length(const char *head)
{
	const char *header = strcasestr(head, "\r\ncontent-length:");

	return header ? strtoul(header + strlen("\r\ncontent-length:"), NULL, 10) : 0;
}

static void take_request(struct scripted *s, struct scripted_connection *c)
{
	unsigned nth = s->requests < s->deed_num ? s->requests : s->deed_num - 1;
	const char *end = strstr(c->in, "\r\n\r\n");
	unsigned long head, body, there;

	if (!end)
		return;
	head = (unsigned long)(end - c->in) + 4;
	body = content_length(c->in);
	there = c->len - head < body ? c->len - head : body;
	if (there < body)
		return;
	s->requests++;
	s->body_bytes += (unsigned)there;
	memmove(c->in, c->in + head + there, c->len - head - there + 1);
	c->len -= (unsigned)(head + there);
	do_it(s, c, s->deeds[nth]);
}

void scripted_look(struct scripted *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	for (unsigned i = 0; i < SCRIPTED_CONNECTIONS; i++) {
		struct scripted_connection *c = &s->at[i];

		if (!c->fd && fd > 0) {
			c->fd = fd;
			s->connections++;
			fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		}
		if (!c->fd)
			continue;
		ssize_t got = recv(c->fd, c->in + c->len, sizeof(c->in) - 1 - c->len, 0);
		if (got == 0) {
			hang_up(c, false);
		} else if (got < 0 && errno == ECONNRESET) {
			s->resets++;
			hang_up(c, false);
		} else if (got > 0) {
			c->len += (unsigned)got;
			c->in[c->len] = '\0';
			take_request(s, c);
		}
	}
	assert(fd <= 0); /* more connections than there is room for */
}
