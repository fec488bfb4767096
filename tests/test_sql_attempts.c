/* test_sql_attempts.c - attempts: opened before a byte leaves, settled once. */
#include "testing.h"

#include "buf.h"
#include "pg.h"

static struct arena *arena;

/* A venue. */
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

/* A message that was accepted and is due. */
static void put_message(const char *id, const char *phone)
{
	pg_run(pg_text(arena,
		       "INSERT INTO conversations (account_id, conversation_id, phone) "
		       "VALUES ('acc_a', 'cnv%s', '%s') ON CONFLICT DO NOTHING",
		       phone, phone));
	pg_run(pg_text(arena,
		       "INSERT INTO messages (account_id, message_id, conversation_id, direction, "
		       "kind, phone, body, encoding, segments, state, rank, expires_at) "
		       "VALUES ('acc_a', '%s', 'cnv%s', 'out', 'message', '%s', '', 'GSM-7', 1, "
		       "'queued', 0, now() + interval '1 hour')",
		       id, phone, phone));
	pg_run(pg_text(arena,
		       "INSERT INTO queue (account_id, conversation_id, message_id, claimed_by) "
		       "VALUES ('acc_a', 'cnv%s', '%s', 'me/1')",
		       phone, id));
}

static const char *conversation_of(const char *message)
{
	struct str c = pg_value(arena, pg_text(arena,
					       "SELECT conversation_id FROM messages "
					       "WHERE message_id = '%s'",
					       message));

	return c.len ? arena_cstr(arena, c) : "none";
}

/* Opens an attempt of the message; through `provider`, if there is one. */
static struct str open_through(const char *provider, const char *message, const char *attempt,
			       int ordinal)
{
	const char *const params[] = {
		"bat",
		"0",
		"{acc_a}",
		pg_text(arena, "{%s}", message),
		pg_text(arena, "{%s}", conversation_of(message)),
		pg_text(arena, "{%s}", attempt),
		pg_text(arena, "{%d}", ordinal),
		"{me/1}",
		pg_text(arena, "{%s}", provider ? provider : "NULL"),
		provider ? "{+12125550100}" : "{NULL}",
		"{60000}",
		"{0}",
		"{0}",
		"{0}",
		"{NULL}",
	};

	return pg_statement(arena, SQL_ATTEMPT_OPEN, 1, params, COUNT(params));
}

static struct str open_attempt(const char *message, const char *attempt, int ordinal)
{
	return open_through("twilio", message, attempt, ordinal);
}

static struct str state_of(const char *message)
{
	return pg_value(arena, pg_text(arena,
				       "SELECT m.state || ' ' || (SELECT count(*) FROM queue q "
				       "WHERE q.message_id = m.message_id) FROM messages m "
				       "WHERE m.message_id = '%s'",
				       message));
}

static void opening(void **state)
{
	(void)state;
	put_message("m1", "+12125550199");
	put_message("m2", "+12125550155");
	put_message("m3", "+12125550199");
	put_message("m4", "+12125550199");
	pg_run("UPDATE conversations SET opted_out_at = now() WHERE phone = '+12125550155'");
	pg_run("UPDATE messages SET expires_at = now() - interval '1 s' WHERE message_id = 'm3'");
	pg_run("UPDATE messages SET state = 'failed', rank = 4 WHERE message_id = 'm4'");

	check_str("opens", open_attempt("m1", "a1", 1), STR("opened"));
	check_str("run again", open_attempt("m1", "a1", 1), STR("opened"));
	check_str("another while it lives", open_attempt("m1", "a2", 2), STR("live"));
	pg_run("UPDATE messages SET expires_at = now() WHERE message_id = 'm1'");
	check_str("it may be out: it has not expired", open_attempt("m1", "a2", 2), STR("live"));
	pg_run("UPDATE messages SET expires_at = now() + interval '1 h' WHERE message_id = 'm1'");
	check("nor may any other statement open one",
	      pg_number("SELECT count(*) FROM pg_indexes WHERE indexname = 'attempts_one_live' "
			"AND indexdef LIKE 'CREATE UNIQUE INDEX%ambiguous%'") == 1);
	check_str("is sending",
		  pg_value(arena, "SELECT shown_state(m) FROM messages m "
				  "WHERE message_id = 'm1'"),
		  STR("sending"));
	check_str("still queued", state_of("m1"), STR("queued 1"));
	check_str("opted out since", open_attempt("m2", "a3", 1), STR("opted_out"));
	check_str("ends", state_of("m2"), STR("stopped 0"));
	check_str("too late", open_attempt("m3", "a4", 1), STR("expired"));
	check_str("ends", state_of("m3"), STR("expired 0"));
	check_str("had ended", open_attempt("m4", "a5", 1), STR("ended"));
	check_str("stays as it was", state_of("m4"), STR("failed 0"));
	check_str("no such message", open_attempt("m9", "a6", 1), STR("ended"));
	check("one attempt in all", pg_number("SELECT count(*) FROM attempts") == 1);

	pg_run("UPDATE attempts SET state = 'rejected'");
	check_str("after a refusal", open_attempt("m1", "a2", 2), STR("opened"));
	check_str("the first is over; its ordinal is taken", open_attempt("m1", "a7", 1),
		  STR("live"));
	check("it is dead when it was told",
	      pg_number("SELECT extract(epoch FROM dead_at - opened_at)::int FROM attempts "
			"WHERE attempt_id = 'a2'") == 60);
}

/* What is unknown or failed before it left may go through the other carrier: nothing else may. */
static void opening_another(void **state)
{
	static const struct {
		const char *name, *message, *attempt, *provider, *verdict, *status;
	} lines[] = {
		{ "given up", "'unknown', 1", "abandoned", "telnyx", "opened", NULL },
		{ "given up, but there", "'sent', 3", "abandoned", "telnyx", "ended", "sent" },
		{ "no receipt will come", "'sent', 3", "finalised", "telnyx", "ended",
		  "unconfirmed" },
		{ "failed before it left", "'sent', 3", "finalised", "telnyx", "opened", "failed" },
		{ "refused", "'queued', 0", "rejected", "telnyx", "opened", NULL },
		{ "a carrier has it", "'sent', 3", "accepted", "telnyx", "live", NULL },
		{ "unknown", "'unknown', 1", "ambiguous", "telnyx", "live", NULL },
		{ "being sent", "'queued', 0", "intent", "telnyx", "live", NULL },
		{ "ended", "'undelivered', 4", "finalised", "telnyx", "ended", NULL },
		{ "arrived", "'delivered', 5", "finalised", "telnyx", "ended", NULL },
		{ "no carrier is left", "'queued', 0", "rejected", NULL, "exhausted", NULL },
	};

	for (size_t i = 0; i < COUNT(lines); i++) {
		if (i)
			each(state);
		put_message("m1", "+12125550199");
		open_attempt("m1", "a1", 1);
		pg_run(pg_text(arena, "UPDATE attempts SET state = '%s'", lines[i].attempt));
		if (lines[i].status)
			pg_run(pg_text(arena, "UPDATE attempts SET status = '%s', status_rank = 3",
				       lines[i].status));
		pg_run(pg_text(arena, "UPDATE messages SET (state, rank) = (%s)",
			       lines[i].message));
		check_str(lines[i].name, open_through(lines[i].provider, "m1", "a2", 2),
			  str_of(lines[i].verdict));
		check_str("what is there after all lives, to its end",
			  pg_value(arena, "SELECT state FROM attempts WHERE attempt_id = 'a1'"),
			  str_of(lines[i].status && str_is(STR("abandoned"), lines[i].attempt) ?
					 "accepted" :
					 lines[i].attempt));
		if (i + 1 < COUNT(lines))
			arena_free(arena);
	}
	check_str("it ends", state_of("m1"), STR("failed 0"));
}

/* Only the claim that holds the queue row may open; what is not written any more is closed. */
static void claims(void **state)
{
	(void)state;
	put_message("m1", "+12125550199");
	pg_run("UPDATE queue SET claimed_by = 'me/2'");
	check_str("another has claimed it since", open_attempt("m1", "a1", 1), STR("lost"));
	pg_run("UPDATE queue SET claimed_by = 'me/1'");
	check_str("opens", open_attempt("m1", "a1", 1), STR("opened"));
	pg_run("UPDATE conversations SET opted_out_at = now()");
	check_str("run again, and STOP came in between", open_attempt("m1", "a1", 1),
		  STR("opted_out"));
	check_str("it never left", pg_value(arena, "SELECT state FROM attempts"), STR("rejected"));
	check_str("ends", state_of("m1"), STR("stopped 0"));
	put_message("m2", "+12125550188");
	pg_run("UPDATE messages SET cancel_reason = 'The party is seated.' "
	       "WHERE message_id = 'm2'");
	check_str("it matters no more", open_attempt("m2", "a2", 1), STR("cancelled"));
	check_str("and says so",
		  pg_value(arena, "SELECT state || ': ' || reason FROM messages "
				  "WHERE message_id = 'm2'"),
		  STR("cancelled: The party is seated."));
}

static void no_carrier(void **state)
{
	(void)state;
	put_message("m1", "+12125550199");
	check_str("waits", open_through(NULL, "m1", "a1", 1), STR("no_carrier"));
	check_str("waits", state_of("m1"), STR("queued 1"));
}

struct settling {
	const char *attempt, *state, *carrier_id, *message_state, *rank, *next, *delay, *opt_out;
	bool looked;
};

static struct str settle(const struct settling *s)
{
	const char *const params[] = {
		"bat",
		"0",
		"{acc_a}",
		"{m1}",
		pg_text(arena, "{%s}", s->attempt),
		pg_text(arena, "{%s}", s->state),
		s->carrier_id ? pg_text(arena, "{%s}", s->carrier_id) : "{NULL}",
		"{201}",
		"{NULL}",
		"{NULL}",
		"{Something happened.}",
		s->message_state ? pg_text(arena, "{%s}", s->message_state) : "{NULL}",
		pg_text(arena, "{%s}", s->rank),
		"{NULL}",
		s->next ? pg_text(arena, "{%s}", s->next) : "{end}",
		s->delay ? pg_text(arena, "{%s}", s->delay) : "{0}",
		s->opt_out ? pg_text(arena, "{%s}", s->opt_out) : "{0}",
		s->looked ? "{1}" : "{0}",
	};

	return pg_statement(arena, SQL_ATTEMPT_SETTLE, 1, params, COUNT(params));
}

#define ACCEPTED .state = "accepted", .carrier_id = "SM1", .message_state = "sent", .rank = "3"
#define UNCLEAR .state = "ambiguous", .message_state = "unknown", .rank = "1"
#define AGAIN .state = "rejected", .rank = "0", .next = "again"

/* clang-format off */
static const struct {
	const char *name, *before; /* SQL about the attempt while it was being sent */
	struct settling s;
	const char *attempt, *message;
} rows[] = {
	{ "accepted", NULL, { "a1", ACCEPTED }, "accepted SM1", "sent 0" },
	{ "unclear", NULL, { "a1", UNCLEAR }, "ambiguous -", "unknown 0" },
	{ "refused, again", NULL, { "a1", AGAIN }, "rejected -", "queued 1" },
	{ "refused, for good", NULL,
	  { "a1", .state = "rejected", .message_state = "failed", .rank = "4" },
	  "rejected -", "failed 0" },
	{ "opted out there", NULL,
	  { "a1", .state = "rejected", .message_state = "stopped", .rank = "4", .opt_out = "1" },
	  "rejected -", "stopped 0" },
	{ "callback was faster",
	  "UPDATE attempts SET state = 'accepted', carrier_id = 'SM1'; "
	  "UPDATE messages SET state = 'sent', rank = 3",
	  { "a1", UNCLEAR }, "accepted SM1", "sent 0" },
	{ "it had been delivered",
	  "UPDATE attempts SET state = 'finalised', carrier_id = 'SM1'; "
	  "UPDATE messages SET state = 'delivered', rank = 5",
	  { "a1", ACCEPTED }, "finalised SM1", "delivered 0" },
	{ "a refusal after a callback sends no second text",
	  "UPDATE attempts SET state = 'accepted', carrier_id = 'SM1'",
	  { "a1", AGAIN }, "accepted SM1", "queued 0" },
	{ "what was unclear is learnt", "UPDATE attempts SET state = 'ambiguous'",
	  { "a1", ACCEPTED }, "accepted SM1", "sent 0" },
	{ "another attempt", NULL, { "a9", ACCEPTED }, "intent -", "queued 1" },
	{ "unclear, to be asked for", NULL, { "a1", UNCLEAR, .next = "again", .delay = "2000" },
	  "ambiguous -", "unknown 1" },
	{ "asked for, and there", "UPDATE attempts SET state = 'ambiguous'",
	  { "a1", ACCEPTED, .looked = true }, "accepted SM1", "sent 0" },
	{ "asked for, and not there yet", "UPDATE attempts SET state = 'ambiguous'",
	  { "a1", .state = "ambiguous", .rank = "0", .next = "again", .looked = true },
	  "ambiguous -", "queued 1" },
	{ "given up", "UPDATE attempts SET state = 'ambiguous'",
	  { "a1", .state = "abandoned", .rank = "0", .next = "again", .looked = true },
	  "abandoned -", "queued 1" },
	{ "uncertain, of a message that another carrier had taken, and failed",
	  "UPDATE attempts SET state = 'ambiguous'; UPDATE messages SET state = 'sent', rank = 3",
	  { "a1", .state = "ambiguous", .message_state = "uncertain", .rank = "2", .looked = true },
	  "ambiguous -", "uncertain 0" },
	{ "failed before it left, and due again, when the answer came",
	  "UPDATE attempts SET state = 'finalised', status = 'failed', status_rank = 4; "
	  "UPDATE messages SET state = 'sent', rank = 3",
	  { "a1", ACCEPTED }, "finalised SM1", "sent 1" },
	{ "given up while its callback came",
	  "UPDATE attempts SET state = 'accepted', carrier_id = 'SM1'; "
	  "UPDATE messages SET state = 'sent', rank = 3",
	  { "a1", .state = "abandoned", .rank = "0", .next = "again", .looked = true },
	  "accepted SM1", "sent 0" },
};
/* clang-format on */

static void settling(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (i)
			each(state);
		put_message("m1", "+12125550199");
		open_attempt("m1", "a1", 1);
		if (rows[i].before)
			pg_run(rows[i].before);
		for (int run = 0; run < 2; run++) {
			settle(&rows[i].s);
			check_str(rows[i].name,
				  pg_value(arena,
					   "SELECT state || ' ' || coalesce(carrier_id, '-') "
					   "FROM attempts"),
				  str_of(rows[i].attempt));
			check_str(rows[i].name, state_of("m1"), str_of(rows[i].message));
		}
		check(rows[i].name, pg_number("SELECT count(opted_out_at) FROM conversations") ==
					    (rows[i].s.opt_out != NULL));
		if (i + 1 < COUNT(rows))
			arena_free(arena);
	}
}

/* "Again, later" is not due before its time; "at once" is. */
static void due(void **state)
{
	(void)state;
	put_message("m1", "+12125550199");
	open_attempt("m1", "a1", 1);
	settle(&(struct settling){ .attempt = "a1",
				   .state = "rejected",
				   .rank = "0",
				   .next = "again",
				   .delay = "5000" });
	check("in 5 s",
	      pg_number("SELECT extract(epoch FROM due_at - now())::int FROM queue") == 5);
	pg_run("UPDATE queue SET claimed_by = 'me/1'");
	open_attempt("m1", "a2", 2);
	settle(&(struct settling){
		.attempt = "a2", .state = "rejected", .rank = "0", .next = "again", .delay = "0" });
	check("now", pg_number("SELECT count(*) FROM queue WHERE due_at <= now()") == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(opening, each, after_each),
		cmocka_unit_test_setup_teardown(opening_another, each, after_each),
		cmocka_unit_test_setup_teardown(no_carrier, each, after_each),
		cmocka_unit_test_setup_teardown(claims, each, after_each),
		cmocka_unit_test_setup_teardown(settling, each, after_each),
		cmocka_unit_test_setup_teardown(due, each, after_each),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
