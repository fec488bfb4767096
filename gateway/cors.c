/* cors.c - answers the browser's question whether another site's page may call. */
#include "cors.h"

bool cors_fits(struct str origins, struct str origin)
{
	while (origins.len)
		if (str_eq(str_trim(str_cut(&origins, ',')), origin))
			return origin.len;
	return false;
}

bool cors_begin(struct exchange *x, struct str origins)
{
	struct str origin = exchange_header(x, "origin");

	if (!origins.len)
		return false;
	exchange_add_header(x, "vary", STR("Origin"));
	if (!cors_fits(origins, origin))
		return false;
	exchange_add_header(x, "access-control-allow-origin", origin);
	exchange_add_header(x, "access-control-expose-headers",
			    STR("content-disposition, idempotency-replayed, location, ratelimit, "
				"ratelimit-policy, retry-after, x-request-id"));
	return str_is(x->request.method, "OPTIONS") &&
	       exchange_header(x, "access-control-request-method").len;
}

void cors_preflight(struct exchange *x, struct str methods)
{
	exchange_add_header(x, "access-control-allow-methods", methods);
	exchange_add_header(x, "access-control-allow-headers",
			    STR("authorization, content-type, idempotency-key, last-event-id, "
				"x-request-id"));
	exchange_add_header(x, "access-control-max-age", STR("600"));
	exchange_reply(x, 204, STR(""), STR(""));
}
