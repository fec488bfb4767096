/* console.c - the page of the console, its parts, and what it may load and ask. */
#include "console.h"

#include "reply.h"
#include "serve.h"
#include "worker.h"

/* Everything is ours; beside the board of a demonstration stand the simulated phones, at /sim. */
static const char *policy(const struct exchange *x)
{
	struct str phones = worker_of(x)->config->phones_url;

	return arena_printf(x->arena,
			    "default-src 'none'; script-src 'self'; style-src 'self'; "
			    "img-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
			    "worker-src 'self'; frame-src 'self' " STR_FMT "; base-uri 'none'; "
			    "form-action 'none'; frame-ancestors 'none'",
			    STR_ARG(phones))
		.p;
}

void console_page(struct exchange *x)
{
	bool demo = worker_of(x)->config->phones_url.len > 0;

	serve_asset(x, demo ? STR("console/demo.html") : STR("console/index.html"), policy(x));
}

void console_worker(struct exchange *x)
{
	serve_asset(x, STR("console/worker.js"), policy(x));
}

void console_file(struct exchange *x)
{
	struct str name = arena_printf(x->arena, "console/" STR_FMT, STR_ARG(x->params[0]));

	serve_asset(x, name, policy(x));
}
