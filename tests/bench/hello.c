/*
 * hello.c - the least a libh2o server can do: one loop, a fixed answer of the size of ours. The
 * yardstick of `make bench`, next to pgbench.
 */
#include <arpa/inet.h>
#include <h2o.h>
#include <h2o/http1.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static h2o_globalconf_t config;
static h2o_context_t context;
static h2o_accept_ctx_t accept_context = { .ctx = &context };

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
	static h2o_generator_t whole = { NULL, NULL };
	h2o_iovec_t body = { H2O_STRLIT("{\"status\":\"ok\"}") };

	(void)self;
	req->res.status = 200;
	req->res.reason = "OK";
	req->res.content_length = body.len;
	h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL,
		       H2O_STRLIT("application/json"));
	h2o_start_response(req, &whole);
	h2o_send(req, &body, 1, H2O_SEND_STATE_FINAL);
	return 0;
}

static void on_accept(h2o_socket_t *listener, const char *err)
{
	h2o_socket_t *s;

	while (!err && (s = h2o_evloop_socket_accept(listener)))
		h2o_accept(&accept_context, s);
}

int main(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) || listen(fd, 1024) ||
	    getsockname(fd, (struct sockaddr *)&address, &len)) {
		perror("hello");
		return 1;
	}
	h2o_config_init(&config);
	h2o_hostconf_t *host = h2o_config_register_host(
		&config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
	h2o_pathconf_t *all = h2o_config_register_path(host, "/", 0);
	h2o_create_handler(all, sizeof(h2o_handler_t))->on_req = on_request;
	h2o_context_init(&context, h2o_evloop_create(), &config);
	accept_context.hosts = config.hosts;
	h2o_socket_t *listener = h2o_evloop_socket_create(context.loop, fd,
							  H2O_SOCKET_FLAG_DONT_READ);
	h2o_socket_read_start(listener, on_accept);
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
	for (;;)
		h2o_evloop_run(context.loop, 1000);
}
