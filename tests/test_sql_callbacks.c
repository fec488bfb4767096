/* test_sql_callbacks.c - the inbound statements: reports, replies, the journal and consent. */
#include "testing.h"

#include "pg.h"

#define GUEST "+12125550199"
#define OURS "+12125550100" /* acc_a's number at Twilio */

static struct arena *arena;

/* One venue, and a message of its that Twilio is being asked to send. */
static int each(void **state)
{
	(void)state;
	arena = arena_new();
	pg_empty();
	pg_venue("acc_a", OURS, "+12125550101");
	pg_run("INSERT INTO messages (account_id, message_id, conversation_id, direction, kind, "
	       "phone, body, encoding, segments, state, rank) VALUES ('acc_a', 'm1', 'cnv', 'out', "
	       "'message', '" GUEST "', '', 'GSM-7', 1, 'queued', 0)");
	pg_run("INSERT INTO queue (account_id, conversation_id, message_id) "
	       "VALUES ('acc_a', 'cnv', 'm1')");
	pg_run("INSERT INTO attempts (account_id, attempt_id, message_id, ordinal, provider, "
	       "number, state, dead_at) VALUES ('acc_a', 'a1', 'm1', 1, 'twilio', '" OURS "', "
	       "'intent', now() + interval '1 minute')");
	return 0;
}

static int after_each(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* ---- status reports ---- */

/* DROPPED: failed, and the carrier says that it never left. */
enum { QUEUED, SENT, FAILED, DROPPED, UNDELIVERED, DELIVERED };

static const struct {
	const char *status, *rank, *attempt_state, *message_state, *message_rank;
} kinds[] = {
	[QUEUED] = { "queued", "0", "accepted", "sent", "3" },
	[SENT] = { "sent", "2", "accepted", "sent", "3" },
	[FAILED] = { "failed", "4", "finalised", "failed", "4" },
	[DROPPED] = { "failed", "4", "finalised", "failed", "4" },
	[UNDELIVERED] = { "undelivered", "4", "finalised", "undelivered", "4" },
	[DELIVERED] = { "delivered", "5", "finalised", "delivered", "5" },
};

struct report {
	int kind;
	const char *provider, *account, *attempt, *carrier_id, *phone; /* NULL: the right one */
	bool no_hint;
};

static const char *list(const char *before, const char *item)
{
	return before ? pg_text(arena, "%s,%s", before, item) : item;
}

/* Applies them in one batch; the ordinals of those that found their attempt. */
static struct str apply_reports(const struct report *reports, size_t num)
{
	const char *columns[20] = { NULL };
	const char *params[22] = { "bat", "0" };

	for (size_t i = 0; i < num; i++) {
		const struct report *r = &reports[i];
		const char *const row[20] = {
			r->no_hint ? "NULL" :
			r->account ? r->account :
				     "acc_a",
			r->no_hint ? "NULL" :
			r->attempt ? r->attempt :
				     "a1",
			r->provider ? r->provider : "twilio",
			r->carrier_id ? r->carrier_id : "SM1",
			pg_text(arena, "%s-%s", r->carrier_id ? r->carrier_id : "SM1",
				kinds[r->kind].status),
			r->phone ? r->phone : GUEST,
			kinds[r->kind].status,
			kinds[r->kind].rank,
			kinds[r->kind].status,
			kinds[r->kind].rank[0] == '4' ? "30005" : "NULL",
			kinds[r->kind].rank[0] == '4' ? "other-carrier" : "NULL",
			"Twilio said something.",
			"NULL",
			"1770000000000",
			kinds[r->kind].attempt_state,
			kinds[r->kind].message_state,
			kinds[r->kind].message_rank,
			r->kind == DROPPED ? "1" : "0",
			"NULL",
			"NULL",
		};

		for (size_t k = 0; k < COUNT(row); k++)
			columns[k] = list(columns[k], row[k]);
	}
	for (size_t k = 0; k < COUNT(columns); k++)
		params[k + 2] = pg_text(arena, "{%s}", columns[k]);
	return pg_statement(arena, SQL_RECEIPTS_APPLY, 0, params, COUNT(params));
}

/* "attempt's state, its status, its carrier id; message's state; in the queue; receipts" */
static struct str summary(void)
{
	return pg_value(arena, "SELECT format('%s %s %s; %s; %s; %s', a.state, a.status, "
			       "a.carrier_id, m.state, (SELECT count(*) FROM queue), "
			       "(SELECT count(*) FROM receipts)) FROM attempts a JOIN messages m "
			       "USING (account_id, message_id) WHERE a.attempt_id = 'a1'");
}

/* clang-format off */
static const struct {
	const char *name, *before;
	size_t num;
	struct report reports[4];
	const char *found, *after;
} report_rows[] = {
	{ "before the answer", NULL, 1, { { .kind = QUEUED } }, "1",
	  "accepted queued SM1; sent; 0; 1" },
	{ "in order", NULL, 3,
	  { { .kind = QUEUED }, { .kind = SENT }, { .kind = DELIVERED } }, "1,2,3",
	  "finalised delivered SM1; delivered; 0; 3" },
	{ "reordered", NULL, 3,
	  { { .kind = DELIVERED }, { .kind = QUEUED }, { .kind = SENT } }, "1,2,3",
	  "finalised delivered SM1; delivered; 0; 3" },
	{ "twice", NULL, 2, { { .kind = SENT }, { .kind = SENT } }, "1,2",
	  "accepted sent SM1; sent; 0; 1" },
	{ "the first of two ends stays", NULL, 2,
	  { { .kind = UNDELIVERED }, { .kind = FAILED } },
	  "1,2", "finalised undelivered SM1; undelivered; 0; 2" },
	{ "delivered after all", NULL, 2,
	  { { .kind = UNDELIVERED }, { .kind = DELIVERED } },
	  "1,2", "finalised delivered SM1; delivered; 0; 2" },
	{ "never left: the other carrier may", "UPDATE attempts SET state = 'accepted', "
	  "carrier_id = 'SM1'; UPDATE messages SET state = 'sent', rank = 3; DELETE FROM queue",
	  1, { { .kind = DROPPED } }, "1", "finalised failed SM1; sent; 1; 1" },
	{ "never left, of an attempt that was refused: nothing follows",
	  "UPDATE attempts SET state = 'rejected'; DELETE FROM queue",
	  1, { { .kind = DROPPED } }, "1", "finalised failed SM1; queued; 0; 1" },
	{ "never left, of a message that has arrived", "UPDATE attempts SET state = 'accepted'; "
	  "UPDATE messages SET state = 'delivered', rank = 5; DELETE FROM queue",
	  1, { { .kind = DROPPED } }, "1", "finalised failed SM1; delivered; 0; 1" },
	{ "never left, of one that had been sent", NULL, 2,
	  { { .kind = SENT }, { .kind = DROPPED } }, "1,2", "finalised failed SM1; failed; 0; 2" },
	{ "never left, of one that was sent a while ago",
	  "UPDATE attempts SET state = 'accepted', status = 'sent', status_rank = 2; "
	  "UPDATE messages SET state = 'sent', rank = 3; DELETE FROM queue",
	  1, { { .kind = DROPPED } }, "1", "finalised failed SM1; failed; 0; 1" },
	{ "a bad end, when the other carrier has it by now",
	  "UPDATE attempts SET state = 'abandoned'; UPDATE messages SET state = 'sent', rank = 3",
	  1, { { .kind = UNDELIVERED } }, "1", "finalised undelivered SM1; sent; 1; 1" },
	{ "a proof after the end of what was uncertain", "UPDATE attempts SET state = 'ambiguous'; "
	  "UPDATE messages SET state = 'uncertain', rank = 2, ended_at = now(); DELETE FROM queue",
	  1, { { .kind = SENT } }, "1", "accepted sent SM1; sent; 0; 1" },
	{ "an old report, when the other carrier's turn has come",
	  "UPDATE attempts SET state = 'finalised', status = 'failed', status_rank = 4, "
	  "carrier_id = 'SM1'; UPDATE messages SET state = 'sent', rank = 3",
	  1, { { .kind = SENT } }, "1", "finalised failed SM1; sent; 1; 1" },
	{ "of one that was given up", "UPDATE attempts SET state = 'abandoned'; "
	  "UPDATE messages SET state = 'unknown', rank = 1",
	  1, { { .kind = DELIVERED } }, "1", "finalised delivered SM1; delivered; 0; 1" },
	{ "of one given up, that lives", "UPDATE attempts SET state = 'abandoned'; "
	  "UPDATE messages SET state = 'unknown', rank = 1",
	  1, { { .kind = SENT } }, "1", "accepted sent SM1; sent; 0; 1" },
	{ "of one given up, while another is under way: that one is looked after",
	  "UPDATE attempts SET state = 'abandoned'; INSERT INTO attempts (account_id, attempt_id, "
	  "message_id, ordinal, provider, number, state, dead_at) "
	  "VALUES ('acc_a', 'a2', 'm1', 2, 'telnyx', '" OURS "', 'intent', now())",
	  1, { { .kind = DELIVERED } }, "1", "finalised delivered SM1; delivered; 1; 1" },
	{ "of an unclear attempt",
	  "UPDATE attempts SET state = 'ambiguous'; UPDATE messages SET state = 'unknown', "
	  "rank = 1; DELETE FROM queue", 1, { { .kind = SENT } }, "1",
	  "accepted sent SM1; sent; 0; 1" },
	{ "no hint, no id", NULL, 1, { { SENT, .no_hint = true } }, "", "intent  ; queued; 1; 0" },
	{ "no hint, but its id", "UPDATE attempts SET carrier_id = 'SM1'", 1,
	  { { SENT, .no_hint = true } }, "1", "accepted sent SM1; sent; 0; 1" },
	{ "no hint, the other carrier's id", "UPDATE attempts SET carrier_id = 'SM1'", 1,
	  { { SENT, .no_hint = true, .provider = "telnyx" } }, "", "intent  SM1; queued; 1; 0" },
	{ "another guest's phone", NULL, 1, { { DELIVERED, .phone = "+12125550188" } }, "",
	  "intent  ; queued; 1; 0" },
	{ "another carrier", NULL, 1, { { DELIVERED, .provider = "telnyx" } }, "",
	  "intent  ; queued; 1; 0" },
	{ "another venue", NULL, 1, { { DELIVERED, .account = "acc_b" } }, "",
	  "intent  ; queued; 1; 0" },
	{ "no such attempt", NULL, 1, { { DELIVERED, .attempt = "a9" } }, "",
	  "intent  ; queued; 1; 0" },
	{ "another id than before", "UPDATE attempts SET carrier_id = 'SM2'", 1,
	  { { .kind = DELIVERED } }, "", "intent  SM2; queued; 1; 0" },
	{ "a stranger among ours", NULL, 3, { { .kind = SENT }, { DELIVERED, .phone = "+1" },
	  { .kind = QUEUED } }, "1,3", "accepted sent SM1; sent; 0; 2" },
};
/* clang-format on */

static void reports(void **state)
{
	for (size_t i = 0; i < COUNT(report_rows); i++) {
		if (i)
			each(state);
		if (report_rows[i].before)
			pg_run(report_rows[i].before);
		for (int run = 0; run < 2; run++) { /* idempotent */
			check_str(report_rows[i].name,
				  apply_reports(report_rows[i].reports, report_rows[i].num),
				  str_of(report_rows[i].found));
			check_str(report_rows[i].name, summary(), str_of(report_rows[i].after));
		}
		if (i + 1 < COUNT(report_rows))
			arena_free(arena);
	}
}

/* Whatever the order in which they come, one by one, it ends the same. */
static void any_order(void **state)
{
	static const int orders[][3] = {
		{ QUEUED, SENT, DELIVERED }, { QUEUED, DELIVERED, SENT },
		{ SENT, QUEUED, DELIVERED }, { SENT, DELIVERED, QUEUED },
		{ DELIVERED, QUEUED, SENT }, { DELIVERED, SENT, QUEUED },
	};

	for (size_t i = 0; i < COUNT(orders); i++) {
		if (i)
			each(state);
		for (int k = 0; k < 3; k++)
			apply_reports(&(struct report){ .kind = orders[i][k] }, 1);
		check_str("any order", summary(), STR("finalised delivered SM1; delivered; 0; 3"));
		if (i + 1 < COUNT(orders))
			arena_free(arena);
	}
}

/* ---- replies ---- */

static struct str apply_replies(const char *carrier_ids, const char *phones, const char *numbers,
				const char *ids)
{
	const char *said = "{1770000000000,1770000000000}", *none = "{NULL,NULL}";
	/* clang-format off */
	const char *const params[] = { "bat", "0", "{twilio,twilio}", carrier_ids, phones, numbers,
				       "{hello,again}", "{0,1}", ids, ids /* of conversations */,
				       "{GSM-7,GSM-7}", "{1,1}", said, none, none, none, none };
	/* clang-format on */

	return pg_statement(arena, SQL_REPLIES_APPLY, 0, params, COUNT(params));
}

static void replies(void **state)
{
	const char *both = "{" GUEST "," GUEST "}", *ours = "{" OURS "," OURS "}";

	(void)state;
	check_str("two", apply_replies("{SM1,SM2}", both, ours, "{r1,r2}"), STR("1,2"));
	check_str("the same again, with new ids of ours",
		  apply_replies("{SM1,SM2}", both, ours, "{r3,r4}"), STR("1,2"));
	check_str("one twice in a batch", apply_replies("{SM3,SM3}", both, ours, "{r5,r6}"),
		  STR("1,2"));
	check_str("once each",
		  pg_value(arena, "SELECT string_agg(message_id, ',' ORDER BY message_id) "
				  "FROM messages WHERE direction = 'in'"),
		  STR("r1,r2,r5"));
	check_str("in one thread",
		  pg_value(arena, "SELECT phone || ' ' || last_message_id || ' ' || "
				  "unread FROM conversations"),
		  STR(GUEST " r5 3"));
	check_str("not our number", apply_replies("{SM7,SM8}", both, "{+1,+2}", "{r7,r8}"),
		  STR(""));
	check("nothing of it", pg_number("SELECT count(*) FROM messages") == 4);
}

/* ---- the journal ---- */

/* Journals callbacks, each with what the guest said: "{stop,NULL}". */
static void journal(const char *batch, const char *now_ms, const char *actions, const char *events)
{
	long n = pg_number(pg_text(arena, "SELECT cardinality('%s'::text[])", actions));
	const char *columns[10];
	const char *params[13] = { batch, now_ms, [12] = "{}" };
	const char *const same[] = { "twilio", "/webhooks/twilio/message", "text/plain",
				     "Body=STOP" };

	for (size_t i = 0; i < COUNT(same); i++)
		columns[i] = same[i];
	columns[4] = NULL;
	columns[5] = "A WORD";
	columns[6] = GUEST;
	columns[7] = OURS;
	for (size_t i = 0; i < 8; i++)
		if (columns[i])
			params[i + 2] = pg_value(arena, pg_text(arena,
								"SELECT array_fill('%s'::text, "
								"ARRAY[%ld])",
								columns[i], n))
						.p;
	params[6] = actions;
	params[10] = events;
	params[11] = pg_value(arena, pg_text(arena,
					     "SELECT array_agg('cnv_%s_' || i) FROM "
					     "generate_series(1, %ld) i",
					     batch, n))
			     .p;
	check_str(batch, pg_statement(arena, SQL_CALLBACK_JOURNAL, 0, params, COUNT(params)),
		  STR("0"));
}

static void consent(void **state)
{
	static const struct {
		const char *name, *actions, *events;
		long out; /* opted out afterwards */
	} rows[] = {
		{ "no word", "{NULL}", "{e0}", 0 },
		{ "help", "{help}", "{e1}", 0 },
		{ "stop", "{stop}", "{e2}", 1 },
		{ "stop twice", "{stop}", "{e3}", 1 },
		{ "start", "{start}", "{e4}", 0 },
		{ "a stop that is delivered again", "{stop}", "{e2}", 0 },
		{ "stop again", "{stop}", "{e5}", 1 },
		{ "a start that is delivered again", "{start}", "{e4}", 1 },
		{ "start, then stop", "{start,stop}", "{e6,e7}", 1 },
		{ "stop, then start", "{stop,NULL,start}", "{e8,e9,e10}", 0 },
		{ "one stop twice in a batch", "{stop,stop}", "{e11,e11}", 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int run = 0; run < 2; run++) {
			journal(pg_text(arena, "bat_%zu", i), "1770000000000", rows[i].actions,
				rows[i].events);
			check(rows[i].name,
			      pg_number("SELECT count(opted_out_at) FROM conversations WHERE "
					"account_id = 'acc_a' AND phone = '" GUEST
					"'") == rows[i].out);
		}
	check("the ledger has each word once", pg_number("SELECT count(*) FROM consent_log") == 10);
	check("the journal has each callback once",
	      pg_number("SELECT count(*) FROM callbacks") == 15);
	check("each batch is pending once",
	      pg_number("SELECT count(*) FROM pending") == (long)COUNT(rows));
}

/* What is said to a number that is not ours is kept, for nobody. */
static void foreign_number(void **state)
{
	(void)state;
	pg_run("UPDATE numbers SET phone = '+12125550111' WHERE phone = '" OURS "'");
	journal("bat_1", "1770000000000", "{stop}", "{e1}");
	check("nobody's number: kept, but nobody's word",
	      pg_number("SELECT count(*) FROM callbacks") == 1 &&
		      pg_number("SELECT count(*) FROM consent_log") == 0);
}

static struct str claim(int column)
{
	return pg_statement(arena, SQL_PENDING_CLAIM, column, (const char *const[]){ "2", "60000" },
			    2);
}

/* Claimed in order, under a lease, until it is done; replayed on demand. */
static void pending(void **state)
{
	(void)state;
	journal("bat_2", "1770000002000", "{NULL,NULL}", "{e1,e2}");
	journal("bat_1", "1770000001000", "{NULL}", "{e3}");
	journal("bat_3", "1770000003000", "{NULL}", "{e4}");
	check_str("oldest first, two batches", claim(0), STR("bat_1,bat_2,bat_2"));
	check_str("the third", claim(1), STR("1770000003000"));
	check_str("all are leased", claim(0), STR(""));
	pg_run("UPDATE pending SET due_at = now() - interval '1 s' WHERE batch_id = 'bat_2'");
	check_str("a lease is over", claim(0), STR("bat_2,bat_2"));
	pg_statement(arena, SQL_PENDING_DONE, 0, (const char *const[]){ "bat_1,bat_2" }, 1);
	check_str("one is left", pg_statement(arena, SQL_PENDING_COUNT, 0, NULL, 0), STR("1"));
	check_str("the end is not included",
		  pg_statement(arena, SQL_CALLBACK_REPLAY, 1,
			       (const char *const[]){ "1770000001000", "1770000003000" }, 2),
		  STR("3"));
	check_str("due again, once each", pg_statement(arena, SQL_PENDING_COUNT, 0, NULL, 0),
		  STR("3"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reports, each, after_each),
		cmocka_unit_test_setup_teardown(any_order, each, after_each),
		cmocka_unit_test_setup_teardown(replies, each, after_each),
		cmocka_unit_test_setup_teardown(consent, each, after_each),
		cmocka_unit_test_setup_teardown(foreign_number, each, after_each),
		cmocka_unit_test_setup_teardown(pending, each, after_each),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
