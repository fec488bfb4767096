/* test_sql_retention.c - what goes by its age, what stays, and that it goes in small batches. */
#include "testing.h"

#include "pg.h"

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

/* A guest with `n` messages of an age in minutes; their ids tell it, as all do. */
static void put_messages(const char *guest, const char *phone, long n, long age_minutes)
{
	pg_run(pg_text(
		arena,
		"WITH c AS (INSERT INTO conversations (account_id, conversation_id, phone, "
		"created_at) SELECT 'acc_a', id_of('cnv', t, %s), '%s', t FROM (SELECT now() "
		"- %ld * interval '1 minute' AS t) a RETURNING *) "
		"INSERT INTO messages (account_id, message_id, conversation_id, direction, "
		"kind, phone, body, encoding, segments, state, rank, created_at, ended_at) "
		"SELECT account_id, id_of('msg', created_at, i), conversation_id, 'out', "
		"'message', phone, 'x', 'GSM-7', 2, 'delivered', 5, created_at, created_at "
		"FROM c, generate_series(%s * 1000 + 1, %s * 1000 + %ld) i",
		guest, phone, age_minutes, guest, guest, n));
}

static long messages(void)
{
	return pg_number("SELECT count(*) FROM messages");
}

/* As the worker does, until there is no more; how often it had to. */
static int retain_all(const char *most)
{
	for (int times = 1; times <= 100; times++)
		if (str_is(pg_statement(arena, SQL_RETAIN, 0, &most, 1), "0"))
			return times;
	fail_msg("there is always more");
	return 0;
}

/* The next pass, without waiting for it. */
static void retain_again(void)
{
	pg_run("UPDATE retained SET due_at = now()");
	retain_all("500");
}

/* ---- what goes by its age ---- */

#define PUT_ATTEMPT                                                                                \
	"INSERT INTO attempts (account_id, attempt_id, message_id, ordinal, provider, number, "    \
	"dead_at, state) SELECT account_id, 'a', message_id, 1, 'twilio', '+1', now(), "

static void ages(void **state)
{
#define DAY "retain_days = 1"
#define SIGNED_IN(ago) "last_login_at = now() - interval '" ago "'"
#define MADE(ago) "created_at = now() - interval '" ago "'"
#define LONG_AGO MADE("30 months") ", " SIGNED_IN("19 months")
	static const struct {
		const char *name, *account, *key_used;
		long age_minutes;
		const char *more; /* done to the message */
		bool goes;
	} rows[] = {
		{ "younger than a day", DAY, NULL, 24 * 60 - 1, NULL, false },
		{ "older than a day", DAY, NULL, 24 * 60 + 1, NULL, true },
		{ "younger than 30", "retain_days = 30", NULL, 30 * 24 * 60 - 1, NULL, false },
		{ "older than 30", "retain_days = 30", NULL, 30 * 24 * 60 + 1, NULL, true },
		{ "signed in 17 months ago", SIGNED_IN("17 months"), NULL, 900000, NULL, false },
		{ "signed in 19 months ago", LONG_AGO, NULL, 1500, NULL, true },
		{ "today stays all the same", LONG_AGO, NULL, 60, NULL, false },
		{ "but a server comes in", LONG_AGO, "1 hour", 1500, NULL, false },
		{ "never signed in", MADE("17 months"), NULL, 900000, NULL, false },
		{ "never, and is old", MADE("19 months"), NULL, 1500, NULL, true },
		{ "never, but a key is used", MADE("19 months"), "1 hour", 900000, NULL, false },
		{ "nor a key for long", MADE("30 months"), "19 months", 1500, NULL, true },
		{ "it is queued", DAY, NULL, 3000,
		  "INSERT INTO queue (account_id, conversation_id, message_id) "
		  "SELECT account_id, conversation_id, message_id FROM messages",
		  false },
		{ "a carrier has it", DAY, NULL, 3000, PUT_ATTEMPT "'accepted' FROM messages",
		  false },
		{ "its attempts have ended", DAY, NULL, 3000,
		  PUT_ATTEMPT "'finalised' FROM messages; INSERT INTO receipts VALUES ('acc_a', "
			      "'a', 'e', 'delivered', 'delivered', NULL, NULL, NULL, now())",
		  true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		pg_empty();
		pg_venue("acc_a", "+12125550100", "+12125550101");
		pg_run(pg_text(arena, "UPDATE accounts SET %s", rows[i].account));
		if (rows[i].key_used)
			pg_run(pg_text(arena,
				       "UPDATE api_keys SET last_used_at = now() - interval '%s'",
				       rows[i].key_used));
		put_messages("1", GUEST, 1, rows[i].age_minutes);
		if (rows[i].more)
			pg_run(rows[i].more);
		retain_all("500");
		check(rows[i].name, messages() == !rows[i].goes);
		check(rows[i].name,
		      pg_number("SELECT count(*) FROM conversations") == !rows[i].goes);
		check(rows[i].name, !rows[i].goes || pg_number("SELECT (SELECT count(*) FROM "
							       "attempts) + (SELECT count(*) FROM "
							       "receipts)") == 0);
		check(rows[i].name,
		      pg_number("SELECT coalesce(sum(n), 0) FROM message_totals") == rows[i].goes);
	}
}

static void put_party(const char *id, const char *state, const char *ended)
{
	pg_run(pg_text(
		arena,
		"INSERT INTO parties (account_id, party_id, name, size, language, notes, "
		"tags, source, state, place, created_at, ended_at, ended_by) SELECT 'acc_a', "
		"id_of('pty', now() - " OLD ", %s), 'Ann', 2, 'en', 'n', '{t}', 'host', "
		"'%s', 1, now() - " OLD ", %s, NULL",
		id, state, ended));
}

static void put_booking(const char *id, const char *state, const char *starts, const char *ended)
{
	pg_run(pg_text(
		arena,
		"INSERT INTO bookings (account_id, booking_id, name, size, language, notes, "
		"source, state, starts_at, ended_at) SELECT 'acc_a', id_of('bok', now() - " OLD
		", %s), 'Ann', 2, 'en', 'n', 'host', '%s', now() + interval '%s', %s",
		id, state, starts, ended));
}

/* Visits keep what the statistics need; who is expected is left alone. */
static void visits(void **state)
{
	(void)state;
	pg_run("UPDATE accounts SET retain_days = 1");
	put_party("1", "seated", "now() - " OLD);
	put_party("2", "waiting", "NULL");
	put_party("3", "no_show", "now() - " OLD);
	put_booking("4", "booked", "1 week", "NULL");
	put_booking("5", "booked", "-36 hours", "NULL"); /* nobody said what came of it */
	put_booking("6", "cancelled", "1 week", "now() - " OLD);
	pg_run("INSERT INTO visit_log (account_id, visit, who, what) "
	       "SELECT account_id, party_id, 'usr', 'added' FROM parties UNION ALL "
	       "SELECT account_id, booking_id, 'usr', 'added' FROM bookings");
	retain_all("500");
	check_str("parties",
		  pg_value(arena,
			   "SELECT string_agg(concat_ws(' ', right(party_id, 1), state, name, "
			   "notes, tags, token IS NULL, v.what), ',' ORDER BY party_id) FROM "
			   "parties LEFT JOIN visit_log v ON v.visit = party_id"),
		  STR("1 seated   {} t,2 waiting Ann n {t} f added,3 no_show   {} t"));
	check_str("bookings",
		  pg_value(arena, "SELECT string_agg(concat_ws(' ', right(booking_id, 1), state, "
				  "name, token IS NULL, v.what), ',' ORDER BY booking_id) FROM "
				  "bookings LEFT JOIN visit_log v ON v.visit = booking_id"),
		  STR("4 booked Ann f added,5 booked  t,6 cancelled  t"));
	pg_run("UPDATE parties SET state = 'seated', ended_at = now() WHERE ended_at IS NULL");
	retain_again();
	check("once it is over, too",
	      pg_number("SELECT count(*) FROM parties WHERE name = ''") == 3);
}

/* Batch by batch, each continuing where the last one ended; what had to stay goes when it may. */
static void batches(void **state)
{
	const char *const ten = "10";

	(void)state;
	pg_run("UPDATE accounts SET retain_days = 1");
	put_messages("1", GUEST, 25, 3000);
	pg_run("INSERT INTO queue (account_id, conversation_id, message_id) SELECT account_id, "
	       "conversation_id, message_id FROM messages ORDER BY message_id OFFSET 3 LIMIT 1");
	check_str("accounts are found", pg_statement(arena, SQL_RETAIN, 0, &ten, 1), STR("10"));
	for (long left = 25; left > 7; left = messages()) {
		check_str("more", pg_statement(arena, SQL_RETAIN, 0, &ten, 1), STR("10"));
		check("ten at most", left - messages() <= 10 && messages() < left);
		check("it is remembered",
		      pg_number("SELECT count(*) FROM retained r WHERE what = 'messages' AND NOT "
				"EXISTS (SELECT FROM messages m WHERE m.message_id > r.first_left "
				"AND m.message_id <= r.swept_to)") == 1);
	}
	retain_all(ten);
	check("all but the one under way", messages() == 1);
	check("its thread stays", pg_number("SELECT count(*) FROM conversations") == 1);
	pg_run("DELETE FROM queue");
	retain_again();
	check("now it may go", messages() == 0);
	check("with its thread", pg_number("SELECT count(*) FROM conversations") == 0);
	check("all are counted",
	      pg_number("SELECT sum(n) * 1000 + sum(segments) FROM message_totals") == 25050);
	pg_run("SET maitred.account = 'acc_a'");
	check("reports count them as before",
	      pg_number("SELECT sum(n) FROM message_counts(now() - interval '3 days', now()) "
			"WHERE direction = 'out' AND state = 'delivered'") == 25);
	pg_run("SET maitred.account = '*'");
	check("in one row an hour", pg_number("SELECT count(*) FROM message_totals") == 1);
}

/* Somebody else is at it: nothing is waited for. */
static void one_at_a_time(void **state)
{
	const char *const most = "500";
	PGconn *other = pg_connect(pg_url());

	(void)state;
	pg_run("UPDATE accounts SET retain_days = 1");
	put_messages("1", GUEST, 1, 3000);
	PQclear(PQexec(other, "BEGIN; SELECT retain(500)"));
	check_str("no more for us", pg_statement(arena, SQL_RETAIN, 0, &most, 1), STR("0"));
	PQclear(PQexec(other, "COMMIT"));
	PQfinish(other);
	retain_all(most);
	check("it went", messages() == 0);
}

/* Guests go with their last message; their opt-outs, and the proof of them, do not. */
static void opt_outs(void **state)
{
	(void)state;
	pg_run("UPDATE accounts SET retain_days = 1");
	put_messages("1", GUEST, 2, 3000);
	put_messages("2", "+12125550002", 1, 3000);
	put_messages("3", "+12125550003", 1, 60);
	pg_run("UPDATE conversations SET opted_out_at = now(), opted_out_via = 'twilio' "
	       "WHERE phone <> '+12125550002'; "
	       "INSERT INTO consent_log (account_id, phone, event_id, action, word) VALUES "
	       "('acc_a', '" GUEST "', 'e1', 'flag', 'stop that'), "
	       "('acc_a', '+12125550003', 'e2', 'stop', 'STOP')");
	retain_all("500");
	check_str("who is young stays",
		  pg_value(arena, "SELECT string_agg(phone, ',') FROM conversations"),
		  STR("+12125550003"));
	check("one opt-out is kept by its hash",
	      pg_number("SELECT count(*) FROM opt_outs WHERE phone_hash = phone_hash('" GUEST
			"') AND via = 'twilio'") == 1 &&
		      pg_number("SELECT count(*) FROM opt_outs") == 1);
	check_str(
		"the ledger has no number or words of them",
		pg_value(arena, "SELECT string_agg(action || ' ' || left(phone, 3) || word, ',' "
				"ORDER BY event_id) FROM consent_log"),
		arena_printf(arena, "flag " STR_FMT ",stop +12STOP",
			     STR_ARG(pg_value(arena, "SELECT left(phone_hash('" GUEST "'), 3)"))));
}

/* Nothing is read from one end to the other, whatever the planner knows. */
static void by_index(void **state)
{
	static const char scans[] =
		"SELECT string_agg(relname || seq_scan, ' ' ORDER BY relname) "
		"FROM pg_stat_user_tables WHERE relname IN ('messages', 'attempts', 'receipts', "
		"'queue', 'conversations', 'parties', 'bookings', 'visit_log', 'deliveries', "
		"'consent_log', 'retained')";

	(void)state;
	pg_run("UPDATE accounts SET retain_days = 1");
	put_messages("1", GUEST, 50, 3000);
	put_party("1", "seated", "now() - " OLD);
	put_booking("2", "cancelled", "1 week", "now()");
	pg_run("SELECT pg_stat_force_next_flush()");
	struct str before = pg_value(arena, scans);

	retain_all("20");
	pg_run("SELECT pg_stat_force_next_flush()");
	check("it went", pg_number("SELECT sum(n) FROM message_totals") == 50);
	check_str("by index", pg_value(arena, scans), before);
}

/* However many others a carrier has: only whether it has these is looked up. */
static void beside_many(void **state)
{
	const char *const twenty = "20";
	static const char read[] = "SELECT sum(idx_tup_read) FROM pg_stat_user_indexes "
				   "WHERE relname = 'attempts'";

	(void)state;
	pg_run("UPDATE accounts SET retain_days = 1");
	put_messages("1", GUEST, 40, 3000);
	put_messages("2", "+12125550002", 500, 60);
	pg_run("INSERT INTO attempts (account_id, attempt_id, message_id, ordinal, provider, "
	       "number, dead_at, state) SELECT account_id, message_id, message_id, 1, 'twilio', "
	       "'+1', now(), 'accepted' FROM messages WHERE created_at > now() - " OLD
	       "; ANALYZE messages; ANALYZE attempts; SELECT pg_stat_force_next_flush()");
	long before = pg_number(read);

	retain_all(twenty);
	pg_run("SELECT pg_stat_force_next_flush()");
	check("they went", messages() == 500);
	check("none of the others was read", pg_number(read) - before < 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, each, after_each)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ages),	TEST(visits),	TEST(batches),	   TEST(one_at_a_time),
		TEST(opt_outs), TEST(by_index), TEST(beside_many),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
