/*
 * docs.c - Swagger UI and its document, and the page of personal links, from the binary: no other
 * server is asked for anything. And the way to the simulated phones.
 */
#include "docs.h"

#include <stdio.h>
#include <sysexits.h>

#include "openapi.h"
#include "reply.h"
#include "serve.h"
#include "worker.h"

/* Swagger UI needs no more: its icons are data, and it sets styles as a script may. */
#define PAGE_POLICY                                                                                \
	"default-src 'none'; script-src 'self'; style-src 'self'; "                                \
	"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "          \
	"frame-ancestors 'none'"

void docs_page(struct exchange *x)
{
	serve_asset(x, STR("docs/docs.html"), PAGE_POLICY);
}

void docs_join(struct exchange *x)
{
	serve_asset(x, STR("docs/join.html"), PAGE_POLICY);
}

void docs_file(struct exchange *x)
{
	serve_asset(x, arena_printf(x->arena, "docs/" STR_FMT, STR_ARG(x->params[0])), PAGE_POLICY);
}

void docs_openapi(struct exchange *x)
{
	reply_json(x, 200, openapi_document());
}

void docs_phones(struct exchange *x)
{
	struct str phones = worker_of(x)->config->phones_url;

	if (!phones.len) {
		reply_problem(x, ERR_NOT_FOUND, NULL, "The phones here are real ones.");
		return;
	}
	exchange_add_header(x, "location",
			    arena_printf(x->arena, STR_FMT "%s" STR_FMT, STR_ARG(phones),
					 x->query.len ? "?" : "", STR_ARG(x->query)));
	exchange_reply(x, 302, STR("text/plain"), STR(""));
}

int openapi_main(int argc, char **argv)
{
	struct str document = openapi_document();

	if (argc > 1) {
		fprintf(stderr, "maitred %s: it takes no arguments. Try: maitred --help\n",
			argv[0]);
		return EX_USAGE;
	}
	fwrite(document.p, 1, document.len, stdout);
	putchar('\n');
	return EX_OK;
}
