/*
 * analytics.h - tells Amplitude what staff do: sign-in, sign-out, party added, notification sent;
 * and crashes. Never a guest's name, number or words, nor a member of staff's name or address.
 * Events wait in memory, at most 1,000 of a worker, the oldest are dropped; no answer waits for
 * them.
 */
#ifndef ANALYTICS_H
#define ANALYTICS_H

#include "exchange.h"
#include "http_client.h"

struct analytics;

struct analytics_settings {
	struct loop *loop;
	struct http_client *http;
	unsigned timeout_ms;			   /* of a request */
	struct str api_key, base_url, app_version; /* borrowed; app_version may be empty */
};

struct analytics *analytics_new(const struct analytics_settings *s);
void analytics_free(struct analytics *n); /* after the HTTP client; NULL is harmless */
/* Sends what is there at once, and for 8 s again what fails; then drops it. */
void analytics_stop(struct analytics *n);
bool analytics_busy(const struct analytics *n);

/* For `after` in routes.c: each reads the answer that its endpoint is about to give. */
void analytics_signed_in(struct exchange *x, struct str body);
void analytics_signed_out(struct exchange *x, struct str body);
void analytics_party_added(struct exchange *x, struct str body);
void analytics_notified(struct exchange *x, struct str body);

/*
 * The process before this one crashed: `device` is whose (a host's name, 5 characters or more),
 * `signal` what ended it ("SIGSEGV"), at `at_ms` (Unix time). Before its worker's thread runs.
 */
void analytics_crashed(struct analytics *n, struct str device, struct str signal, int64_t at_ms);

struct str analytics_version(const struct analytics *n);
/* For the above: an event, a JSON object, of this user or device. Copied. NULL is harmless. */
void analytics_push(struct analytics *n, struct str who, struct str event);

#endif
