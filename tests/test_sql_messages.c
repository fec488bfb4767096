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

static const char *print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static const char *print(const char *fmt, ...)
{
	char text[1000];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return arena_cstr(arena, str_of(text));
}

/* Arrays as PostgreSQL writes them: "{m1,m2}". */
struct messages {
	const char *account; /* whose key; NULL: nobody's */
	const char *ids, *phones, *numbers, *keys, *hashes;
};

/* An array with the value n times. */
static const char *fill(const char *value, long n)
{
	return pg_value(arena, print("SELECT array_fill('%s'::text, ARRAY[%ld])", value, n)).p;
}

/* Accepts as many messages as there are ids; what is NULL is the same for each. */
static struct str accept_messages(const struct messages *m, int column)
{
	long n = pg_number(print("SELECT cardinality('%s'::text[])", m->ids));
	struct str key = m->account ? pg_key_hash(arena, m->account) : STR("of no key");
	const char *none = pg_value(arena, print("SELECT array_fill(NULL::text, ARRAY[%ld])", n)).p;
	const char *const params[] = {
		"bat",
		"0",
		fill(arena_cstr(arena, key), n),
		m->ids,
		m->ids, /* of conversations */
		m->phones ? m->phones : fill("+12125550199", n),
		fill("Your table is ready.", n),
		m->numbers ? m->numbers : none,
		fill("message", n),
		fill("GSM-7", n),
		fill("1", n),
		fill("4102444800000", n),
		m->keys ? m->keys : none,
		m->hashes ? m->hashes : fill("hash", n),
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
	  "!21000" },
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
		  STR("m1,m3,m6,m7,m10,m12,m13"));
	check("and due", pg_number("SELECT count(*) FROM queue WHERE due_at <= now()") == 7);
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
	accept_messages(&(struct messages){ .account = "acc_a", .ids = "{m1,m2,m3}" }, 1);
	check("as many as asked for",
	      pg_statement(arena, SQL_QUEUE_CLAIM, 1, params, 3).len == strlen("m1,m2"));
	check("the one that is left",
	      pg_statement(arena, SQL_QUEUE_CLAIM, 1, params, 3).len == strlen("m3"));
	check("none", pg_statement(arena, SQL_QUEUE_CLAIM, 1, params, 3).len == 0);
	pg_run("UPDATE queue SET due_at = now() WHERE message_id = 'm2'");
	check_str("the lease is over", pg_statement(arena, SQL_QUEUE_CLAIM, 1, params, 3),
		  STR("m2"));
	pg_run("UPDATE queue SET due_at = now() WHERE message_id = 'm2'");
	check_str("its numbers", pg_statement(arena, SQL_QUEUE_CLAIM, 6, params, 3),
		  STR("twilio +12125550100,telnyx +12125550101"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(accepting, each, after_each),
		cmocka_unit_test_setup_teardown(threads, each, after_each),
		cmocka_unit_test_setup_teardown(claiming, each, after_each),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
