/*
 * staff_events.c - what Amplitude is told of a request: who (our id of the user), from where and
 * with what, and a few plain facts. Nothing that anybody wrote is among them.
 */
#include "analytics.h"

#include "clock.h"
#include "id.h"
#include "worker.h"

#define EVENT_MAX 4096
#define AGENT_MAX 256
#define LANGUAGE_MAX 12

/* ---- what a browser says of itself ---- */

/* The first that occurs counts: Edge and Opera say Chrome as well, and Chrome says Safari. */
static const char *first_of(struct str agent, const char *const (*rows)[2], size_t num)
{
	for (size_t i = 0; i < num; i++)
		if (agent.len && memmem(agent.p, agent.len, rows[i][0], strlen(rows[i][0])))
			return rows[i][1];
	return NULL;
}

static const char *os_of(struct str agent)
{
	static const char *const rows[][2] = {
		{ "iPhone", "iOS" },	{ "iPad", "iOS" },	  { "Android", "Android" },
		{ "CrOS", "ChromeOS" }, { "Windows", "Windows" }, { "Mac OS X", "macOS" },
		{ "Linux", "Linux" },
	};

	return first_of(agent, rows, sizeof(rows) / sizeof(*rows));
}

/* "Chrome 126" */
static struct str browser_of(struct arena *a, struct str agent)
{
	static const char *const rows[][2] = {
		{ "Edg/", "Edge" },	  { "OPR/", "Opera" },	  { "Firefox/", "Firefox" },
		{ "FxiOS/", "Firefox" },  { "CriOS/", "Chrome" }, { "Chrome/", "Chrome" },
		{ "Version/", "Safari" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *at = agent.len ? memmem(agent.p, agent.len, rows[i][0],
						    strlen(rows[i][0])) :
					     NULL;
		struct str rest = at ? str_from(agent,
						(size_t)(at - agent.p) + strlen(rows[i][0])) :
				       STR("");
		size_t n = 0;

		while (n < rest.len && n < 4 && rest.p[n] >= '0' && rest.p[n] <= '9')
			n++;
		if (n)
			return arena_printf(a, "%s %.*s", rows[i][1], (int)n, rest.p);
	}
	return STR("");
}

/* "es-MX" of "es-MX,es;q=0.9" */
static struct str language_of(struct str accept)
{
	size_t n = 0;

	while (n < accept.len && n < LANGUAGE_MAX &&
	       (accept.p[n] == '-' || (accept.p[n] >= 'a' && accept.p[n] <= 'z') ||
		(accept.p[n] >= 'A' && accept.p[n] <= 'Z')))
		n++;
	return (struct str){ accept.p, n };
}

static void put_client(struct buf *b, const struct exchange *x, struct str agent)
{
	const char *os = os_of(agent);
	struct str language = language_of(exchange_header(x, "accept-language"));

	json_put_str(b, "platform", os ? STR("Web") : STR("Other"));
	if (os)
		json_put_str(b, "os_name", str_of(os));
	if (agent.len && agent.len <= AGENT_MAX && str_is_text(agent))
		json_put_str(b, "user_agent", agent);
	if (language.len)
		json_put_str(b, "language", language);
	json_put_str(b, "ip", str_of(x->ip));
}

/* ---- an event ---- */

/* Up to the opening of its properties. `kind`: user_id or device_id. */
static void begin(struct buf *b, const char *type, const char *kind, struct str who, int64_t at_ms)
{
	struct id id = id_new("evt", clock_wall_ms());

	json_open(b, NULL, '{');
	json_put_str(b, "event_type", str_of(type));
	json_put_str(b, kind, who);
	json_put_str(b, "insert_id", id_str(&id));
	json_put_int(b, "time", at_ms);
}

/* What staff did at an account. size, channel: 0 and NULL when there is none. */
static void tell(struct exchange *x, const char *type, struct str user, struct str account,
		 int64_t size, const char *channel)
{
	struct analytics *n = worker_of(x)->analytics;
	struct str agent = exchange_header(x, "user-agent");

	if (!n || !id_valid(user, "usr"))
		return; /* off, or a server */
	struct buf b = buf_new(x->arena, EVENT_MAX);
	struct str browser = browser_of(x->arena, agent);

	struct str version = analytics_version(n);

	begin(&b, type, "user_id", user, clock_wall_ms());
	if (version.len)
		json_put_str(&b, "app_version", version);
	put_client(&b, x, agent);
	json_open(&b, "event_properties", '{');
	json_put_str(&b, "account", account);
	if (browser.len)
		json_put_str(&b, "browser", browser);
	if (size)
		json_put_int(&b, "party_size", size);
	if (channel)
		json_put_str(&b, "channel", str_of(channel));
	json_close(&b, '}');
	json_close(&b, '}');
	analytics_push(n, user, buf_str(&b));
}

void analytics_signed_in(struct exchange *x, struct str body)
{
	const char *why;
	const struct json *session = json_parse(x->arena, body, &why);

	tell(x, "sign-in", json_str(json_get(session, "user"), "id"),
	     json_str(json_get(session, "account"), "id"), 0, NULL);
}

void analytics_signed_out(struct exchange *x, struct str body)
{
	(void)body;
	tell(x, "sign-out", str_of(x->user), str_of(x->account), 0, NULL);
}

/* Party, changed, text: as PartyChanged in openapi.json. */
static void tell_party(struct exchange *x, const char *type, struct str body, bool if_told)
{
	const char *why;
	const struct json *answer = json_parse(x->arena, body, &why);
	const struct json *changed = json_get(answer, "changed"), *text = json_get(answer, "text");
	const struct json *texted = json_get(text, "texted"), *called = json_get(text, "called");
	bool by_text = texted && texted->boolean, by_call = called && called->boolean;
	int64_t size = 0;

	json_int(json_get(json_get(answer, "party"), "size"), &size);
	if (changed && changed->boolean && (by_text || by_call || !if_told))
		tell(x, type, str_of(x->user), str_of(x->account), size,
		     !if_told ? NULL :
		     by_call  ? "voice" :
				"sms");
}

void analytics_party_added(struct exchange *x, struct str body)
{
	tell_party(x, "party added", body, false);
}

void analytics_notified(struct exchange *x, struct str body)
{
	tell_party(x, "notification sent", body, true);
}

void analytics_crashed(struct analytics *n, struct str device, struct str signal, int64_t at_ms)
{
	struct arena *a = arena_new();
	struct buf b = buf_new(a, EVENT_MAX);

	begin(&b, "crash", "device_id", device, at_ms);
	if (n && analytics_version(n).len)
		json_put_str(&b, "app_version", analytics_version(n));
	json_open(&b, "event_properties", '{');
	json_put_str(&b, "signal", signal);
	json_close(&b, '}');
	json_close(&b, '}');
	analytics_push(n, device, buf_str(&b));
	arena_free(a);
}
