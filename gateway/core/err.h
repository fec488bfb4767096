/*
 * err.h - every way a request or an operation fails, and what the outside is told about each.
 */
#ifndef ERR_H
#define ERR_H

#include <stdbool.h>

enum err {
	ERR_NONE,
	ERR_BAD_REQUEST,   /* not HTTP, not JSON, not a form */
	ERR_INVALID_FIELD, /* a field is missing, of the wrong type or out of bounds */
	ERR_UNAUTHORIZED,  /* no key, or not one of ours */
	ERR_BILLING,	   /* the subscription is paused or has ended */
	ERR_FORBIDDEN,	   /* known, but may not; or a callback that is not the carrier's */
	ERR_NOT_FOUND,
	ERR_METHOD,	/* the path exists, the method does not */
	ERR_CONFLICT,	/* the state forbids it */
	ERR_OPTED_OUT,	/* the guest said STOP */
	ERR_FLAGGED,	/* the guest may have said it; staff decide */
	ERR_KEY_REUSED, /* Idempotency-Key with another body */
	ERR_IN_FLIGHT,	/* the first request with this Idempotency-Key is not answered yet */
	ERR_LIMITED,	/* too many requests */
	ERR_TOO_LARGE,
	ERR_MEDIA_TYPE,
	ERR_DATABASE,	 /* it answered with an error: our fault */
	ERR_UNAVAILABLE, /* overloaded, stopping, or the database is away: try again */
	ERR_INTERNAL,
	ERR_NUM
};

struct err_info {
	int http_status;
	const char *code;  /* "invalid_field": stable, for programs */
	const char *title; /* one plain phrase, for people */
	bool retry;	   /* the same request may succeed later: Retry-After is sent */
};

const struct err_info *err_info(enum err e);
/* The one with this code, which is an error's; ERR_INTERNAL when there is none. */
enum err err_of_code(const char *code);

#endif
