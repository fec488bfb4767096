/*
 * recurly.h - Recurly's API, version v2021-02-25, as pure functions between our values and its
 * bytes: signatures of webhooks, requests, and what its answers mean.
 * Source: https://recurly.com/developers/api/v2021-02-25/ and recurly-client-go's webhook.go.
 */
#ifndef RECURLY_H
#define RECURLY_H

#include <stdint.h>

#include "http.h"
#include "json.h"

#define RECURLY_KEYS_MAX 4
#define RECURLY_HEADERS 3

struct recurly {
	struct str base_url, api_key;
	struct str subdomain;		    /* of the hosted pages; empty: none */
	struct str sms_add_on, call_add_on; /* codes; empty: not metered */
	struct str webhook_keys[RECURLY_KEYS_MAX];
	size_t webhook_key_num;
};

/* Webhooks. */

#define RECURLY_TOLERANCE_MS 300000

/*
 * `header` is recurly-signature: "<Unix ms>,<hex>[,<hex>...]", each an HMAC-SHA256 of
 * "<ms>.<body>". Several while a key is rotated: one that is made by any of our keys will do.
 * False: *why, static.
 */
bool recurly_signed(struct arena *a, const struct recurly *r, struct str header, struct str body,
		    int64_t now_ms, const char **why);

/* Requests; all is in the arena. `account` is our id: the code of the account there. */

void recurly_get_account(struct arena *a, const struct recurly *r, struct str account,
			 struct http_request *out);
void recurly_get_subscriptions(struct arena *a, const struct recurly *r, struct str account,
			       struct http_request *out);
void recurly_get_overdue(struct arena *a, const struct recurly *r, struct str account,
			 struct http_request *out);

/* One day's segments or calls, or what they turned out to be more or less. */
struct recurly_usage {
	struct str account, day, subscription; /* day: YYYY-MM-DD, in UTC */
	int64_t seq, amount;
	bool call; /* else text */
};

/* Its name there, by which it is found again: there is no idempotency key. */
struct str recurly_tag(struct arena *a, const struct recurly_usage *u);
/* All usage of that day: it is looked through for the tag. */
void recurly_find_usage(struct arena *a, const struct recurly *r, const struct recurly_usage *u,
			struct http_request *out);
void recurly_post_usage(struct arena *a, const struct recurly *r, const struct recurly_usage *u,
			struct http_request *out);

/* Answers. */

/* What a subscription is; times in Unix ms, 0: none. Strings are borrowed from the answers. */
struct recurly_state {
	const char *state; /* as in billing.state */
	int64_t began_ms, since_ms, until_ms;
	struct str subscription;
};

/* Of the list, the one that counts: one that runs, else the latest. False: it makes no sense. */
bool recurly_read_subscriptions(const struct json *list, struct recurly_state *out);
/* What runs and has an invoice that is overdue: past_due since the oldest of them was. */
void recurly_read_overdue(const struct json *invoices, struct recurly_state *io);

enum recurly_found { RECURLY_THERE, RECURLY_ABSENT, RECURLY_UNSURE };

enum recurly_found recurly_read_usage(const struct json *list, struct str tag, struct str *id);

/* How long to ask nothing, as a 429 says: X-RateLimit-Reset is in Unix seconds. 1 s to 10 min. */
int64_t recurly_rest_ms(const struct http_response *r, int64_t now_ms);

#endif
