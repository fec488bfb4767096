/* twilio_request.c - requests to Twilio: forms, with Basic credentials. */
#include "requests.h"
#include "secret.h"

static struct str basic_authorization(struct arena *a, const struct carrier_account *account)
{
	struct str plain = arena_printf(a, STR_FMT ":" STR_FMT, STR_ARG(account->user),
					STR_ARG(account->secret));

	return arena_printf(a, "Basic " STR_FMT, STR_ARG(secret_base64(a, plain)));
}

static struct str url_of(struct arena *a, const struct carrier_account *account, struct str what)
{
	return arena_printf(a, STR_FMT "/2010-04-01/Accounts/" STR_FMT "/" STR_FMT,
			    STR_ARG(account->base_url), STR_ARG(account->id), STR_ARG(what));
}

void twilio_build_get(struct arena *a, const struct carrier_account *account, struct str what,
		      struct http_request *out)
{
	struct http_header *headers = arena_zero(a, 2 * sizeof(*headers));

	headers[0] = (struct http_header){ STR("Authorization"), basic_authorization(a, account) };
	headers[1] = (struct http_header){ STR("Accept"), STR("application/json") };
	*out = (struct http_request){
		.method = STR("GET"),
		.url = url_of(a, account, what),
		.headers = headers,
		.header_num = 2,
	};
}

void twilio_build_post(struct arena *a, const struct carrier_account *account, struct str what,
		       struct str form, struct http_request *out)
{
	struct http_header *headers = arena_zero(a, 3 * sizeof(*headers));

	headers[0] = (struct http_header){ STR("Authorization"), basic_authorization(a, account) };
	headers[1] = (struct http_header){ STR("Content-Type"),
					   STR("application/x-www-form-urlencoded") };
	headers[2] = (struct http_header){ STR("Accept"), STR("application/json") };
	*out = (struct http_request){
		.method = STR("POST"),
		.url = url_of(a, account, what),
		.body = form,
		.headers = headers,
		.header_num = 3,
	};
}
