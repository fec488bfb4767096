/* endpoints.c - from an endpoint's id and version to its secret. */
#include "endpoints.h"

#include "json.h"
#include "worker.h"

struct str endpoints_secret(struct exchange *x, struct str body)
{
	const struct signing_keys *keys = worker_of(x)->signing;
	const char *why;
	const struct json *shown = json_parse(x->arena, body, &why);
	int64_t version;

	if (!keys->num || !json_int(json_get(shown, "secret_version"), &version))
		return STR("");
	return signing_secret(x->arena, keys, json_str(shown, "id"), version);
}
