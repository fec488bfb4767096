/* recurly.c - the bytes, and what they mean. */
#include "recurly.h"

#include <inttypes.h>

#include "rfc3339.h"
#include "secret.h"

#define BODY_MAX 1024

/* ---- webhooks ---- */

static bool made_by(struct arena *a, struct str key, struct str text, struct str signature)
{
	uint8_t mac[SHA256_BYTES];

	secret_hmac_sha256(key, text, mac);
	return secret_equal(secret_hex(a, (struct str){ (const char *)mac, sizeof(mac) }),
			    signature);
}

bool recurly_signed(struct arena *a, const struct recurly *r, struct str header, struct str body,
		    int64_t now_ms, const char **why)
{
	struct str rest = header, stamp = str_trim(str_cut(&rest, ','));
	bool valid = false;
	long long ms;

	*why = "it is not signed";
	if (!header.len)
		return false;
	*why = "its time cannot be read";
	if (!str_number(stamp, &ms))
		return false;
	*why = "it was signed more than five minutes ago, or will be";
	if (ms > now_ms + RECURLY_TOLERANCE_MS || ms < now_ms - RECURLY_TOLERANCE_MS)
		return false;
	struct str text = arena_printf(a, STR_FMT "." STR_FMT, STR_ARG(stamp), STR_ARG(body));

	while (rest.len) {
		struct str signature = str_trim(str_cut(&rest, ','));

		for (size_t i = 0; i < r->webhook_key_num; i++)
			valid |= made_by(a, r->webhook_keys[i], text, signature);
	}
	*why = "its signature is not made with one of our keys";
	return valid;
}

/* ---- requests ---- */

static void request(struct arena *a, const struct recurly *r, const char *method, struct str path,
		    struct http_request *out)
{
	struct http_header *h = arena_alloc(a, sizeof(*h) * RECURLY_HEADERS);
	struct str user = arena_printf(a, STR_FMT ":", STR_ARG(r->api_key));

	h[0] = (struct http_header){ STR("accept"), STR("application/vnd.recurly.v2021-02-25") };
	h[1] = (struct http_header){ STR("authorization"),
				     arena_printf(a, "Basic " STR_FMT,
						  STR_ARG(secret_base64(a, user))) };
	h[2] = (struct http_header){ STR("content-type"), STR("application/json") };
	*out = (struct http_request){
		.method = str_of(method),
		.url = arena_printf(a, STR_FMT STR_FMT, STR_ARG(r->base_url), STR_ARG(path)),
		.headers = h,
		.header_num = str_is(str_of(method), "POST") ? 3 : 2,
	};
}

static void get_of_account(struct arena *a, const struct recurly *r, struct str account,
			   const char *what, struct http_request *out)
{
	request(a, r, "GET",
		arena_printf(a, "/accounts/code-" STR_FMT "%s", STR_ARG(account), what), out);
}

void recurly_get_account(struct arena *a, const struct recurly *r, struct str account,
			 struct http_request *out)
{
	get_of_account(a, r, account, "", out);
}

void recurly_get_subscriptions(struct arena *a, const struct recurly *r, struct str account,
			       struct http_request *out)
{
	get_of_account(a, r, account, "/subscriptions?limit=50&sort=created_at&order=desc", out);
}

void recurly_get_overdue(struct arena *a, const struct recurly *r, struct str account,
			 struct http_request *out)
{
	get_of_account(a, r, account, "/invoices?limit=50&sort=created_at&order=asc&state=past_due",
		       out);
}

struct str recurly_tag(struct arena *a, const struct recurly_usage *u)
{
	return arena_printf(a, STR_FMT "-" STR_FMT "-%" PRId64, STR_ARG(u->account),
			    STR_ARG(u->day), u->seq);
}

static struct str usage_path(struct arena *a, const struct recurly *r,
			     const struct recurly_usage *u, struct str query)
{
	struct str code = u->call ? r->call_add_on : r->sms_add_on;

	return arena_printf(a, "/subscriptions/" STR_FMT "/add_ons/code-" STR_FMT "/usage" STR_FMT,
			    STR_ARG(u->subscription), STR_ARG(code), STR_ARG(query));
}

void recurly_find_usage(struct arena *a, const struct recurly *r, const struct recurly_usage *u,
			struct http_request *out)
{
	struct str query = arena_printf(
		a,
		"?limit=200&sort=usage_timestamp&order=asc&billing_status=all"
		"&begin_time=" STR_FMT "T00:00:00Z&end_time=" STR_FMT "T23:59:59Z",
		STR_ARG(u->day), STR_ARG(u->day));

	request(a, r, "GET", usage_path(a, r, u, query), out);
}

/* The last second of the day: the subscription may have begun during it. */
void recurly_post_usage(struct arena *a, const struct recurly *r, const struct recurly_usage *u,
			struct http_request *out)
{
	struct buf b = buf_new(a, BODY_MAX);
	struct str at = arena_printf(a, STR_FMT "T23:59:59Z", STR_ARG(u->day));

	json_open(&b, NULL, '{');
	json_put_str(&b, "merchant_tag", recurly_tag(a, u));
	json_put_int(&b, "amount", u->amount);
	json_put_str(&b, "recording_timestamp", at);
	json_put_str(&b, "usage_timestamp", at);
	json_close(&b, '}');
	request(a, r, "POST", usage_path(a, r, u, STR("")), out);
	out->body = buf_str(&b);
}

/* ---- answers ---- */

static int64_t time_of(const struct json *object, const char *name)
{
	int64_t ms;

	return rfc3339_parse(json_str(object, name), &ms) ? ms : 0;
}

/* In this order: the first that an account has one of is what counts. */
static const struct {
	const char *state, *since, *until;
} states[] = {
	{ "active", "activated_at", NULL },
	{ "canceled", "canceled_at", "current_period_ends_at" },
	{ "paused", "paused_at", "resume_at" },
	{ "future", "created_at", "current_period_started_at" },
	{ "failed", "expires_at", NULL },
	{ "expired", "expires_at", NULL },
};

#define STATES (sizeof(states) / sizeof(*states))

static size_t rank_of(const struct json *subscription)
{
	size_t i = 0;

	while (i < STATES && !str_is(json_str(subscription, "state"), states[i].state))
		i++;
	return i;
}

bool recurly_read_subscriptions(const struct json *list, struct recurly_state *out)
{
	const struct json *data = json_get(list, "data"), *best = NULL;

	*out = (struct recurly_state){ .state = "none" };
	if (!data || data->type != JSON_ARRAY)
		return false;
	for (const struct json *s = data->first; s; s = s->next) {
		if (rank_of(s) == STATES || !json_str(s, "id").len)
			return false;
		/* of those that have ended the latest: they come in that order */
		if (!best || (rank_of(s) < rank_of(best) && rank_of(s) < 4))
			best = s;
	}
	if (!best)
		return true;
	size_t i = rank_of(best);
	int64_t began = time_of(best, "activated_at");

	*out = (struct recurly_state){
		.state = states[i].state,
		.began_ms = began ? began : time_of(best, "created_at"),
		.since_ms = time_of(best, states[i].since),
		.until_ms = states[i].until ? time_of(best, states[i].until) : 0,
		.subscription = json_str(best, "id"),
	};
	return true;
}

void recurly_read_overdue(const struct json *invoices, struct recurly_state *io)
{
	const struct json *data = json_get(invoices, "data");
	int64_t oldest = 0;

	if (!str_is(str_of(io->state), "active"))
		return;
	for (const struct json *i = data ? data->first : NULL; i; i = i->next) {
		int64_t due = time_of(i, "due_at");

		if (str_is(json_str(i, "state"), "past_due") && (!oldest || due < oldest))
			oldest = due;
	}
	io->state = "past_due";
	io->since_ms = oldest;
}

enum recurly_found recurly_read_usage(const struct json *list, struct str tag, struct str *id)
{
	const struct json *data = json_get(list, "data"), *more = json_get(list, "has_more");

	if (!data || data->type != JSON_ARRAY)
		return RECURLY_UNSURE;
	for (const struct json *u = data->first; u; u = u->next)
		if (str_eq(json_str(u, "merchant_tag"), tag)) {
			*id = json_str(u, "id");
			return id->len ? RECURLY_THERE : RECURLY_UNSURE;
		}
	return more && more->type == JSON_BOOL && !more->boolean ? RECURLY_ABSENT : RECURLY_UNSURE;
}

int64_t recurly_rest_ms(const struct http_response *r, int64_t now_ms)
{
	struct str reset = http_find(r->headers, r->header_num, STR("x-ratelimit-reset"));
	long long at_s;
	int64_t ms = 60000;

	if (str_number(str_trim(reset), &at_s) && at_s < INT64_MAX / 1000)
		ms = at_s * 1000 - now_ms;
	return ms < 1000 ? 1000 : ms > 600000 ? 600000 : ms;
}
