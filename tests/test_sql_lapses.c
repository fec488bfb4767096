/* test_sql_lapses.c - claims that ran out: who is claimed alone, and what is claimed no more. */
#include "testing.h"

#include "pg.h"

static struct arena *arena;

static int each(void **state)
{
	(void)state;
	arena = arena_new();
	pg_empty();
	pg_venue("acc_a", "+12125550100", "+12125550101");
	return 0;
}

static int after_each(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* Messages m1, m2, ... to a guest each, due in this order. */
static void put_messages(int num)
{
	pg_run(pg_text(arena,
		       "INSERT INTO conversations (account_id, conversation_id, phone) "
		       "SELECT 'acc_a', 'c' || i, '+1212555' || 1000 + i "
		       "FROM generate_series(1, %d) i",
		       num));
	pg_run(pg_text(
		arena,
		"INSERT INTO messages (account_id, message_id, conversation_id, direction, "
		"kind, phone, body, encoding, segments, state, rank, expires_at) "
		"SELECT 'acc_a', 'm' || i, 'c' || i, 'out', 'message', "
		"'+1212555' || 1000 + i, '', 'GSM-7', 1, 'queued', 0, now() + interval '1 h' "
		"FROM generate_series(1, %d) i",
		num));
	pg_run(pg_text(
		arena,
		"INSERT INTO queue (account_id, conversation_id, message_id, turn_at) "
		"SELECT 'acc_a', 'c' || i, 'm' || i, now() - interval '1 h' + i * interval '1 s' "
		"FROM generate_series(1, %d) i",
		num));
}

static struct str claim(const char *who)
{
	const char *const params[] = { who, "50", "60000" };

	return pg_statement(arena, SQL_QUEUE_CLAIM, 1, params, COUNT(params));
}

static struct str park(void)
{
	const char *const params[] = { "100" };

	return pg_statement(arena, SQL_QUEUE_PARK, 0, params, COUNT(params));
}

static void leases_end(void)
{
	pg_run("UPDATE queue SET due_at = now() WHERE claimed_by IS NOT NULL");
}

static struct str story_of(const char *message)
{
	return pg_value(arena,
			pg_text(arena,
				"SELECT m.state || ' ' || m.rank || ' ' || (m.ended_at IS NOT "
				"NULL) || ' ' || (SELECT count(*) FROM queue q WHERE "
				"q.message_id = m.message_id) FROM messages m "
				"WHERE m.message_id = '%s'",
				message));
}

/* m2 ends each process that has it; the others go as soon as they are alone. */
static void culprit(void **state)
{
	(void)state;
	put_messages(3);
	check_str("all together", claim("p/1/1"), STR("m1,m2,m3"));
	leases_end();
	check_str("once may be bad luck", claim("p/2/1"), STR("m1,m2,m3"));
	check_str("nobody else gets them", claim("p/2/2"), STR(""));
	leases_end();
	check_str("from the second time on, alone", claim("p/3/1"), STR("m1"));
	check_str("one at a time, over all processes", claim("q/1/1"), STR(""));
	pg_run("DELETE FROM queue WHERE message_id = 'm1'");
	pg_run("INSERT INTO queue (account_id, conversation_id, message_id) "
	       "VALUES ('acc_a', 'c1', 'm1')");
	check_str("the first was sent, and is due for something else", claim("p/3/2"), STR("m2"));
	check_str("others go on beside it", claim("p/3/3"), STR("m1"));
	check_str("it is not over yet", park(), STR("0"));
	leases_end();
	check_str("who has fewer lapses goes first", claim("p/4/1"), STR("m3"));
	pg_run("DELETE FROM queue WHERE message_id <> 'm2'");
	for (int i = 4; i <= 8; i++) {
		check_str("again", claim(pg_text(arena, "p/%d/2", i)), STR("m2"));
		check_str("under way", park(), STR("0"));
		leases_end();
	}
	check_str("never a ninth claim", claim("p/9/1"), STR(""));
	check_str("it ends", park(), STR("1"));
	check_str("said", story_of("m2"), STR("failed 4 true 0"));
	check_str("why", pg_value(arena, "SELECT reason FROM messages WHERE message_id = 'm2'"),
		  STR("Sending it stopped our software several times; it was not tried again."));
	check_str("no innocent one does", story_of("m3"), STR("queued 0 false 0"));
	check_str("once", park(), STR("0"));
}

/* What did not end the process is not counted, or is forgotten. */
static void innocent(void **state)
{
	(void)state;
	put_messages(1);
	for (int i = 0; i < 9; i++) {
		check_str("a process that is still there",
			  claim(pg_text(arena, "host-1/77/0/abcd1234/%d", i)), STR("m1"));
		leases_end();
	}
	check("not counted", pg_number("SELECT lapses FROM queue") == 0);
	pg_run("UPDATE queue SET claimed_by = NULL");
	for (int i = 0; i < 9; i++) {
		claim(pg_text(arena, "p/%d/1", i));
		leases_end();
		claim(pg_text(arena, "q/%d/1", i));
		check("bad luck", pg_number("SELECT lapses FROM queue") == 1);
		pg_run("UPDATE queue SET claimed_by = NULL, due_at = now()"); /* settled: again */
	}
	check_str("never parked", park(), STR("0"));
}

/* What may have gone out is not said to be unsent. */
static void ends(void **state)
{
	static const struct {
		const char *name, *attempt, *message, *story, *attempt_now;
	} lines[] = {
		{ "no attempt", NULL, "'queued', 0", "failed 4 true 0", "-" },
		{ "being sent", "intent", "'queued', 0", "uncertain 2 true 0", "ambiguous" },
		{ "no clear answer", "ambiguous", "'unknown', 1", "uncertain 2 true 0",
		  "ambiguous" },
		{ "a second one, as well", "ambiguous", "'sent', 3", "uncertain 3 true 0",
		  "ambiguous" },
		{ "asked for its receipt", "accepted", "'sent', 3", "sent 3 true 0", "finalised" },
		{ "refused so far", "rejected", "'queued', 0", "failed 4 true 0", "rejected" },
		{ "ended meanwhile", "finalised", "'delivered', 5", "delivered 5 false 0",
		  "finalised" },
	};

	for (size_t i = 0; i < COUNT(lines); i++) {
		if (i)
			each(state);
		put_messages(1);
		if (lines[i].attempt)
			pg_run(pg_text(arena,
				       "INSERT INTO attempts (account_id, attempt_id, message_id, "
				       "ordinal, provider, number, state, opened_at, dead_at) "
				       "VALUES ('acc_a', 'a1', 'm1', 1, 'twilio', '+12125550100', "
				       "'%s', now(), now())",
				       lines[i].attempt));
		pg_run(pg_text(arena, "UPDATE messages SET (state, rank) = (%s)",
			       lines[i].message));
		pg_run("UPDATE queue SET claimed_by = 'p/1/1', lapses = 7, due_at = now()");
		check_str(lines[i].name, park(), STR("1"));
		check_str(lines[i].name, story_of("m1"), str_of(lines[i].story));
		check_str(lines[i].name,
			  pg_value(arena, "SELECT coalesce(max(state), '-') FROM attempts"),
			  str_of(lines[i].attempt_now));
		if (i + 1 < COUNT(lines))
			arena_free(arena);
	}
}

/* A host who cancelled it meanwhile reads that. */
static void cancelled(void **state)
{
	(void)state;
	put_messages(1);
	pg_run("UPDATE messages SET cancel_reason = 'Cancelled.'");
	pg_run("UPDATE queue SET claimed_by = 'p/1/1', lapses = 7, due_at = now()");
	check_str("one", park(), STR("1"));
	check_str("cancelled", story_of("m1"), STR("cancelled 4 true 0"));
}

static double rows_believed(void)
{
	return (double)pg_number("SELECT reltuples FROM pg_class WHERE relname = 'queue'");
}

static void measure(void)
{
	const char *const params[] = { "200" };

	check_str("never more to do", pg_statement(arena, SQL_QUEUE_MEASURE, 0, params, 1),
		  STR("0"));
}

/* Autovacuum may look at the queue when it is empty: who plans for that compares each with each. */
static void length(void **state)
{
	(void)state;
	put_messages(300);
	pg_run("DELETE FROM queue");
	pg_run("ANALYZE queue");
	check("it seems empty", rows_believed() == 0);
	measure();
	check("and is", rows_believed() == 0);
	pg_run("INSERT INTO queue (account_id, conversation_id, message_id) "
	       "SELECT account_id, conversation_id, message_id FROM messages");
	measure();
	check("it is long, and known to be", rows_believed() == 300);
	pg_run("DELETE FROM queue WHERE message_id <> 'm1'");
	measure();
	check("what is known well enough is left", rows_believed() == 300);
}

/* Of a queue never analysed the planner knows the size alone, and reads all of it for a claim. */
static void length_unknown(void **state)
{
	(void)state;
	pg_run("TRUNCATE queue");
	put_messages(300);
	check("nobody has looked", rows_believed() < 0);
	measure();
	check("it is long, and known to be", rows_believed() == 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(culprit, each, after_each),
		cmocka_unit_test_setup_teardown(innocent, each, after_each),
		cmocka_unit_test_setup_teardown(ends, each, after_each),
		cmocka_unit_test_setup_teardown(length, each, after_each),
		cmocka_unit_test_setup_teardown(length_unknown, each, after_each),
		cmocka_unit_test_setup_teardown(cancelled, each, after_each),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
