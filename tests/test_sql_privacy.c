/*
 * test_sql_privacy.c - the keyed hash of a number, opt-outs that outlive their guests, the
 * journal's days, and who may call what runs as the owner.
 */
#include "testing.h"

#include "pg.h"
#include "secret.h"

#define GUEST "+12125550199"
#define OLD "interval '2 days'"

static struct arena *arena;

static int each(void **state)
{
	(void)state;
	arena = arena_new();
	pg_empty();
	pg_venue("acc_a", "+12125550100", "+12125550101");
	pg_set_key(STR("a key of thirty-two bytes or more"));
	return 0;
}

static int after_each(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* ---- the hash ---- */

static void hashes(void **state)
{
	static const char bytes[] =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF";
	static const size_t lens[] = { 32, 33, 48, 63, 64 };
	static const char *const phones[] = { GUEST, "", "+442079460000", "\xc3\xa9" };

	(void)state;
	for (size_t i = 0; i < COUNT(lens); i++)
		for (size_t k = 0; k < COUNT(phones); k++) {
			struct str key = { bytes, lens[i] };
			uint8_t mac[SHA256_BYTES];

			pg_set_key(key);
			secret_hmac_sha256(key, str_of(phones[k]), mac);
			check_str(
				phones[k],
				pg_value(arena,
					 pg_text(arena, "SELECT phone_hash('%s')", phones[k])),
				secret_hex(arena, (struct str){ (const char *)mac, sizeof(mac) }));
		}
	pg_set_key(STR(""));
	check("without a key it raises",
	      pg_number("DO $$ BEGIN PERFORM phone_hash('+1'); RAISE 'hashed'; EXCEPTION WHEN "
			"raise_exception THEN IF SQLERRM <> 'this connection was not told "
			"PRIVACY_KEY' THEN RAISE; END IF; END $$") == -1);
}

/* ---- what is known of who was forgotten ---- */

static struct str accept(const char *id, const char *phone)
{
	struct str hash = pg_key_hash(arena, "acc_a");
	const char *list = arena_printf(arena, "{%s}", id).p;
	const char *const params[] = {
		"bat",	   "0",	     arena_printf(arena, "{" STR_FMT "}", STR_ARG(hash)).p,
		list,	   list,     arena_printf(arena, "{%s}", phone).p,
		"{x}",	   "{NULL}", "{message}",
		"{GSM-7}", "{1}",    "{4102444800000}",
		"{NULL}",  "{h}",    "{NULL}",
		"{NULL}",  "{NULL}", "{NULL}",
		"{sms}",
	};

	return pg_statement(arena, SQL_MESSAGE_ACCEPT, 1, params, COUNT(params));
}

static void put_opt_out(const char *phone, const char *via)
{
	pg_run(pg_text(arena,
		       "INSERT INTO opt_outs SELECT 'acc_a', phone_hash('%s'), now() - " OLD
		       ", '%s'",
		       phone, via));
}

static void strangers(void **state)
{
	(void)state;
	put_opt_out("+12125550001", "twilio");
	put_opt_out("+12125550002", "flag");
	check_str("stopped", accept("m1", "+12125550001"), STR("opted_out"));
	check_str("flagged", accept("m2", "+12125550002"), STR("flagged"));
	check_str("another", accept("m3", GUEST), STR("accepted"));
	check("nobody was made up", pg_number("SELECT count(*) FROM conversations") == 1);

	/* with no key each hash is an error: so a guest who is known is not hashed */
	pg_set_key(STR(""));
	check_str("known", accept("m4", GUEST), STR("accepted"));
	check_str("not known", accept("m5", "+12125550003"), STR("!P0001"));
	pg_run("DELETE FROM opt_outs");
	check_str("where nobody opted out", accept("m6", "+12125550003"), STR("accepted"));
}

static void comes_back(void **state)
{
	static const struct {
		const char *name, *remembered, *now, *after;
	} rows[] = {
		{ "a number is put down", "twilio", "NULL, NULL", "twilio t" },
		{ "with a doubt", "flag", "NULL, NULL", "flag t" },
		{ "a doubt, who stopped", "twilio", "now(), 'flag'", "twilio t" },
		{ "a stop, of whom there was a doubt", "flag", "now(), 'telnyx'", "telnyx t" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		put_opt_out(GUEST, rows[i].remembered);
		pg_run(pg_text(arena,
			       "INSERT INTO conversations (account_id, conversation_id, phone, "
			       "opted_out_at, opted_out_via) VALUES ('acc_a', 'c', '" GUEST
			       "', %s)",
			       rows[i].now));
		check_str(rows[i].name,
			  pg_value(arena, "SELECT concat_ws(' ', opted_out_via, opted_out_at < "
					  "now() - interval '1 day') FROM conversations"),
			  str_of(rows[i].after));
		check("in one place", pg_number("SELECT count(*) FROM opt_outs") == 0);
		pg_run("DELETE FROM conversations");
	}
}

/* ---- the rest ---- */

static void days_of_the_journal(void **state)
{
	static const char names[] =
		"SELECT string_agg(inhrelid::regclass::text, ',' ORDER BY 1) FROM "
		"pg_inherits WHERE inhparent = 'callbacks'::regclass AND "
		"inhrelid::regclass::text < 'callbacks_2021'";

	(void)state;
	for (int day = 1; day <= 2; day++)
		pg_run(pg_text(arena,
			       "CREATE TABLE callbacks_2020010%d PARTITION OF callbacks FOR VALUES "
			       "FROM ('2020-01-0%d 00:00Z') TO ('2020-01-0%d 00:00Z')",
			       day, day, day + 1));
	pg_run("INSERT INTO callbacks SELECT t::timestamptz, 'b', 1, 'twilio', '', '', '' FROM "
	       "unnest(ARRAY['2020-01-01 12:00Z', '2020-01-02 12:00Z', '2019-05-05 12:00Z']) t; "
	       "INSERT INTO pending (batch_at, batch_id) VALUES ('2020-01-02 12:00Z', 'b')");
	pg_run("SELECT make_callback_partitions(), drop_callback_partitions()");
	check_str("a day that is not applied stays", pg_value(arena, names),
		  STR("callbacks_20200102"));
	check("nothing of no day stays", pg_number("SELECT count(*) FROM callbacks_other") == 0);
	pg_run("DELETE FROM pending; SELECT drop_callback_partitions()");
	check_str("now it goes", pg_value(arena, names), STR(""));
	check("today's stay", pg_number("SELECT count(*) FROM pg_inherits WHERE inhparent = "
					"'callbacks'::regclass") >= 9);
}

static void last_login(void **state)
{
	(void)state;
	pg_venue("acc_b", "+12125550200", "+12125550201");
	pg_venue("acc_c", "+12125550300", "+12125550301");
	pg_run("INSERT INTO organisations (organisation_id, name) VALUES ('org', 'x'); "
	       "INSERT INTO users (organisation_id, user_id, login, name) "
	       "VALUES ('org', 'usr', 'a@example.com', 'Ann'); "
	       "INSERT INTO memberships (account_id, user_id, role) VALUES "
	       "('acc_a', 'usr', 'host'), ('acc_b', 'usr', 'host')");
	pg_run("SELECT session_open('usr', NULL, 'ses', NULL, NULL)");
	check_str("every account of theirs",
		  pg_value(arena,
			   "SELECT string_agg(account_id, ',' ORDER BY account_id) FROM "
			   "accounts WHERE last_login_at = (SELECT created_at FROM sessions)"),
		  STR("acc_a,acc_b"));
	pg_run("ALTER TABLE audit_log DISABLE TRIGGER append_only; DELETE FROM audit_log; "
	       "ALTER TABLE audit_log ENABLE TRIGGER append_only");
}

/* What another account's connection may not do, the owner's functions do not do for it. */
static void walls(void **state)
{
	static const char *const tries[] = {
		"SELECT retain(1)",
		"SELECT erase_guest('acc_a', 'c', 'e', 'w', false)",
		"SELECT forget_threads('acc_a', '{c}')",
	};
	static const char *const scopes[] = { "acc_b", "" };

	(void)state;
	for (size_t s = 0; s < COUNT(scopes); s++)
		for (size_t i = 0; i < COUNT(tries); i++) {
			PGconn *c = pg_connect(pg_url());
			PGresult *r = PQexec(
				c, pg_text(arena, "SET maitred.account = '%s'", scopes[s]));

			PQclear(r);
			r = PQexec(c, tries[i]);
			check_str(tries[i], str_of(PQresultErrorField(r, PG_DIAG_SQLSTATE)),
				  STR("42501"));
			PQclear(r);
			PQfinish(c);
		}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, each, after_each)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hashes),	  TEST(strangers), TEST(comes_back), TEST(days_of_the_journal),
		TEST(last_login), TEST(walls),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
