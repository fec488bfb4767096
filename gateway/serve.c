/* serve.c - a file from the binary: which form of it, whether the client has it, for how long. */
#include "serve.h"

#include <ctype.h>

#include "assets.h"
#include "reply.h"

#define NAME_HASH 8

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

/* "app-4J2K7QXA.js": other bytes would have another name. */
static bool named_by_hash(const char *path)
{
	const char *hash = strrchr(path, '-');
	size_t n = 0;

	while (hash && (isupper((unsigned char)hash[n + 1]) || isdigit((unsigned char)hash[n + 1])))
		n++;
	return n == NAME_HASH && hash[n + 1] == '.';
}

void serve_asset(struct exchange *x, struct str path, const char *policy)
{
	struct arena *a = x->arena;
	const struct asset *plain = asset_find(arena_cstr(a, path));
	const struct asset *packed = asset_find(arena_printf(a, STR_FMT ".gz", STR_ARG(path)).p);

	if (!plain) {
		reply_problem(x, ERR_NOT_FOUND, NULL, "There is no such file.");
		return;
	}
	bool gzip = packed && takes_gzip(x);
	const struct asset *asset = gzip ? packed : plain;
	struct str tag = arena_printf(a, "\"%s\"", asset->hash);

	exchange_add_header(x, "content-security-policy", str_of(policy));
	exchange_add_header(x, "cache-control",
			    named_by_hash(plain->path) ?
				    STR("public, max-age=31536000, immutable") :
				    STR("no-cache")); /* ask whether it is the same */
	exchange_add_header(x, "etag", tag);
	if (packed)
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
