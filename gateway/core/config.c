/* config.c - the table of settings, and what is done with it. */
#include "config.h"

enum type { TYPE_STRING, TYPE_NUMBER, TYPE_URL, TYPE_CHOICE, TYPE_ORIGINS };

enum { REQUIRED = 1, SECRET = 2 };

struct setting {
	const char *name;
	enum type type;
	size_t offset;
	unsigned flags;
	const char *fallback; /* NULL: empty */
	long min, max;	      /* TYPE_NUMBER */
	const char *choices;  /* TYPE_CHOICE: separated by spaces */
	const char *help;
};

#define AT(member) offsetof(struct config, member)

/* In alphabetical order: config_table() prints it. */
static const struct setting table[] = {
	{ "AMPLITUDE_API_KEY", TYPE_STRING, AT(amplitude_api_key), SECRET, NULL, 0, 0, NULL,
	  "Tells Amplitude what staff do, never of guests; empty: nothing is told." },
	{ "AMPLITUDE_BASE_URL", TYPE_URL, AT(amplitude_base_url), 0, "https://api2.amplitude.com",
	  0, 0, NULL, "Amplitude's API; in Europe https://api.eu.amplitude.com." },
	{ "API_RATE", TYPE_NUMBER, AT(api_rate), 0, "100", 0, 1000000, NULL,
	  "Requests per second of each caller, per worker; 10 s worth at once. 0: no limit." },
	{ "BIND", TYPE_CHOICE, AT(bind), 0, "any", 0, 0, "any loopback",
	  "Which addresses to listen on." },
	{ "BODY_MAX_BYTES", TYPE_NUMBER, AT(body_max_bytes), 0, "65536", 1024, 1048576, NULL,
	  "The longest request body; longer ones get 413." },
	{ "CARRIER_ORDER", TYPE_CHOICE, AT(carrier_order), 0, "twilio,telnyx", 0, 0,
	  "twilio,telnyx telnyx,twilio twilio telnyx", "Which carrier is tried first." },
	{ "CORS_ORIGINS", TYPE_ORIGINS, AT(cors_origins), 0, NULL, 0, 0, NULL,
	  "Other sites whose pages may call the API, as https://x.example; separated by commas." },
	{ "CRASH_DIR", TYPE_STRING, AT(crash_dir), 0, NULL, 0, 0, NULL,
	  "A folder that keeps the last crash, so that the next start tells of it." },
	{ "DATABASE_CONNECTIONS", TYPE_NUMBER, AT(database_connections), 0, "0", 0, 100000, NULL,
	  "How many the database allows us, all processes together; 0: 7 for each worker." },
	{ "DATABASE_URL", TYPE_STRING, AT(database_url), REQUIRED | SECRET, NULL, 0, 0, NULL,
	  "PostgreSQL: a URL or a libpq connection string. To another machine by TLS, unless "
	  "sslmode says otherwise." },
	{ "DD_AGENT_HOST", TYPE_STRING, AT(dd_agent_host), 0, NULL, 0, 0, NULL,
	  "Sends metrics to the DogStatsD there, by UDP: an IPv4 address, or localhost." },
	{ "DD_DOGSTATSD_PORT", TYPE_NUMBER, AT(dd_dogstatsd_port), 0, "8125", 1, 65535, NULL,
	  "Its port." },
	{ "DD_ENV", TYPE_STRING, AT(dd_env), 0, NULL, 0, 0, NULL,
	  "Tags metrics: env, such as production; else Heroku's name of the app." },
	{ "DD_SERVICE", TYPE_STRING, AT(dd_service), 0, "maitred", 0, 0, NULL,
	  "Tags metrics and each line of the log: service." },
	{ "DD_VERSION", TYPE_STRING, AT(dd_version), 0, NULL, 0, 0, NULL,
	  "Tags metrics and each line of the log: version, what was deployed; else Heroku's "
	  "release." },
	{ "DEFAULT_REGION", TYPE_STRING, AT(default_region), 0, "US", 0, 0, NULL,
	  "Country of numbers written without one (ISO 3166, two letters)." },
	{ "DYNO", TYPE_STRING, AT(dyno), 0, NULL, 0, 0, NULL,
	  "Names this process in logs, metrics and what it claims; Heroku sets it." },
	{ "GRACE_S", TYPE_NUMBER, AT(grace_s), 0, "35", 1, 600, NULL,
	  "Seconds beyond VALIDITY_S after which a text can no longer leave the carrier." },
	{ "IDLE_S", TYPE_NUMBER, AT(idle_s), 0, "95", 1, 600, NULL,
	  "Seconds a connection may stay idle; more than the balancer's, which is 90 at Heroku." },
	{ "LINGER_S", TYPE_NUMBER, AT(linger_s), 0, "5", 0, 20, NULL,
	  "Seconds after SIGTERM that requests are still taken, while balancers turn to others." },
	{ "LOG_FORMAT", TYPE_CHOICE, AT(log_format), 0, "auto", 0, 0, "auto json text",
	  "One JSON object per line, or readable text; auto: text on a terminal." },
	{ "LOG_LEVEL", TYPE_CHOICE, AT(log_level), 0, "info", 0, 0, "debug info warn error",
	  "The least important lines to write." },
	{ "MAIL_FROM", TYPE_STRING, AT(mail_from), 0, NULL, 0, 0, NULL,
	  "Who our mail is from: an address, or Name <address>." },
	{ "MAIL_URL", TYPE_STRING, AT(mail_url), SECRET, NULL, 0, 0, NULL,
	  "Sends mail: smtp://user:password@host:587, smtps://..., or file:///folder in "
	  "development." },
	{ "MAX_CONNECTIONS", TYPE_NUMBER, AT(max_connections), 0, "10000", 1, 100000, NULL,
	  "Clients at once, per worker; more wait in the backlog." },
	{ "MESSAGE_TTL_S", TYPE_NUMBER, AT(message_ttl_s), 0, "14400", 60, 604800, NULL,
	  "Seconds after which an unsent message expires, unless it says otherwise." },
	{ "OPERATOR_TOKEN", TYPE_STRING, AT(operator_token), SECRET, NULL, 0, 0, NULL,
	  "GET /metrics and /doctor take it as Authorization: Bearer, or as a password; empty: "
	  "there are no such pages." },
	{ "PACE_10DLC", TYPE_NUMBER, AT(pace_10dlc), 0, "4", 0, 1000, NULL,
	  "Segments a second from a registered 10-digit number; 0: no limit." },
	{ "PACE_CALLS", TYPE_NUMBER, AT(pace_calls), 0, "1", 0, 1000, NULL,
	  "Calls begun a second through our account at each carrier; 0: no limit." },
	{ "PACE_LONG_CODE", TYPE_NUMBER, AT(pace_long_code), 0, "1", 0, 1000, NULL,
	  "The same from an unregistered or foreign long number." },
	{ "PACE_TOLL_FREE", TYPE_NUMBER, AT(pace_toll_free), 0, "3", 0, 1000, NULL,
	  "The same from a toll-free number." },
	{ "PASSWORD_COST", TYPE_NUMBER, AT(password_cost), 0, "12", 4, 16, NULL,
	  "bcrypt's cost; 12 or more but in tests." },
	{ "PHONES_URL", TYPE_URL, AT(phones_url), 0, NULL, 0, 0, NULL,
	  "Where the simulated phones are; only for demonstrations, set by maitred dev." },
	{ "PORT", TYPE_NUMBER, AT(port), 0, "8080", 0, 65535, NULL,
	  "The port to listen on; 0: any." },
	{ "PRIVACY_KEY", TYPE_STRING, AT(privacy_key), REQUIRED | SECRET, NULL, 0, 0, NULL,
	  "Hashes the numbers of guests who were erased: base64 of 32 to 64 bytes. Never change "
	  "it: their opt-outs would be forgotten." },
	{ "PROCESSES", TYPE_NUMBER, AT(processes), 0, "2", 1, 1000, NULL,
	  "How many run at once, old ones beside new while deploying: they share "
	  "DATABASE_CONNECTIONS." },
	{ "PUBLIC_URL", TYPE_URL, AT(public_url), REQUIRED, NULL, 0, 0, NULL,
	  "Where carriers reach this gateway. Callbacks are signed over it." },
	{ "RECEIPT_END_S", TYPE_NUMBER, AT(receipt_end_s), 0, "14400", 2, 604800, NULL,
	  "Seconds after which a text without a receipt stays sent, unconfirmed." },
	{ "RECEIPT_WAIT_S", TYPE_NUMBER, AT(receipt_wait_s), 0, "300", 1, 86400, NULL,
	  "Seconds without a receipt after which the carrier is asked for one." },
	{ "RECURLY_API_KEY", TYPE_STRING, AT(recurly_api_key), SECRET, NULL, 0, 0, NULL,
	  "Bills accounts by Recurly; empty: there is no billing." },
	{ "RECURLY_BASE_URL", TYPE_URL, AT(recurly_base_url), 0, "https://v3.recurly.com", 0, 0,
	  NULL, "Recurly's API; in Europe https://v3.eu.recurly.com." },
	{ "RECURLY_CALL_ADD_ON", TYPE_STRING, AT(recurly_call_add_on), 0, NULL, 0, 0, NULL,
	  "Code of the usage add-on that calls are posted to; empty: they are not." },
	{ "RECURLY_SMS_ADD_ON", TYPE_STRING, AT(recurly_sms_add_on), 0, NULL, 0, 0, NULL,
	  "Code of the usage add-on that segments of texts are posted to; empty: they are not." },
	{ "RECURLY_SUBDOMAIN", TYPE_STRING, AT(recurly_subdomain), 0, NULL, 0, 0, NULL,
	  "Of Recurly's hosted pages, where managers manage their subscription: x, or x.eu." },
	{ "RECURLY_WEBHOOK_KEYS", TYPE_STRING, AT(recurly_webhook_keys), SECRET, NULL, 0, 0, NULL,
	  "Verifies Recurly's webhooks; several while rotating, separated by commas." },
	{ "REQUEST_S", TYPE_NUMBER, AT(request_s), 0, "30", 1, 600, NULL,
	  "Seconds a client may take to send a request." },
	{ "SEND_CONCURRENCY", TYPE_NUMBER, AT(send_concurrency), 0, "100", 1, 1000, NULL,
	  "Requests to each carrier at once, per worker." },
	{ "SEND_TIMEOUT_S", TYPE_NUMBER, AT(send_timeout_s), 0, "10", 1, 30, NULL,
	  "Seconds a carrier may take to answer; then the outcome is unknown." },
	{ "SESSION_KEYS", TYPE_STRING, AT(session_keys), SECRET, NULL, 0, 0, NULL,
	  "Signs sessions: id:base64 of 32 bytes or more; several while rotating, separated by "
	  "commas: the first signs." },
	{ "SIM_PORT", TYPE_NUMBER, AT(sim_port), 0, "8081", 0, 65533, NULL,
	  "maitred dev: first of three ports of the simulated carriers." },
	{ "SSL_CERT_FILE", TYPE_STRING, AT(ssl_cert_file), 0, NULL, 0, 0, NULL,
	  "Certificate authorities to trust, as PEM, instead of the system's." },
	{ "TELNYX_ACCOUNT_ID", TYPE_STRING, AT(telnyx_account_id), 0, NULL, 0, 0, NULL,
	  "Our account at Telnyx, for calls." },
	{ "TELNYX_API_KEY", TYPE_STRING, AT(telnyx_api_key), SECRET, NULL, 0, 0, NULL,
	  "Sends through Telnyx." },
	{ "TELNYX_BASE_URL", TYPE_URL, AT(telnyx_base_url), 0, "https://api.telnyx.com", 0, 0, NULL,
	  "Telnyx's API." },
	{ "TELNYX_PACE", TYPE_NUMBER, AT(telnyx_pace), 0, "0", 0, 100000, NULL,
	  "Segments a second through our whole account at Telnyx; 0: no limit." },
	{ "TELNYX_PUBLIC_KEY", TYPE_STRING, AT(telnyx_public_key), 0, NULL, 0, 0, NULL,
	  "Verifies Telnyx's callbacks (base64); several while rotating, separated by commas." },
	{ "TELNYX_VOICE_APP", TYPE_STRING, AT(telnyx_voice_app), 0, NULL, 0, 0, NULL,
	  "The TeXML application that calls through Telnyx belong to." },
	{ "TRUST_PROXY", TYPE_CHOICE, AT(trust_proxy), 0, "no", 0, 0, "no yes",
	  "Behind a proxy that appends the client's address to X-Forwarded-For, as Heroku's." },
	{ "TWILIO_ACCOUNT_SID", TYPE_STRING, AT(twilio_account_sid), 0, NULL, 0, 0, NULL,
	  "Our account at Twilio (AC...)." },
	{ "TWILIO_API_KEY", TYPE_STRING, AT(twilio_api_key), 0, NULL, 0, 0, NULL,
	  "Sends through Twilio instead of the auth token (SK...)." },
	{ "TWILIO_API_SECRET", TYPE_STRING, AT(twilio_api_secret), SECRET, NULL, 0, 0, NULL,
	  "Goes with TWILIO_API_KEY." },
	{ "TWILIO_AUTH_TOKEN", TYPE_STRING, AT(twilio_auth_token), SECRET, NULL, 0, 0, NULL,
	  "Verifies Twilio's callbacks, and sends when there is no API key." },
	{ "TWILIO_AUTH_TOKEN_NEXT", TYPE_STRING, AT(twilio_auth_token_next), SECRET, NULL, 0, 0,
	  NULL, "The second token while rotating: both verify." },
	{ "TWILIO_BASE_URL", TYPE_URL, AT(twilio_base_url), 0, "https://api.twilio.com", 0, 0, NULL,
	  "Twilio's API." },
	{ "TWILIO_PACE", TYPE_NUMBER, AT(twilio_pace), 0, "0", 0, 100000, NULL,
	  "Segments a second through our whole account at Twilio; 0: no limit." },
	{ "UNSAFE_DATABASE", TYPE_CHOICE, AT(unsafe_database), 0, "no", 0, 0, "no yes",
	  "Start although the server has fsync or synchronous_commit off: messages may be lost." },
	{ "VALIDITY_S", TYPE_NUMBER, AT(validity_s), 0, "30", 6, 36000, NULL,
	  "Seconds Twilio may keep a text queued before it drops it." },
	{ "WEBHOOK_PRIVATE", TYPE_CHOICE, AT(webhook_private), 0, "no", 0, 0, "no yes",
	  "Let webhooks go to private addresses, and by http to this machine: for development." },
	{ "WORKERS", TYPE_NUMBER, AT(workers), 0, "1", 1, 64, NULL,
	  "Threads, each with its own event loop and database connections." },
};

#define SETTINGS (sizeof(table) / sizeof(*table))

static struct str *string_at(struct config *c, const struct setting *s)
{
	return (struct str *)((char *)c + s->offset);
}

static long *number_at(struct config *c, const struct setting *s)
{
	return (long *)((char *)c + s->offset);
}

static void read_number(struct config *c, const struct setting *s, struct str v,
			struct buf *problems)
{
	long long n;

	if (str_number(v, &n) && n >= s->min && n <= s->max) {
		*number_at(c, s) = (long)n;
		return;
	}
	buf_printf(problems, "%s must be a number from %ld to %ld.\n", s->name, s->min, s->max);
}

static bool is_choice(const char *choices, struct str v)
{
	struct str rest = str_of(choices);

	while (rest.len)
		if (str_eq(str_cut(&rest, ' '), v))
			return true;
	return false;
}

static bool is_http_here(struct str url)
{
	struct str rest = str_from(url,
				   str_starts(url, STR("http://")) ? sizeof("http://") - 1 : 0);
	struct str authority = str_cut(&rest, '/'), host = str_cut(&authority, ':');
	bool loopback = str_starts(host, STR("127."));

	for (size_t i = 0; i < host.len; i++)
		loopback &= host.p[i] == '.' || (host.p[i] >= '0' && host.p[i] <= '9');
	return str_starts(url, STR("http://")) && (loopback || str_is(host, "localhost"));
}

/* https, or http to this machine; without a slash at the end. */
static void read_url(struct config *c, const struct setting *s, struct str v, struct buf *problems)
{
	if (v.len && v.p[v.len - 1] == '/')
		v.len--;
	*string_at(c, s) = v;
	if (!is_http_here(v) && !(str_starts(v, STR("https://")) && v.len > sizeof("https://") - 1))
		buf_printf(problems, "%s must be an https:// address.\n", s->name);
}

/* As browsers write them: a scheme and a host in lower case, a port unless it is the usual one. */
static bool is_origin(struct str origin)
{
	struct str host = str_from(origin, str_starts(origin, STR("https://")) ? 8 : 7);

	if (!host.len || !(str_starts(origin, STR("https://")) || is_http_here(origin)))
		return false;
	for (size_t i = 0; i < host.len; i++)
		if (host.p[i] <= ' ' || strchr("/?#@*ABCDEFGHIJKLMNOPQRSTUVWXYZ", host.p[i]))
			return false;
	return true;
}

static void read_origins(struct config *c, const struct setting *s, struct str v,
			 struct buf *problems)
{
	bool fit = true;

	*string_at(c, s) = v;
	while (v.len)
		fit &= is_origin(str_trim(str_cut(&v, ',')));
	if (!fit)
		buf_printf(problems,
			   "%s must be origins like https://x.example, with commas between.\n",
			   s->name);
}

static void read_setting(struct config *c, const struct setting *s, struct str v,
			 struct buf *problems)
{
	switch (s->type) {
	case TYPE_NUMBER:
		read_number(c, s, v, problems);
		break;
	case TYPE_URL:
		read_url(c, s, v, problems);
		break;
	case TYPE_CHOICE:
		if (!is_choice(s->choices, v))
			buf_printf(problems, "%s must be one of: %s.\n", s->name, s->choices);
		*string_at(c, s) = v;
		break;
	case TYPE_ORIGINS:
		read_origins(c, s, v, problems);
		break;
	case TYPE_STRING:
		*string_at(c, s) = v;
		break;
	}
}

/* What belongs together: half a credential is a mistake, not a choice. */
static void check_pairs(const struct config *c, struct buf *problems)
{
	if (c->twilio_account_sid.len && !c->twilio_auth_token.len)
		buf_printf(problems,
			   "TWILIO_AUTH_TOKEN is needed with TWILIO_ACCOUNT_SID: it verifies "
			   "callbacks, also when an API key sends.\n");
	if (!c->twilio_account_sid.len && (c->twilio_auth_token.len || c->twilio_api_key.len))
		buf_printf(problems, "TWILIO_ACCOUNT_SID is missing.\n");
	if (!c->twilio_api_key.len != !c->twilio_api_secret.len)
		buf_printf(problems, "TWILIO_API_KEY and TWILIO_API_SECRET go together.\n");
	if (!c->telnyx_api_key.len != !c->telnyx_public_key.len)
		buf_printf(problems, "TELNYX_API_KEY and TELNYX_PUBLIC_KEY go together.\n");
	if (!c->telnyx_account_id.len != !c->telnyx_voice_app.len)
		buf_printf(problems, "TELNYX_ACCOUNT_ID and TELNYX_VOICE_APP go together.\n");
}

/* They stand in addresses. */
static void check_recurly(const struct config *c, struct buf *problems)
{
	const struct {
		const char *name;
		struct str value;
	} rows[] = {
		{ "RECURLY_CALL_ADD_ON", c->recurly_call_add_on },
		{ "RECURLY_SMS_ADD_ON", c->recurly_sms_add_on },
		{ "RECURLY_SUBDOMAIN", c->recurly_subdomain },
	};

	if (!c->recurly_api_key.len != !c->recurly_webhook_keys.len)
		buf_printf(problems, "RECURLY_API_KEY and RECURLY_WEBHOOK_KEYS go together.\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (size_t k = 0; k < rows[i].value.len; k++)
			if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-_.",
				    rows[i].value.p[k])) {
				buf_printf(problems,
					   "%s may hold small letters, digits, - _ and dots.\n",
					   rows[i].name);
				break;
			}
}

/* What Heroku says of itself (dyno metadata) stands in for what nobody has set, in this order. */
static const char *value_of(config_source *get, const char *name)
{
	static const struct {
		const char *name, *instead;
	} rows[] = {
		{ "DD_ENV", "HEROKU_APP_NAME" },
		{ "DD_VERSION", "HEROKU_RELEASE_VERSION" },
		{ "DD_VERSION", "HEROKU_SLUG_COMMIT" },
	};
	const char *given = get(name);

	for (size_t i = 0; !(given && *given) && i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			given = get(rows[i].instead);
	return given;
}

bool config_load(struct config *c, struct arena *a, config_source *get, struct buf *problems)
{
	*c = (struct config){ 0 };
	for (const struct setting *s = table; s < table + SETTINGS; s++) {
		const char *given = value_of(get, s->name);
		struct str v = str_trim(str_of(given && *given ? given : s->fallback));

		if (!v.len && (s->flags & REQUIRED))
			buf_printf(problems, "%s is missing. %s\n", s->name, s->help);
		else if (v.len)
			read_setting(c, s, arena_copy(a, v), problems);
	}
	check_pairs(c, problems);
	check_recurly(c, problems);
	return problems->len == 0;
}

void config_print(const struct config *c, struct buf *out)
{
	for (const struct setting *s = table; s < table + SETTINGS; s++) {
		const char *at = (const char *)c + s->offset;
		const struct str *v = (const struct str *)at;

		if (s->type == TYPE_NUMBER)
			buf_printf(out, "%s=%ld\n", s->name, *(const long *)at);
		else
			buf_printf(out, "%s=" STR_FMT "\n", s->name,
				   STR_ARG(s->flags & SECRET && v->len ? STR("(set)") : *v));
	}
}

void config_table(struct buf *out)
{
	buf_printf(out, "| Variable | Default | What it is |\n|---|---|---|\n");
	for (const struct setting *s = table; s < table + SETTINGS; s++)
		buf_printf(out, "| `%s` | %s | %s%s |\n", s->name,
			   s->flags & REQUIRED ? "*required*" :
			   s->fallback	       ? s->fallback :
						 "",
			   s->help, s->flags & SECRET ? " *Secret.*" : "");
}

void config_names(struct buf *out)
{
	for (const struct setting *s = table; s < table + SETTINGS; s++)
		buf_printf(out, "%s\n", s->name);
}
