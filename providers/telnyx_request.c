/* telnyx_request.c - requests to Telnyx, with the API key. */
#include "requests.h"

static struct str bearer(struct arena *a, const struct carrier_account *account)
{
	return arena_printf(a, "Bearer " STR_FMT, STR_ARG(account->secret));
}

static struct str url_of(struct arena *a, const struct carrier_account *account, struct str path)
{
	return arena_printf(a, STR_FMT "/v2/" STR_FMT, STR_ARG(account->base_url), STR_ARG(path));
}

void telnyx_build_get(struct arena *a, const struct carrier_account *account, struct str path,
		      struct http_request *out)
{
	struct http_header *headers = arena_zero(a, 2 * sizeof(*headers));

	headers[0] = (struct http_header){ STR("Authorization"), bearer(a, account) };
	headers[1] = (struct http_header){ STR("Accept"), STR("application/json") };
	*out = (struct http_request){
		.method = STR("GET"),
		.url = url_of(a, account, path),
		.headers = headers,
		.header_num = 2,
	};
}

static void build_post(struct arena *a, const struct carrier_account *account, struct str path,
		       struct str type, struct http_request *out)
{
	struct http_header *headers = arena_zero(a, 3 * sizeof(*headers));

	headers[0] = (struct http_header){ STR("Authorization"), bearer(a, account) };
	headers[1] = (struct http_header){ STR("Content-Type"), type };
	headers[2] = (struct http_header){ STR("Accept"), STR("application/json") };
	*out = (struct http_request){
		.method = STR("POST"),
		.url = url_of(a, account, path),
		.headers = headers,
		.header_num = 3,
	};
}

void telnyx_build_post(struct arena *a, const struct carrier_account *account, struct str path,
		       struct str json, struct http_request *out)
{
	build_post(a, account, path, STR("application/json"), out);
	out->body = json;
}

void telnyx_build_form(struct arena *a, const struct carrier_account *account, struct str path,
		       struct str form, struct http_request *out)
{
	build_post(a, account, path, STR("application/x-www-form-urlencoded"), out);
	out->body = form;
}
