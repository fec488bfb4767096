/* config.c - reads the environment by the table of settings, prints it, documents it. */
#include "config.h"

#include <stdlib.h>

#include "config_table.h"

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
	for (const struct setting *s = settings; s < settings + setting_num; s++) {
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

void config_wipe_environment(void)
{
	for (const struct setting *s = settings; s < settings + setting_num; s++) {
		char *value = s->flags & SECRET ? getenv(s->name) : NULL;

		if (value)
			explicit_bzero(value, strlen(value));
	}
}

void config_print(const struct config *c, struct buf *out)
{
	for (const struct setting *s = settings; s < settings + setting_num; s++) {
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
	for (const struct setting *s = settings; s < settings + setting_num; s++)
		buf_printf(out, "| `%s` | %s | %s%s |\n", s->name,
			   s->flags & REQUIRED ? "*required*" :
			   s->fallback	       ? s->fallback :
						 "",
			   s->help, s->flags & SECRET ? " *Secret.*" : "");
}

void config_names(struct buf *out)
{
	for (const struct setting *s = settings; s < settings + setting_num; s++)
		buf_printf(out, "%s\n", s->name);
}

bool config_is_secret(const char *name)
{
	for (const struct setting *s = settings; s < settings + setting_num; s++)
		if (strcmp(s->name, name) == 0)
			return s->flags & SECRET;
	return false;
}
