/*
 * test_sql_consent.c - who may be texted, by whose word; and answers to HELP.
 */
#include "testing.h"

#include "pg.h"

#define GUEST "+12125550199"
#define OURS "+12125550100" /* acc_a's number at Twilio */

static struct arena *arena;

/* A venue that knows a guest. */
static int each(void **state)
{
	(void)state;
	arena = arena_new();
	pg_empty();
	pg_venue("acc_a", OURS, "+12125550101");
	pg_venue("acc_b", "+12125550200", "+12125550201");
	pg_run("INSERT INTO conversations (account_id, conversation_id, phone) VALUES "
	       "('acc_a', 'cnv', '" GUEST "'), ('acc_b', 'cnv_b', '" GUEST "')");
	return 0;
}

static int after_each(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* "flagged flag" */
static struct str consent(void)
{
	return pg_value(arena, "SELECT concat_ws(' ', consent_state(opted_out_at, opted_out_via), "
			       "opted_out_via) FROM conversations WHERE account_id = 'acc_a'");
}

/* ---- what guests say ---- */

/* Journals what one guest said; arrays of equal length, said_ms "{}" for just now. */
static void journal(const char *batch, const char *actions, const char *events, const char *said_ms)
{
	const char *same[] = { "twilio", "/", "text/plain", "", "THE WORD", GUEST, OURS };
	const char *params[13] = { batch, "1770000000000" };
	static const int places[] = { 2, 3, 4, 5, 7, 8, 9 };

	for (size_t i = 0; i < COUNT(same); i++)
		params[places[i]] =
			pg_value(arena,
				 pg_text(arena,
					 "SELECT array_agg('%s'::text) FROM unnest('%s'::text[])",
					 same[i], actions))
				.p;
	params[6] = actions;
	params[10] = params[11] = events;
	params[12] = said_ms;
	check_str(batch, pg_statement(arena, SQL_CALLBACK_JOURNAL, 0, params, COUNT(params)),
		  STR("0"));
}

static void doubts(void **state)
{
	static const struct {
		const char *name, *actions, *events, *after;
	} rows[] = {
		{ "a doubt", "{flag}", "{e1}", "flagged flag" },
		{ "another", "{flag}", "{e2}", "flagged flag" },
		{ "a stop settles it", "{stop}", "{e3}", "stopped twilio" },
		{ "a doubt after it", "{flag}", "{e4}", "stopped twilio" },
		{ "start", "{start}", "{e5}", "open" },
		{ "the doubt, delivered again", "{flag}", "{e4}", "open" },
		{ "a doubt, then stop", "{flag,stop}", "{e6,e7}", "stopped twilio" },
		{ "start, then a doubt", "{start,flag}", "{e8,e9}", "flagged flag" },
		{ "start lifts a doubt", "{start}", "{e10}", "open" },
		{ "a doubt, then start", "{flag,start}", "{e11,e12}", "open" },
		{ "stop, then a doubt", "{stop,flag}", "{e13,e14}", "stopped twilio" },
		{ "stop, start, stop", "{start,stop,start,stop}", "{e15,e16,e17,e18}",
		  "stopped twilio" },
		{ "help", "{help}", "{e19}", "stopped twilio" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int run = 0; run < 2; run++) {
			journal(arena_printf(arena, "bat_%zu", i).p, rows[i].actions,
				rows[i].events, "{}");
			check_str(rows[i].name, consent(), str_of(rows[i].after));
		}
	check("each is in the ledger once", pg_number("SELECT count(*) FROM consent_log") == 19);
	check("the other venue knows nothing of it",
	      pg_number("SELECT count(*) FROM conversations WHERE account_id = 'acc_b' "
			"AND opted_out_at IS NULL") == 1);
}

/* What is heard of late counts at the time at which it was said. */
static void late_words(void **state)
{
	static const struct {
		const char *name, *earlier, *action, *after; /* earlier: at 1770000500000 */
		const char *said_ms;
	} rows[] = {
		{ "stop long before start", "start", "{stop}", "open", "{1769999400000}" },
		{ "stop before a start that may have come late", "start", "{stop}",
		  "stopped twilio", "{1770000400000}" },
		{ "stop after start", "start", "{stop}", "stopped twilio", "{1770000600000}" },
		{ "stop after help", "help", "{stop}", "stopped twilio", "{1770000400000}" },
		{ "a doubt long before start", "start", "{flag}", "open", "{1769999400000}" },
		{ "a doubt before it was cleared", "clear", "{flag}", "open", "{1770000400000}" },
		{ "a stop before a doubt was cleared", "clear", "{stop}", "stopped twilio",
		  "{1770000400000}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		pg_run("DELETE FROM consent_log; UPDATE conversations SET opted_out_at = NULL, "
		       "opted_out_via = NULL");
		pg_run(pg_text(arena,
			       "INSERT INTO consent_log (account_id, phone, event_id, action, "
			       "word, at) VALUES ('acc_a', '" GUEST "', 'before', '%s', '', "
			       "from_ms(1770000500000))",
			       rows[i].earlier));
		journal(arena_printf(arena, "bat_%zu", i).p, rows[i].action, "{e}",
			rows[i].said_ms);
		check_str(rows[i].name, consent(), str_of(rows[i].after));
		check(rows[i].name, pg_number("SELECT count(*) FROM consent_log") == 2);
	}
	pg_run("UPDATE conversations SET opted_out_at = now(), opted_out_via = 'twilio'; UPDATE "
	       "consent_log SET action = 'stop' WHERE event_id = 'before'");
	journal("bat_9", "{start}", "{e9}", "{1770000400000}");
	check_str("start before stop", consent(), STR("stopped twilio"));
}

/* ---- what staff say ---- */

static struct str record(const char *account, const char *action)
{
	const char *const params[] = { "cnv", action, "they told me", "e" };

	return pg_statement_as(arena, account, SQL_CONSENT_RECORD, 0, params, COUNT(params));
}

static void staff(void **state)
{
	static const struct {
		const char *name, *before, *action, *status, *after;
	} rows[] = {
		{ "stop", NULL, "stop", "200", "stopped staff" },
		{ "stop again", "staff", "stop", "200", "stopped staff" },
		{ "their stop taken back", "staff", "start", "200", "open" },
		{ "nothing to start", NULL, "start", "200", "open" },
		{ "nothing to clear", NULL, "clear", "200", "open" },
		{ "a flag cleared", "flag", "clear", "200", "open" },
		{ "a flag confirmed", "flag", "stop", "200", "stopped staff" },
		{ "a flag is not started", "flag", "start", "409", "flagged flag" },
		{ "the guest's stop is not started", "twilio", "start", "409", "stopped twilio" },
		{ "nor cleared", "telnyx", "clear", "409", "stopped telnyx" },
		{ "the guest's stop stays theirs", "twilio", "stop", "200", "stopped twilio" },
		{ "their stop is no flag", "staff", "clear", "409", "stopped staff" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *before = rows[i].before;

		pg_run("DELETE FROM consent_log; UPDATE conversations SET opted_out_at = NULL, "
		       "opted_out_via = NULL");
		if (before)
			pg_run(pg_text(arena,
				       "UPDATE conversations SET opted_out_at = now(), "
				       "opted_out_via = '%s' WHERE account_id = 'acc_a'",
				       before));
		for (int run = 0; run < 2; run++) {
			check_str(rows[i].name, record("acc_a", rows[i].action),
				  str_of(rows[i].status));
			check_str(rows[i].name, consent(), str_of(rows[i].after));
		}
		check(rows[i].name,
		      pg_number("SELECT count(*) FROM consent_log WHERE via = 'staff' AND word = "
				"'they told me' AND key_id = 'key' AND provider IS NULL") ==
			      str_is(STR("200"), rows[i].status));
	}
	check_str("another's guest", record("acc_b", "stop"), STR("404"));
}

/* ---- what carriers know ---- */

static void put_attempt(void)
{
	pg_run("INSERT INTO messages (account_id, message_id, conversation_id, direction, kind, "
	       "phone, body, encoding, segments, state, rank) VALUES ('acc_a', 'm1', 'cnv', 'out', "
	       "'message', '" GUEST "', '', 'GSM-7', 1, 'sent', 3)");
	pg_run("INSERT INTO attempts (account_id, attempt_id, message_id, ordinal, provider, "
	       "number, state, dead_at, carrier_id) VALUES ('acc_a', 'a1', 'm1', 1, 'twilio', "
	       "'" OURS "', 'accepted', now(), 'SM1')");
}

static void apply_failure(const char *code, const char *handling)
{
	const char *const params[] = { "bat",
				       "0",
				       "{acc_a}",
				       "{a1}",
				       "{twilio}",
				       "{SM1}",
				       "{SM1:failed}",
				       "{" GUEST "}",
				       "{failed}",
				       "{4}",
				       "{failed}",
				       arena_printf(arena, "{%s}", code).p,
				       arena_printf(arena, "{%s}", handling).p,
				       "{A sentence.}",
				       "{NULL}",
				       "{1770000000000}",
				       "{finalised}",
				       "{stopped}",
				       "{4}",
				       "{0}",
				       "{NULL}",
				       "{NULL}" };

	check_str(code, pg_statement(arena, SQL_RECEIPTS_APPLY, 0, params, COUNT(params)),
		  STR("1"));
}

/* A receipt that comes later says it as well as the answer to the send. */
static void learnt_from_receipts(void **state)
{
	static const struct {
		const char *name, *before, *code, *handling, *after;
	} rows[] = {
		{ "21610", NULL, "21610", "opted-out", "stopped twilio" },
		{ "another failure", NULL, "30005", "end", "open" },
		{ "a doubt is none any more",
		  "UPDATE conversations SET opted_out_at = now(), opted_out_via = 'flag'", "30004",
		  "opted-out", "stopped twilio" },
		{ "said at the other carrier",
		  "UPDATE conversations SET opted_out_at = now(), opted_out_via = 'telnyx'",
		  "21610", "opted-out", "stopped telnyx" },
		{ "START came after the text",
		  "INSERT INTO consent_log (account_id, phone, event_id, action, word, at) VALUES "
		  "('acc_a', '" GUEST "', 'e', 'start', 'START', now() + interval '1 s')",
		  "21610", "opted-out", "open" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (i)
			each(state);
		put_attempt();
		if (rows[i].before)
			pg_run(rows[i].before);
		for (int run = 0; run < 2; run++) {
			apply_failure(rows[i].code, rows[i].handling);
			check_str(rows[i].name, consent(), str_of(rows[i].after));
		}
		check(rows[i].name,
		      pg_number("SELECT count(*) FROM consent_log WHERE via = 'carrier'") ==
			      (str_is(STR("opted-out"), rows[i].handling) &&
			       !str_is(STR("open"), rows[i].after)));
		if (i + 1 < COUNT(rows))
			arena_free(arena);
	}
}

/* ---- HELP ---- */

/* The answer that is due to one reply that came `ago` seconds ago. */
static struct str reply(const char *id, const char *number, const char *help, int ago)
{
	const char *received =
		pg_value(arena, pg_text(arena,
					"SELECT format('{%%s}', (extract(epoch FROM now()) * 1000)"
					"::bigint - %d000)",
					ago))
			.p;
	const char *const params[] = { "bat",	 "0",	"{twilio}", id,	      "{" GUEST "}", number,
				       "{HELP}", "{0}", id,	    id,	      "{GSM-7}",     "{1}",
				       received, help,	"{NULL}",   "{NULL}", "{NULL}" };

	return pg_statement(arena, SQL_REPLIES_APPLY, 2, params, COUNT(params));
}

static struct str answer_help(const char *id)
{
	const char *const params[] = { "bat",	      "0",	    "{acc_a}",	    id,
				       "{" GUEST "}", "{" OURS "}", "{An answer.}", "{GSM-7}",
				       "{1}" };

	return pg_statement(arena, SQL_HELP_QUEUE, 0, params, COUNT(params));
}

static void help(void **state)
{
	const char *ours = "{" OURS "}";

	(void)state;
	check_str("an ordinary reply", reply("{r1}", ours, "{NULL}", 0), STR(""));
	check_str("the carrier answers", reply("{r2}", ours, "{toll_free}", 0), STR(""));
	check("made from the name",
	      str_starts(reply("{r3}", ours, "{any}", 0), STR("A venue texts you about")));
	pg_run("UPDATE numbers SET kind = 'toll_free' WHERE phone = '" OURS "'");
	check("nobody else answers", reply("{r4}", ours, "{toll_free}", 0).len > 0);
	pg_run("UPDATE accounts SET help = 'Call 555-0100. Reply STOP to opt out.'");
	check_str("its own", reply("{r5}", ours, "{toll_free}", 0),
		  STR("Call 555-0100. Reply STOP to opt out."));
	check("the same reply again: it may not have been answered",
	      reply("{r5}", ours, "{toll_free}", 0).len > 0);
	check_str("from an outage", reply("{r6}", ours, "{toll_free}", 301), STR(""));
	check_str("not our number", reply("{r7}", "{+1}", "{any}", 0), STR(""));
	check_str("answered", answer_help("{h1}"), STR("1"));
	check_str("not twice", answer_help("{h2}"), STR(""));
	check_str("asked again at once", reply("{r8}", ours, "{toll_free}", 0), STR(""));
	check("queued", pg_number("SELECT count(*) FROM queue JOIN messages USING (account_id, "
				  "message_id) WHERE kind = 'help' AND state = 'queued' AND "
				  "number = '" OURS "'") == 1);
	pg_run("UPDATE conversations SET helped_at = now() - interval '11 minutes'");
	check("asked again later", reply("{r9}", ours, "{toll_free}", 0).len > 0);
	pg_run("UPDATE conversations SET opted_out_at = now(), opted_out_via = 'twilio'");
	check_str("opted out", reply("{r10}", ours, "{any}", 0), STR(""));
	check_str("opted out meanwhile", answer_help("{h3}"), STR(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(doubts, each, after_each),
		cmocka_unit_test_setup_teardown(late_words, each, after_each),
		cmocka_unit_test_setup_teardown(staff, each, after_each),
		cmocka_unit_test_setup_teardown(learnt_from_receipts, each, after_each),
		cmocka_unit_test_setup_teardown(help, each, after_each),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
