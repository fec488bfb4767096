/*
 * docs.c - Swagger UI and its document, and the page of personal links, from the binary: no other
 * server is asked for anything.
 */
#include "docs.h"

#include <stdio.h>
#include <sysexits.h>

#include "assets.h"
#include "openapi.h"
#include "reply.h"

/* Swagger UI needs no more: its icons are data, and it sets styles as a script may. */
#define PAGE_POLICY                                                                                \
	"default-src 'none'; script-src 'self'; style-src 'self'; "                                \
	"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "          \
	"frame-ancestors 'none'"

/* RFC 9110, section 12.5.3, as far as browsers use it: gzip is named, and not with q=0. */
static bool takes_gzip(const struct exchange *x)
{
	struct str rest = exchange_header(x, "accept-encoding");

	while (rest.len) {
		struct str weight = str_cut(&rest, ','), name = str_cut(&weight, ';');

		if (!str_eq_fold(str_trim(name), STR("gzip")))
			continue;
		weight = str_trim(weight);
		for (size_t i = 2; str_starts(weight, STR("q=0")) && i < weight.len; i++)
			if (weight.p[i] >= '1' && weight.p[i] <= '9')
				return true;
		return !str_starts(weight, STR("q=0"));
	}
	return false;
}

static void reply_asset(struct exchange *x, struct str name)
{
	struct arena *a = x->arena;
	const struct asset *plain = asset_find(arena_printf(a, "docs/" STR_FMT, STR_ARG(name)).p);
	const struct asset *packed = asset_find(
		arena_printf(a, "docs/" STR_FMT ".gz", STR_ARG(name)).p);

	if (!plain || !packed) {
		reply_problem(x, ERR_NOT_FOUND, NULL, "The documentation has no such file.");
		return;
	}
	bool gzip = takes_gzip(x);
	const struct asset *asset = gzip ? packed : plain;
	struct str tag = arena_printf(a, "\"%s\"", asset->hash);

	exchange_add_header(x, "content-security-policy", STR(PAGE_POLICY));
	exchange_add_header(x, "cache-control", STR("no-cache")); /* ask whether it is the same */
	exchange_add_header(x, "etag", tag);
	exchange_add_header(x, "vary", STR("Accept-Encoding"));
	if (str_eq(exchange_header(x, "if-none-match"), tag)) {
		exchange_reply(x, 304, STR(""), STR(""));
		return;
	}
	if (gzip)
		exchange_add_header(x, "content-encoding", STR("gzip"));
	exchange_reply(x, 200, str_of(asset->type),
		       (struct str){ (const char *)asset->bytes, asset->len });
}

void docs_page(struct exchange *x)
{
	reply_asset(x, STR("docs.html"));
}

void docs_join(struct exchange *x)
{
	reply_asset(x, STR("join.html"));
}

void docs_file(struct exchange *x)
{
	reply_asset(x, x->params[0]);
}

void docs_openapi(struct exchange *x)
{
	reply_json(x, 200, openapi_document());
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
