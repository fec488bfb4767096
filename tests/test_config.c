/* test_config.c - the configuration: every problem at once, defaults, bounds, pairs, secrets. */
#include "testing.h"

#include "buf.h"
#include "config.h"

/* ---- an environment: "NAME=value" lines, and what it needs when nothing else is said ---- */

#define GOOD                                                                                       \
	"DATABASE_URL=postgresql:///maitred\nPRIVACY_KEY=x\nPUBLIC_URL=https://texts.example.com\n"
#define NO_DATABASE                                                                                \
	"DATABASE_URL is missing. PostgreSQL: a URL or a libpq connection string. To another "     \
	"machine by TLS, unless sslmode says otherwise.\n"
#define NO_KEY                                                                                     \
	"PRIVACY_KEY is missing. Hashes the numbers of guests who were erased: base64 of 32 to "   \
	"64 bytes; several, separated by commas: the first hashes, each is looked up. Never "      \
	"drop one: its opt-outs would be forgotten.\n"

static const char *environment;
static char found[1000];

static const char *source(const char *name)
{
	struct str rest = str_of(environment);

	while (rest.len) {
		struct str value = str_cut(&rest, '\n'), key = str_cut(&value, '=');

		if (!str_is(key, name))
			continue;
		snprintf(found, sizeof(found), STR_FMT, STR_ARG(value));
		return found;
	}
	return NULL;
}

static struct str load(struct arena *a, struct config *c, const char *text)
{
	struct buf problems = buf_new(a, 10000);
	bool ok;

	environment = text;
	ok = config_load(c, a, source, &problems);
	check(text, ok == (problems.len == 0));
	return buf_str(&problems);
}

/* ---- tests ---- */

static void problems(void **state)
{
	static const struct {
		const char *name, *environment, *problems;
	} rows[] = {
		{ "none", GOOD, "" },
		{ "nothing is set", "",
		  NO_DATABASE /* the others, in their order */ NO_KEY
		  "PUBLIC_URL is missing. Where carriers reach this gateway. Callbacks are signed "
		  "over it.\n" },
		{ "empty is missing", "DATABASE_URL= \nPRIVACY_KEY=x\nPUBLIC_URL=https://x\n",
		  NO_DATABASE },
		{ "all at once",
		  "PORT=http\nWORKERS=0\nLOG_LEVEL=loud\nPUBLIC_URL=http://texts.example.com\n",
		  NO_DATABASE "LOG_LEVEL must be one of: debug info warn error.\n"
			      "PORT must be a number from 0 to 65535.\n" NO_KEY
			      "PUBLIC_URL must be an https:// address.\n"
			      "WORKERS must be a number from 1 to 64.\n" },
		{ "least", GOOD "PORT=0\nWORKERS=1\nBODY_MAX_BYTES=1024\n", "" },
		{ "most", GOOD "PORT=65535\nWORKERS=64\nBODY_MAX_BYTES=1048576\n", "" },
		{ "a little more", GOOD "PORT=65536\nBODY_MAX_BYTES=1048577\n",
		  "BODY_MAX_BYTES must be a number from 1024 to 1048576.\n"
		  "PORT must be a number from 0 to 65535.\n" },
		{ "negative", GOOD "PORT=-1\n", "PORT must be a number from 0 to 65535.\n" },
		{ "a unit", GOOD "IDLE_S=75s\n", "IDLE_S must be a number from 1 to 600.\n" },
		{ "over all bounds", GOOD "IDLE_S=99999999999999999999\n",
		  "IDLE_S must be a number from 1 to 600.\n" },
		{ "a cost that takes an hour", GOOD "PASSWORD_COST=31\n",
		  "PASSWORD_COST must be a number from 4 to 16.\n" },
		{ "spaces around", GOOD "PORT= 80 \n", "" },
		{ "half a choice", GOOD "CARRIER_ORDER=twilio,\n",
		  "CARRIER_ORDER must be one of: twilio,telnyx telnyx,twilio twilio telnyx.\n" },
		{ "no scheme", GOOD "TELNYX_BASE_URL=api.telnyx.com\n",
		  "TELNYX_BASE_URL must be an https:// address.\n" },
		{ "no host", GOOD "TELNYX_BASE_URL=https://\n",
		  "TELNYX_BASE_URL must be an https:// address.\n" },
		{ "http to this machine",
		  GOOD "TELNYX_BASE_URL=http://localhost:81\nTWILIO_BASE_URL=http://127.0.0.1\n",
		  "" },
		{ "http to what only begins like it",
		  GOOD "TELNYX_BASE_URL=http://localhost.example.com\n"
		       "TWILIO_BASE_URL=http://127.example.com\n",
		  "TELNYX_BASE_URL must be an https:// address.\n"
		  "TWILIO_BASE_URL must be an https:// address.\n" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct config c;

		check_str(rows[i].name, load(a, &c, rows[i].environment), str_of(rows[i].problems));
	}
	arena_free(a);
}

static void pairs(void **state)
{
	static const struct {
		const char *name, *environment, *problem; /* a part of it; NULL: none */
	} rows[] = {
		{ "Twilio", GOOD "TWILIO_ACCOUNT_SID=AC1\nTWILIO_AUTH_TOKEN=t\n", NULL },
		{ "with a key",
		  GOOD "TWILIO_ACCOUNT_SID=AC1\nTWILIO_AUTH_TOKEN=t\nTWILIO_API_KEY=SK1\n"
		       "TWILIO_API_SECRET=s\n",
		  NULL },
		{ "no token", GOOD "TWILIO_ACCOUNT_SID=AC1\n", "TWILIO_AUTH_TOKEN is needed" },
		{ "no account", GOOD "TWILIO_AUTH_TOKEN=t\n", "TWILIO_ACCOUNT_SID is missing" },
		{ "only a key", GOOD "TWILIO_API_KEY=SK1\nTWILIO_API_SECRET=s\n",
		  "TWILIO_ACCOUNT_SID is missing" },
		{ "half a key",
		  GOOD "TWILIO_ACCOUNT_SID=AC1\nTWILIO_AUTH_TOKEN=t\nTWILIO_API_KEY=SK1\n",
		  "TWILIO_API_KEY and TWILIO_API_SECRET go together" },
		{ "the other half",
		  GOOD "TWILIO_ACCOUNT_SID=AC1\nTWILIO_AUTH_TOKEN=t\nTWILIO_API_SECRET=s\n",
		  "TWILIO_API_KEY and TWILIO_API_SECRET go together" },
		{ "Telnyx", GOOD "TELNYX_API_KEY=k\nTELNYX_PUBLIC_KEY=p\n", NULL },
		{ "half of Telnyx", GOOD "TELNYX_API_KEY=k\n",
		  "TELNYX_API_KEY and TELNYX_PUBLIC_KEY go together" },
		{ "its other half", GOOD "TELNYX_PUBLIC_KEY=p\n",
		  "TELNYX_API_KEY and TELNYX_PUBLIC_KEY go together" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct config c;
		struct str got = load(a, &c, rows[i].environment);

		check(rows[i].name, !got.len == !rows[i].problem);
		check(rows[i].name, !got.len || strstr(arena_cstr(a, got), rows[i].problem));
	}
	arena_free(a);
}

static void values(void **state)
{
	struct arena *a = arena_new();
	struct config c;

	(void)state;
	load(a, &c, GOOD);
	check("number", c.port == 8080 && c.workers == 1 && c.idle_s == 95);
	check_str("choice", c.carrier_order, STR("twilio,telnyx"));
	check_str("URL", c.twilio_base_url, STR("https://api.twilio.com"));
	check_str("string", c.default_region, STR("US"));
	check("no default", c.telnyx_api_key.len == 0);

	load(a, &c,
	     GOOD "PORT=81\nCARRIER_ORDER=telnyx\nTWILIO_BASE_URL=https://x.example/\n"
		  "DEFAULT_REGION= GB \nIDLE_S=\n");
	check("given", c.port == 81);
	check_str("given", c.carrier_order, STR("telnyx"));
	check_str("no slash at the end", c.twilio_base_url, STR("https://x.example"));
	check_str("trimmed", c.default_region, STR("GB"));
	check("empty is the default", c.idle_s == 95);
	check("a C string too", c.database_url.p[c.database_url.len] == '\0');
	arena_free(a);
}

static struct str printed(struct arena *a, const char *text)
{
	struct buf out = buf_new(a, 20000);
	struct config c;

	load(a, &c, text);
	config_print(&c, &out);
	return arena_copy(a, buf_str(&out));
}

static void secrets(void **state)
{
	static const char *const names[] = {
		"DATABASE_URL",	     "MAIL_URL",
		"SESSION_KEYS",	     "PRIVACY_KEY",
		"TELNYX_API_KEY",    "TWILIO_API_SECRET",
		"TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_NEXT",
	};
	struct arena *a = arena_new();
	struct buf b = buf_new(a, 2000);

	(void)state;
	buf_printf(&b, "PUBLIC_URL=https://x\nTWILIO_ACCOUNT_SID=AC1\n");
	for (size_t i = 0; i < COUNT(names); i++)
		buf_printf(&b, "%s=hunter2\n", names[i]);
	struct str out = printed(a, arena_cstr(a, buf_str(&b)));
	check("no secret", !strstr(out.p, "hunter2"));
	for (size_t i = 0; i < COUNT(names); i++)
		check(names[i], strstr(out.p, arena_printf(a, "%s=(set)\n", names[i]).p));
	check("not secret", strstr(out.p, "TWILIO_ACCOUNT_SID=AC1\n"));
	out = printed(a, GOOD);
	check("not set", strstr(out.p, "TWILIO_AUTH_TOKEN=\n"));
	arena_free(a);
}

/* app.json asks for every setting, but for those that Heroku sets itself and those of `dev`. */
static void manifest(void **state)
{
	static const char *const elsewhere[] = { "DATABASE_URL", "DYNO", "PHONES_URL", "PORT",
						 "SIM_PORT" };
	struct arena *a = arena_new();
	struct buf names = buf_new(a, 5000), table = buf_new(a, 20000);
	const char *why;
	const struct json *app = json_parse(a, read_file(a, "app.json"), &why);
	const struct json *env = json_get(app, "env");
	struct str rest;
	size_t num = 0;

	(void)state;
	config_names(&names);
	config_table(&table);
	for (rest = buf_str(&names); rest.len; num++) {
		const char *name = arena_cstr(a, str_cut(&rest, '\n'));
		const struct json *entry = json_get(env, name), *required;
		const char *row = strstr(arena_cstr(a, buf_str(&table)),
					 arena_printf(a, "| `%s` |", name).p);
		bool own = true;

		for (size_t i = 0; i < COUNT(elsewhere); i++)
			own &= strcmp(name, elsewhere[i]) != 0;
		check(name, row != NULL);
		check(name, (entry != NULL) == own);
		required = json_get(entry, "required");
		check(name, !entry || !strstr(arena_printf(a, "%.60s", row).p, "*required*") ==
					      !(required && required->boolean));
	}
	check("app.json asks for nothing else", env->num == num - COUNT(elsewhere));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(problems), cmocka_unit_test(pairs),	cmocka_unit_test(values),
		cmocka_unit_test(secrets),  cmocka_unit_test(manifest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
