/*
 * test_sql_templates.c - what guests are told of each event: the account's words or the default
 * ones, with times and waits as they read them.
 */
#include "testing.h"

#include "pg.h"
#include "wording.h"

#define LINK "https://q.example.com/g/Ab3dE9xKq2Lm"
/* Values as they usually are. */
#define USUAL                                                                                      \
	"{\"name\":\"Maria\",\"size\":4,\"wait\":\"25-35 min\",\"link\":\"" LINK                   \
	"\",\"hold\":10,\"yes\":1,\"more\":2,\"no\":9,\"ahead\":2,\"minutes\":10,"                 \
	"\"when\":\"Wed Sep 23, 10:30 PM\"}"

#define ASK(sql, ...) PG_ROW(arena, sql, __VA_ARGS__)

static struct arena *arena;

static int each(void **state)
{
	(void)state;
	arena = arena_new();
	pg_empty();
	pg_venue("acc_a", "+12125550100", "+12125550101");
	pg_venue("acc_b", "+12125550102", "+12125550103");
	pg_run("UPDATE accounts SET name = 'Bella Trattoria', phone = '+12125550199'");
	return 0;
}

static int after_each(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* ---- templates ---- */

static struct str text_for(const char *account, const char *event, const char *language,
			   const char *vars)
{
	return ASK(
		"SELECT automatic, body, encoding, segments FROM text_for($1, $2, $3, $4::jsonb)",
		account, event, language, vars);
}

static void own_words_or_default_ones(void **state)
{
	(void)state;
	pg_run("INSERT INTO templates (account_id, event, language, body, automatic) VALUES "
	       "('acc_a', 'coming_noted', 'en', 'Hi {name} ({size}) from {venue}, {phone}', NULL), "
	       "('acc_a', 'coming_noted', 'fr', NULL, false), "
	       "('acc_a', 'almost_ready', 'en', 'Soon', true)");
	check_str("its own",
		  text_for("acc_a", "coming_noted", "en", "{\"name\":\"Bo\",\"size\":2}"),
		  STR("t|Hi Bo (2) from Bella Trattoria, (212) 555-0199|GSM-7|1"));
	check_str("the venue is no guest's to choose",
		  text_for("acc_a", "coming_noted", "en",
			   "{\"venue\":\"Evil\",\"name\":\"Bo\",\"size\":2}"),
		  STR("t|Hi Bo (2) from Bella Trattoria, (212) 555-0199|GSM-7|1"));
	check_str("only in that language", text_for("acc_a", "coming_noted", "es", "{}"),
		  STR("t|Bella Trattoria: ¡Perfecto, nos vemos pronto!|GSM-7|1"));
	check_str("not by itself, in the usual words",
		  text_for("acc_a", "coming_noted", "fr", "{}"),
		  STR("f|Bella Trattoria : Parfait, à tout de suite!|GSM-7|1"));
	check_str("by itself", text_for("acc_a", "almost_ready", "en", NULL),
		  STR("t|Soon|GSM-7|1"));
	check_str("another account's", text_for("acc_b", "coming_noted", "en", "{}"),
		  STR("t|Bella Trattoria: Great, see you soon!|GSM-7|1"));
	check_str("no such event", text_for("acc_a", "nothing", "en", "{}"), STR("|||"));
	pg_run("UPDATE accounts SET language = 'es', phone = '+442071838750'");
	check_str("a language that there is not", text_for("acc_b", "coming_noted", "de", "{}"),
		  STR("t|Bella Trattoria: ¡Perfecto, nos vemos pronto!|GSM-7|1"));
	check_str("none", text_for("acc_b", "coming_noted", NULL, "{}"),
		  STR("t|Bella Trattoria: ¡Perfecto, nos vemos pronto!|GSM-7|1"));
	check_str("a number from elsewhere",
		  text_for("acc_a", "coming_noted", "en", "{\"name\":\"Bo\",\"size\":2}"),
		  STR("t|Hi Bo (2) from Bella Trattoria, +442071838750|GSM-7|1"));
	pg_run("UPDATE accounts SET name = 'Café Sólo — Lounge', phone = NULL, fold_texts = false");
	check("folded only where the account wants it",
	      str_ends(text_for("acc_b", "left_noted", "es", "{}"), STR("|UCS-2|2")));
	pg_run("UPDATE accounts SET fold_texts = true");
	check_str("folded", text_for("acc_b", "left_noted", "es", "{}"),
		  STR("t|Café Solo - Lounge: Ya no tiene lugar en la lista. ¡Gracias por "
		      "avisar!|GSM-7|1"));
}

/* Each default text, in each language. */
static void default_ones(void **state)
{
	PGconn *c = pg_connect(pg_url());
	PGresult *r = PQexec(c, "SELECT d.event || ' ' || d.language, d.body, t.body, t.encoding, "
				"t.segments, ARRAY(SELECT m[1] FROM regexp_matches(d.body, "
				"'\\{([^}]*)\\}', 'g') m) <@ e.variables, d.automatic "
				"FROM default_templates d JOIN text_events e USING (event), "
				"text_for('acc_a', d.event, d.language, '" USUAL "') t");

	(void)state;
	check("16 events, 3 languages", PQntuples(r) == 48);
	check("each once",
	      pg_number("SELECT count(DISTINCT (event, language)) FROM "
			"default_templates WHERE language IN ('en', 'es', 'fr')") == 48);
	for (int i = 0; i < PQntuples(r); i++) {
		const char *name = PQgetvalue(r, i, 0), *body = PQgetvalue(r, i, 1);
		struct str text = str_of(PQgetvalue(r, i, 2));
		bool first = strstr(name, "joined") || strstr(name, "booked ");

		check_str(name, str_of(PQgetvalue(r, i, 3)), STR("GSM-7"));
		check_str(name, str_of(PQgetvalue(r, i, 4)), STR("1"));
		check_str(name, str_of(PQgetvalue(r, i, 5)), STR("t"));
		check(name, str_starts(text, STR("Bella Trattoria")));
		check(name, !strchr(text.p, '{') && !strstr(text.p, "  "));
		check(name, !wording_refusal(arena, text) && first == !!strstr(text.p, " STOP "));
		check(name, !strstr(body, "{yes}") == !strstr(body, "{no}"));
		check(name, (PQgetvalue(r, i, 6)[0] == 't') == (!strstr(name, "almost_ready") &&
								!strstr(name, "second_notice") &&
								!strstr(name, "not_expected")));
	}
	PQclear(r);
	PQfinish(c);
}

/* The default text of each event fits with what is as long as it gets, too. */
static void default_ones_at_their_longest(void **state)
{
	(void)state;
	check_str("segments",
		  ASK("SELECT max(t.segments) FROM default_templates d, text_for('acc_a', d.event, "
		      "d.language, $1::jsonb || $2::jsonb || jsonb_build_object('when', when_text("
		      "'2026-09-24 02:30Z', 'America/New_York', d.language))) t",
		      USUAL,
		      "{\"yes\":11,\"more\":12,\"no\":19,\"size\":12,\"hold\":15,"
		      "\"wait\":\"90-120 min\"}"),
		  STR("1"));
}

/* ---- times ---- */

static void when_it_is(void **state)
{
	static const struct {
		const char *at, *zone, *en, *es, *fr;
	} rows[] = {
		{ "2024-07-12T23:00Z", "America/New_York", "Fri Jul 12, 7:00 PM",
		  "vie 12 jul, 19:00", "ven 12 juil., 19 h 00" },
		{ "2024-07-12T23:00Z", "Asia/Tokyo", "Sat Jul 13, 8:00 AM", "sab 13 jul, 08:00",
		  "sam 13 juil., 8 h 00" },
		{ "2026-01-01T05:05Z", "America/New_York", "Thu Jan 1, 12:05 AM",
		  "jue 1 ene, 00:05", "jeu 1er janv., 0 h 05" },
		{ "2026-02-01T17:00Z", "America/New_York", "Sun Feb 1, 12:00 PM",
		  "dom 1 feb, 12:00", "dim 1er févr., 12 h 00" },
		/* before and after clocks go forward, and back */
		{ "2026-03-08T06:59Z", "America/New_York", "Sun Mar 8, 1:59 AM", "dom 8 mar, 01:59",
		  "dim 8 mars, 1 h 59" },
		{ "2026-03-08T07:00Z", "America/New_York", "Sun Mar 8, 3:00 AM", "dom 8 mar, 03:00",
		  "dim 8 mars, 3 h 00" },
		{ "2026-11-01T05:30Z", "America/New_York", "Sun Nov 1, 1:30 AM", "dom 1 nov, 01:30",
		  "dim 1er nov., 1 h 30" },
		{ "2026-11-01T06:30Z", "America/New_York", "Sun Nov 1, 1:30 AM", "dom 1 nov, 01:30",
		  "dim 1er nov., 1 h 30" },
		{ "2026-08-05T16:45Z", "America/Phoenix", "Wed Aug 5, 9:45 AM", "mié 5 ago, 09:45",
		  "mer 5 aout, 9 h 45" },
		{ "2026-12-29T20:00Z", "Asia/Kolkata", "Wed Dec 30, 1:30 AM", "mié 30 dic, 01:30",
		  "mer 30 déc., 1 h 30" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str(
			rows[i].at,
			ASK("SELECT string_agg(when_text($1::timestamptz, $2, l), '|' ORDER BY l) "
			    "FROM unnest('{en,es,fr}'::text[]) l",
			    rows[i].at, rows[i].zone),
			arena_printf(arena, "%s|%s|%s", rows[i].en, rows[i].es, rows[i].fr));
	check_str("no day costs more",
		  ASK("SELECT DISTINCT s.encoding FROM unnest('{en,es,fr}'::text[]) l, "
		      "generate_series('2026-01-01Z'::timestamptz, '2026-12-31Z', '1 day') at, "
		      "segments_of(when_text(at, 'UTC', l)) s ORDER BY 1 DESC"),
		  STR("GSM-7"));
}

static void how_long(void **state)
{
	static const struct {
		const char *least, *most, *text;
	} rows[] = {
		{ "25", "35", "25-35 min" }, { "30", "30", "30 min" }, { "30", NULL, "30 min" },
		{ NULL, "30", "30 min" },    { NULL, NULL, "" },       { "0", "5", "0-5 min" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str(rows[i].text,
			  ASK("SELECT wait_text($1::int, $2::int, 'en')", rows[i].least,
			      rows[i].most),
			  str_of(rows[i].text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(own_words_or_default_ones, each, after_each),
		cmocka_unit_test_setup_teardown(default_ones, each, after_each),
		cmocka_unit_test_setup_teardown(default_ones_at_their_longest, each, after_each),
		cmocka_unit_test_setup_teardown(when_it_is, each, after_each),
		cmocka_unit_test_setup_teardown(how_long, each, after_each),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
