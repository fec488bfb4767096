/* test_loop_watch.c - the event loop's watches: descriptors that become readable or writable. */
#include "turns.h"

#include <sys/socket.h>

struct pipe_end {
	struct loop *loop;
	int ours, theirs;
	struct watch *watch;
	unsigned readable, writable, bytes;
	bool free_inside, stop_inside;
};

static void on_readable(void *ctx)
{
	struct pipe_end *p = ctx;
	char byte;

	p->readable++;
	if (p->free_inside) {
		watch_free(p->watch);
		p->watch = NULL;
	} else if (p->stop_inside) {
		watch_read(p->watch, NULL);
	} else {
		p->bytes += read(p->ours, &byte, 1) == 1;
	}
}

static void on_writable(void *ctx)
{
	struct pipe_end *p = ctx;

	p->writable++;
	if (p->free_inside) {
		watch_free(p->watch);
		p->watch = NULL;
	} else if (p->writable < 3) {
		watch_write_once(p->watch, on_writable);
	}
}

static struct pipe_end pipe_end(struct loop *l)
{
	int fds[2];

	check("socketpair", socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
	return (struct pipe_end){ .loop = l, .ours = fds[0], .theirs = fds[1] };
}

static void close_pipe(struct pipe_end *p)
{
	watch_free(p->watch);
	close(p->ours);
	close(p->theirs);
	loop_turn(p->loop, 0);
}

static void reading(void **state)
{
	struct loop *l = loop_new();
	struct pipe_end p = pipe_end(l);

	(void)state;
	p.watch = watch_new(l, p.ours, &p);
	watch_read(p.watch, on_readable);
	turn_for(l, 10);
	check("nothing to read", p.readable == 0);
	check("written", write(p.theirs, "abc", 3) == 3);
	turn_until(l, 1000, p.bytes == 3); /* level-triggered: one byte each time */
	watch_read(p.watch, NULL);
	check("written", write(p.theirs, "d", 1) == 1);
	turn_for(l, 10);
	check("not while stopped", p.bytes == 3);
	watch_read(p.watch, on_readable);
	turn_until(l, 1000, p.bytes == 4);
	p.stop_inside = true;
	check("written", write(p.theirs, "e", 1) == 1);
	turn_for(l, 20);
	check("stopped from inside", p.readable == 5);
	close_pipe(&p);
	loop_free(l);
}

static void writing(void **state)
{
	struct loop *l = loop_new();
	struct pipe_end p = pipe_end(l);

	(void)state;
	p.watch = watch_new(l, p.ours, &p);
	watch_write_once(p.watch, on_writable);
	watch_write_once(p.watch, on_writable); /* armed already */
	turn_until(l, 1000, p.writable == 3);	/* twice more from inside */
	turn_for(l, 10);
	check("once each", p.writable == 3);
	close_pipe(&p);
	loop_free(l);
}

/* The other end closes: readable, so that its owner sees the end. */
static void other_end_closed(void **state)
{
	struct loop *l = loop_new();
	struct pipe_end p = pipe_end(l);

	(void)state;
	p.watch = watch_new(l, p.ours, &p);
	p.stop_inside = true;
	watch_read(p.watch, on_readable);
	shutdown(p.theirs, SHUT_RDWR);
	turn_until(l, 1000, p.readable == 1);
	close_pipe(&p);
	loop_free(l);
}

static void freed_from_inside(void **state)
{
	struct loop *l = loop_new();

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct pipe_end p = pipe_end(l);

		p.watch = watch_new(l, p.ours, &p);
		p.free_inside = true;
		check("written", write(p.theirs, "abc", 3) == 3);
		if (i != 1)
			watch_read(p.watch, on_readable);
		if (i != 0)
			watch_write_once(p.watch, on_writable);
		turn_until(l, 1000, !p.watch);
		turn_for(l, 5);
		check("called once", p.readable + p.writable == 1);
		check("the descriptor is its owner's", write(p.ours, "x", 1) == 1);
		close_pipe(&p);
	}
	loop_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading),
		cmocka_unit_test(writing),
		cmocka_unit_test(other_end_closed),
		cmocka_unit_test(freed_from_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
