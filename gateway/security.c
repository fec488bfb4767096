/* security.c - what is told of who was turned away: never a credential, and nothing of a body. */
#include "security.h"

#include <ctype.h>

#include "access.h"
#include "log.h"
#include "metrics.h"
#include "router.h"

#define AGENT_MAX 100

static const char *name_of(const struct exchange *x, int status)
{
	if (x->suspect)
		return x->suspect;
	if (status == 401) /* a browser that has not signed in yet sends none */
		return exchange_header(x, "authorization").len ? "credential_refused" : NULL;
	return status == 403 ? "not_allowed" : status == 429 ? "rate_limited" : NULL;
}

/* In a line of key=value: nobody's browser adds one of its own. */
static struct str agent_of(const struct exchange *x)
{
	struct str given = exchange_header(x, "user-agent");
	size_t n = given.len < AGENT_MAX ? given.len : AGENT_MAX;
	char *out = arena_alloc(x->arena, n + 1);

	for (size_t i = 0; i < n; i++)
		out[i] = isalnum((unsigned char)given.p[i]) || strchr(" ().,;:/_-", given.p[i]) ?
				 given.p[i] :
				 '?';
	return (struct str){ out, n };
}

void security_note(struct exchange *x, int status)
{
	static _Thread_local struct log_ration ration;
	const char *name = name_of(x, status);

	if (!name)
		return;
	metrics_count(METRIC_SECURITY, LABELS(name));
	if (!log_ration(&ration))
		return;
	struct str agent = agent_of(x), trail = access_trail(x);

	log_warn("security",
		 "evt.name=%s evt.category=security evt.outcome=failure http.method=%s "
		 "http.status_code=%d http.url_details.path=%s network.client.ip=%s "
		 "http.useragent=" STR_FMT " " STR_FMT,
		 name, x->route ? x->route->method : "none", status,
		 x->route ? x->route->path : "none", x->ip, STR_ARG(agent), STR_ARG(trail));
}
