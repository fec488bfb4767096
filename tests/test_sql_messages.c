/*
 * test_sql_messages.c - the outbound statements: accepting messages, claiming them, opening and
 * settling attempts.
 */
#include "testing.h"

#include "buf.h"
#include "pg.h"

#define OUT "{+12125550155}" /* asked not to be texted by acc_a */

static struct arena *arena;

/* Two venues; the second shares no number with the first. */
static int each(void **state)
{
	(void)state;
	arena = arena_new();
	pg_empty();
	pg_venue("acc_a", "+12125550100", "+12125550101");
	pg_venue("acc_b", "+12125550200", "+12125550201");
	return 0;
}

static int after_each(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* Arrays as PostgreSQL writes them: "{m1,m2}". */
struct messages {
	const char *account; /* whose key; NULL: nobody's */
	const char *ids, *phones, *numbers, *keys, *hashes, *send_ms, *kinds;
};

/* An array with the value n times. */
static const char *fill(const char *value, long n)
{
	return pg_value(arena,
			pg_text(arena, "SELECT array_fill('%s'::text, ARRAY[%ld])", value, n))
		.p;
}

/* Accepts as many messages as there are ids; what is NULL is the same for each. */
static struct str accept_messages(const struct messages *m, int column)
{
	long n = pg_number(pg_text(arena, "SELECT cardinality('%s'::text[])", m->ids));
	struct str key = m->account ? pg_key_hash(arena, m->account) : STR("of no key");
	const char *none =
		pg_value(arena, pg_text(arena, "SELECT array_fill(NULL::text, ARRAY[%ld])", n)).p;
	const char *const params[] = {
		"bat",
		"0",
		fill(arena_cstr(arena, key), n),
		m->ids,
		m->ids, /* of conversations */
		m->phones ? m->phones : fill("+12125550199", n),
		fill("Your table is ready.", n),
		m->numbers ? m->numbers : none,
		m->kinds ? m->kinds : fill("message", n),
		fill("GSM-7", n),
		fill("1", n),
		fill("4102444800000", n),
		m->keys ? m->keys : none,
		m->hashes ? m->hashes : fill("hash", n),
		m->send_ms ? m->send_ms : none,
		none,
		none,
		none,
		fill("sms", n),
	};

	return pg_statement(arena, SQL_MESSAGE_ACCEPT, column, params, COUNT(params));
}

/* clang-format off */
static const struct {
	const char *name;
	struct messages m;
	const char *verdicts;
} acceptances[] = {
	{ "one", { "acc_a", .ids = "{m1}" },
	  "accepted" },
	{ "run again", { "acc_a", .ids = "{m1}" },
	  "accepted" },
	{ "unknown key", { .ids = "{m2}" },
	  "unauthorized" },
	{ "its number", { "acc_a", .ids = "{m3}", .numbers = "{+12125550101}" },
	  "accepted" },
	{ "another's number", { "acc_a", .ids = "{m4}", .numbers = "{+12125550200}" },
	  "no_number" },
	{ "opted out", { "acc_a", .ids = "{m5}", .phones = OUT },
	  "opted_out" },
	{ "not at the other venue", { "acc_b", .ids = "{m6}", .phones = OUT },
	  "accepted" },
	{ "with a key", { "acc_a", .ids = "{m7}", .keys = "{k1}" },
	  "accepted" },
	{ "the same, run again", { "acc_a", .ids = "{m7}", .keys = "{k1}" },
	  "accepted" },
	{ "the same from the client", { "acc_a", .ids = "{m8}", .keys = "{k1}" },
	  "replayed" },
	{ "another body", { "acc_a", .ids = "{m9}", .keys = "{k1}", .hashes = "{other}" },
	  "key_reused" },
	{ "key of the other venue", { "acc_b", .ids = "{m10}", .keys = "{k1}" },
	  "accepted" },
	{ "a refusal", { "acc_a", .ids = "{m11}", .phones = OUT, .keys = "{k2}" },
	  "opted_out" },
	{ "holds no key", { "acc_a", .ids = "{m12}", .keys = "{k2}" },
	  "accepted" },
	{ "two", { "acc_a", .ids = "{m13,m14}", .numbers = "{NULL,+1}" },
	  "accepted,no_number" },
	{ "one key twice", { "acc_a", .ids = "{m15,m16}", .keys = "{k3,k3}" },
	  "accepted,replayed" },
	{ "one key for two things", { "acc_a", .ids = "{m17,m18}", .keys = "{k4,k4}",
				      .hashes = "{one,two}" },
	  "accepted,key_reused" },
};
/* clang-format on */

static void accepting(void **state)
{
	(void)state;
	pg_run("INSERT INTO conversations (account_id, conversation_id, phone, opted_out_at) "
	       "VALUES ('acc_a', 'cnv_out', '+12125550155', now())");
	for (size_t i = 0; i < COUNT(acceptances); i++)
		check_str(acceptances[i].name, accept_messages(&acceptances[i].m, 1),
			  str_of(acceptances[i].verdicts));
	check_str("stored are",
		  pg_value(arena, "SELECT string_agg(message_id, ',' ORDER BY "
				  "substr(message_id, 2)::int) FROM messages"),
		  STR("m1,m3,m6,m7,m10,m12,m13,m15,m17"));
	check("and due", pg_number("SELECT count(*) FROM queue WHERE due_at <= now()") == 9);
	check_str("a replay has the first id",
		  accept_messages(
			  &(struct messages){ .account = "acc_a", .ids = "{m20}", .keys = "{k1}" },
			  2),
		  STR("m7"));
	pg_run("UPDATE api_keys SET revoked_at = now() WHERE account_id = 'acc_a'");
	check_str("revoked",
		  accept_messages(&(struct messages){ .account = "acc_a", .ids = "{m21}" }, 1),
		  STR("unauthorized"));
}

/* One thread for each guest at each venue, with the latest message in front. */
static void threads(void **state)
{
	(void)state;
	accept_messages(&(struct messages){ .account = "acc_a", .ids = "{m1,m3,m2}" }, 1);
	accept_messages(&(struct messages){ .account = "acc_b", .ids = "{m4}" }, 1);
	check("one each", pg_number("SELECT count(*) FROM conversations") == 2);
	check_str("the latest",
		  pg_value(arena, "SELECT last_message_id FROM conversations "
				  "WHERE account_id = 'acc_a'"),
		  STR("m3"));
	check("all in it", pg_number("SELECT count(DISTINCT conversation_id) FROM messages "
				     "WHERE account_id = 'acc_a'") == 1);
	accept_messages(&(struct messages){ .account = "acc_a", .ids = "{m0}" }, 1);
	check_str("an older one does not fall behind",
		  pg_value(arena, "SELECT last_message_id FROM conversations "
				  "WHERE account_id = 'acc_a'"),
		  STR("m3"));
}

/* Claimed once; again when the lease is over. */
static void claiming(void **state)
{
	const char *const params[] = { "me", "2", "60000" };

	(void)state;
	accept_messages(&(struct messages){ .account = "acc_a",
					    .ids = "{m1,m2,m3}",
					    .phones = "{+12125550191,+12125550192,+12125550193}" },
			1);
	check("as many as asked for",
	      pg_statement(arena, SQL_QUEUE_CLAIM, 1, params, 3).len == strlen("m1,m2"));
	check("the one that is left",
	      pg_statement(arena, SQL_QUEUE_CLAIM, 1, params, 3).len == strlen("m3"));
	check("none", pg_statement(arena, SQL_QUEUE_CLAIM, 1, params, 3).len == 0);
	pg_run("UPDATE queue SET due_at = now() WHERE message_id = 'm2'");
	check_str("the lease is over", pg_statement(arena, SQL_QUEUE_CLAIM, 1, params, 3),
		  STR("m2"));
	pg_run("UPDATE queue SET due_at = now() WHERE message_id = 'm2'");
	check_str("its numbers", pg_statement(arena, SQL_QUEUE_CLAIM, 8, params, 3),
		  STR("twilio +12125550100 10dlc -,telnyx +12125550101 10dlc -"));
}

static struct str claim(const char *how_many)
{
	const char *const params[] = { "me/1", how_many, "60000" };

	return pg_statement(arena, SQL_QUEUE_CLAIM, 1, params, 3);
}

static void accept_for(const char *account, const char *ids, const char *phones, const char *kinds)
{
	accept_messages(
		&(struct messages){
			.account = account, .ids = ids, .phones = phones, .kinds = kinds },
		1);
}

/* A guest's texts go one after the other; one whose outcome is unknown, or that is for later, holds
 * no other back. */
static void in_order(void **state)
{
	(void)state;
	accept_for("acc_a", "{m1,m2}", NULL, NULL);
	check_str("the older one", claim("5"), STR("m1"));
	check_str("the younger one waits for it", claim("5"), STR(""));
	pg_run("UPDATE queue SET claimed_by = NULL, holds = false, due_at = now() + "
	       "interval '2 s' WHERE message_id = 'm1'");
	check_str("it is unknown now", claim("5"), STR("m2"));
	pg_run("DELETE FROM queue");
	accept_messages(&(struct messages){ .account = "acc_a",
					    .ids = "{m3}",
					    .send_ms = "{4102444800000}" },
			1);
	accept_for("acc_a", "{m4}", NULL, NULL);
	check_str("for later", claim("5"), STR("m4"));
}

/* What stands ready goes first; who queues much lets others in between. */
static void by_turns(void **state)
{
	(void)state;
	accept_for("acc_a", "{m11,m12,m13,m14}", "{+11,+12,+13,+14}", NULL);
	accept_for("acc_b", "{m21}", "{+15}", NULL);
	accept_for("acc_b", "{m31}", "{+16}", "{table_ready}");
	/* as if both had been accepted at once */
	pg_run("UPDATE queue q SET turn_at = now() + (turn_at - (SELECT min(turn_at) "
	       "FROM queue a WHERE a.account_id = q.account_id)) + "
	       "(account_id = 'acc_b')::int * interval '1 ms' WHERE priority = 1");
	check_str("ready first, then one each", claim("3"), STR("m31,m11,m21"));
	check_str("the rest", claim("5"), STR("m12,m13,m14"));
}

/* Opens attempts of m1, m2, ... at once, two segments each, from one number with a pace. */
static struct str open_paced(int from, int to, const char *number_pace, const char *carrier_pace)
{
	long n = to - from + 1;
	const char *ids = pg_value(arena, pg_text(arena,
						  "SELECT array_agg('m' || i) FROM "
						  "generate_series(%d, %d) i",
						  from, to))
				  .p;
	const char *const params[] = {
		"bat",
		"0",
		fill("acc_a", n),
		ids,
		ids /* conversations */,
		ids /* attempts */,
		fill("1", n),
		fill("me/1", n),
		fill("twilio", n),
		fill("+12125550100", n),
		fill("60000", n),
		fill(number_pace, n),
		fill(carrier_pace, n),
		fill("0", n),
		fill("NULL", n),
	};

	return pg_statement(arena, SQL_ATTEMPT_OPEN, 1, params, COUNT(params));
}

/* A second's worth goes at once; the rest in its turn, each two segments after the one before. */
static void paced(void **state)
{
	(void)state;
	accept_for("acc_a", "{m1,m2,m3,m4,m5,m6,m7,m8,m9}", "{+1,+2,+3,+4,+5,+6,+7,+8,+9}", NULL);
	pg_run("UPDATE messages SET segments = 2; UPDATE queue SET claimed_by = 'me/1'");
	check_str("four a second", open_paced(1, 4, "4000", "0"),
		  STR("opened,opened,opened,later"));
	check("a quarter of a second for each segment more",
	      pg_number("SELECT extract(milliseconds FROM due_at - now())::int / 100 FROM queue "
			"WHERE message_id = 'm4' AND due_at = turn_at AND why IS NOT NULL") == 4);
	check_str("busy for a while", open_paced(5, 6, "4000", "0"), STR("later,later"));
	pg_run("UPDATE paces SET free_at = now() - interval '1 hour'");
	pg_run("UPDATE queue SET claimed_by = 'me/1'");
	check_str("what was not used is not saved up", open_paced(4, 7, "4000", "0"),
		  STR("opened,opened,opened,later"));
	check_str("the account at the carrier has one too", open_paced(8, 9, "0", "1000"),
		  STR("opened,later"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(accepting, each, after_each),
		cmocka_unit_test_setup_teardown(threads, each, after_each),
		cmocka_unit_test_setup_teardown(claiming, each, after_each),
		cmocka_unit_test_setup_teardown(in_order, each, after_each),
		cmocka_unit_test_setup_teardown(by_turns, each, after_each),
		cmocka_unit_test_setup_teardown(paced, each, after_each),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
