/* front_door.c - https only, and no more than API_RATE. */
#include "front_door.h"

#include "clock.h"
#include "guest_pages.h"
#include "reply.h"
#include "worker.h"

static bool of_carriers(const struct exchange *x)
{
	return str_starts(x->path, STR("/webhooks/"));
}

static bool probe(const struct exchange *x)
{
	return str_is(x->path, "/healthz") || str_is(x->path, "/readyz");
}

bool front_door_secure(struct exchange *x)
{
	struct str url = worker_of(x)->config->public_url;
	bool reads = str_is(x->request.method, "GET") || str_is(x->request.method, "HEAD");

	if (!x->plain || !x->https || probe(x))
		return true;
	if (!reads || of_carriers(x) || str_starts(x->path, STR("/v1/"))) {
		reply_problem(
			x, ERR_FORBIDDEN, NULL,
			"Use https. What was sent by http may have been read: change the key.");
		return false;
	}
	exchange_add_header(
		x, "location",
		arena_printf(x->arena, STR_FMT STR_FMT, STR_ARG(url), STR_ARG(x->request.url)));
	exchange_reply(x, 308, STR("text/plain"), STR(""));
	return false;
}

/* A guest's token stands for them as a key does for its holder: who guesses them pays each time. */
static struct str sender(const struct exchange *x)
{
	static const struct str guests[] = { STR("/g/"), STR("/v1/guest/") };

	for (size_t i = 0; i < sizeof(guests) / sizeof(*guests); i++)
		if (str_starts(x->path, guests[i])) {
			struct str rest = str_from(x->path, guests[i].len);

			return str_cut(&rest, '/');
		}
	return exchange_header(x, "authorization");
}

static void refuse(struct exchange *x)
{
	if (guest_pages_own(x))
		guest_pages_slow_down(x);
	else
		reply_limited(x, 1, "You ask too often. Wait a second, then ask more slowly.");
}

bool front_door_admit(struct exchange *x)
{
	struct limiter *l = worker_of(x)->limiter;

	/* those have to come through */
	if (!l || of_carriers(x) || probe(x) || limiter_admit(l, x, sender(x), clock_mono_ms()))
		return true;
	refuse(x);
	return false;
}

bool front_door_admit_account(struct exchange *x, struct str account)
{
	struct limiter *l = worker_of(x)->accounts;

	if (!l || limiter_take(l, account, STR(""), clock_mono_ms()).admitted)
		return true;
	reply_limited(x, 1, "All who are signed in here ask too often. Wait a second.");
	return false;
}
