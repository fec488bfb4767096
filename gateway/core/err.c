/* err.c - the one table of what the outside is told about each failure. */
#include "err.h"

#include <assert.h>
#include <string.h>

static const struct err_info table[ERR_NUM] = {
	[ERR_NONE] = { 200, "ok", "OK", false },
	[ERR_BAD_REQUEST] = { 400, "bad_request", "The request cannot be read", false },
	[ERR_INVALID_FIELD] = { 422, "invalid_field", "A field is not acceptable", false },
	[ERR_UNAUTHORIZED] = { 401, "unauthorized", "A valid API key or session is needed", false },
	[ERR_BILLING] = { 402, "billing", "The subscription does not allow this", false },
	[ERR_FORBIDDEN] = { 403, "forbidden", "Not allowed", false },
	[ERR_NOT_FOUND] = { 404, "not_found", "There is nothing here", false },
	[ERR_METHOD] = { 405, "method_not_allowed", "This method does not work here", false },
	[ERR_CONFLICT] = { 409, "conflict", "Its present state does not allow this", false },
	[ERR_OPTED_OUT] = { 409, "opted_out", "The guest asked not to be texted", false },
	[ERR_FLAGGED] = { 409, "flagged", "The guest may have asked not to be texted", false },
	[ERR_KEY_REUSED] = { 422, "idempotency_key_reused",
			     "This Idempotency-Key was used for another request", false },
	[ERR_IN_FLIGHT] = { 409, "idempotency_in_flight",
			    "The first request with this Idempotency-Key is not done yet", true },
	[ERR_LIMITED] = { 429, "rate_limited", "Too many requests; wait a little", false },
	[ERR_TOO_LARGE] = { 413, "too_large", "The request is too large", false },
	[ERR_MEDIA_TYPE] = { 415, "media_type", "This content type is not understood", false },
	[ERR_DATABASE] = { 500, "database_error", "The database refused this; it was logged",
			   false },
	[ERR_UNAVAILABLE] = { 503, "unavailable", "Busy or restarting; try again shortly", true },
	[ERR_INTERNAL] = { 500, "internal_error", "Something broke here; it was logged", false },
};

const struct err_info *err_info(enum err e)
{
	assert(e >= 0 && e < ERR_NUM);
	return &table[e];
}

enum err err_of_code(const char *code)
{
	for (int e = 1; e < ERR_NUM; e++)
		if (strcmp(table[e].code, code) == 0)
			return (enum err)e;
	return ERR_INTERNAL;
}
