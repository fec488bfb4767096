/* doctor_main.c - `maitred doctor`: a line per check, and what mends it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "doctor.h"
#include "gateway.h"
#include "http_client.h"

#define REPORT_MAX (256 << 10)

static const char help[] =
	"Usage:\n"
	"  maitred doctor                 looks at all that has to be right, in a few seconds\n"
	"  maitred doctor --set-webhooks  also lets texts and calls of our numbers come here\n"
	"  maitred doctor --json          for machines\n"
	"\n"
	"It asks the database, PUBLIC_URL, the carriers and the mail server, whether a gateway\n"
	"runs or not, and changes nothing unless told to. Behind -> stands what mends it.\n"
	"The exit status: 0 when nothing fails, 69 when something does, 64 misuse.\n";

struct visit {
	struct loop *loop;
	bool json, set_webhooks, failed;
	bool busy_line; /* on the terminal, to be overwritten */
};

static void clear_line(struct visit *v)
{
	if (v->busy_line)
		fputs("\r\033[K", stderr);
	v->busy_line = false;
}

static void on_wait(void *ctx, struct str on)
{
	struct visit *v = ctx;

	if (!isatty(STDERR_FILENO))
		return;
	clear_line(v);
	if (on.len)
		fprintf(stderr, "looking at " STR_FMT "...", STR_ARG(on));
	v->busy_line = on.len;
	fflush(stderr);
}

static void print_finding(const struct finding *f)
{
	static const char *const colours[] = { "\033[32m", "\033[36m", "\033[33m", "\033[31m" };
	bool coloured = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");

	printf("%s%-5s%s %-22s " STR_FMT "\n", coloured ? colours[f->level] : "",
	       doctor_level_name(f->level), coloured ? "\033[0m" : "", f->check, STR_ARG(f->found));
	if (f->mend.len)
		printf("%28s -> " STR_FMT "\n", "", STR_ARG(f->mend));
}

static void print_json(const struct doctor_report *r)
{
	struct arena *a = arena_new();
	struct buf b = buf_new(a, REPORT_MAX);

	doctor_json(r, &b);
	printf(STR_FMT "\n", STR_ARG(buf_str(&b)));
	arena_free(a);
}

static void on_report(void *ctx, const struct doctor_report *r)
{
	struct visit *v = ctx;

	clear_line(v);
	v->failed = r->failed;
	if (v->json) {
		print_json(r);
	} else {
		for (const struct finding *f = r->first; f; f = f->next)
			print_finding(f);
		printf("%u ok, %u to look at, %u failed; %.1f s\n", r->ok, r->warned, r->failed,
		       (double)r->took_ms / 1000);
	}
	fflush(stdout);
	loop_stop(v->loop);
}

static int look(struct visit *v)
{
	struct arena *a = arena_new();
	struct buf problems = buf_new(a, GATEWAY_PROBLEMS_MAX);
	struct gateway g = { 0 };
	unsigned busy = 0;

	signal(SIGPIPE, SIG_IGN);
	gateway_read(&g, gateway_environment, &problems);
	http_client_trust(g.config.ssl_cert_file);
	v->loop = loop_new();
	const struct doctor_settings settings = {
		.loop = v->loop,
		.config = &g.config,
		.carriers = &g.carriers,
		.problems = buf_str(&problems),
		.set_webhooks = v->set_webhooks,
		.waits = on_wait,
		.done = on_report,
		.ctx = v,
	};

	doctor_start(&settings, &busy);
	loop_run(v->loop);
	if (!busy) { /* else a probe hangs, and the process ends over it */
		loop_free(v->loop);
		gateway_free(&g);
		arena_free(a);
	}
	return v->failed ? EX_UNAVAILABLE : EX_OK;
}

int doctor_main(int argc, char **argv)
{
	struct visit v = { 0 };

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			v.json = true;
		} else if (strcmp(argv[i], "--set-webhooks") == 0) {
			v.set_webhooks = true;
		} else {
			bool asked = strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0;

			fputs(help, asked ? stdout : stderr);
			return asked ? EX_OK : EX_USAGE;
		}
	}
	return look(&v);
}
