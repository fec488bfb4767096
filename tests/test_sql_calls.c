/* test_sql_calls.c - what a call says at each step, what its keys do, who is called and when. */
#include "testing.h"

#include "pg.h"

#define OURS "+12125550100"
#define GUEST "+12125550177"

/* clang-format off */
/* A script in one line: words, [words that a key ends], verbs. */
#define SPOKEN                                                                                     \
	"SELECT string_agg(CASE WHEN v ? 'gather' THEN '[' || (SELECT string_agg(x, ' ') FROM "    \
	"jsonb_array_elements_text(v -> 'say') x) || ']' WHEN v ? 'say' THEN v ->> 'say' "         \
	"WHEN v ? 'dial' THEN 'dial ' || (v ->> 'dial') || ' from ' || (v ->> 'from') "            \
	"WHEN v ? 'redirect' THEN '> ' || (v ->> 'redirect') "                                     \
	"ELSE (SELECT string_agg(k, '') FROM jsonb_object_keys(v) k WHERE k <> 'step') END, ' '"   \
	" ORDER BY n) FROM call_turn('twilio', '%s') t, "                                          \
	"jsonb_array_elements(t::jsonb -> 'verbs') WITH ORDINALITY x (v, n)"

#define CALLER(from) \
	"{\"inbound\":true,\"carrier_id\":\"CA1\",\"from\":\"" from "\",\"to\":\"" OURS "\""
#define IN CALLER(GUEST)
#define HIDDEN CALLER("anonymous")
#define CALLED(to) \
	"{\"inbound\":false,\"carrier_id\":\"CA1\",\"from\":\"" OURS "\",\"to\":\"" to \
	"\",\"account_id\":\"acc_a\",\"attempt_id\":\"att_1\""
#define OUT CALLED(GUEST)
#define KEY(k) ",\"step\":\"ask1\",\"digits\":\"" k "\"}"
#define WAITING \
	"UPDATE parties SET state = 'waiting', notices = 0, notified_at = NULL, asked_at = NULL " \
	"WHERE party_id = 'pty_b'"
#define KEYS_READY \
	"Press 1 if you are on your way. Press 2 for 10 more minutes. Press 9 to give up your " \
	"place. Press 0 to talk to us. Press star to hear this again."
#define QUESTION \
	"[This is an automated call from A venue. Your table is ready. Press 1 if you are on " \
	"your way, 2 for 10 more minutes, 9 to give up your place, star to hear this again, " \
	"or 8 to stop these calls and texts. You can reach us at 2 1 2, 5 5 5, 0 1 9 9.]"

#define SCENE \
	"UPDATE accounts SET phone = '+12125550199';INSERT INTO conversations " \
	"(account_id, conversation_id, phone) VALUES ('acc_a', 'cnv_1', '" GUEST "');" \
	"INSERT INTO parties (account_id, party_id, name, size, language, source, state, " \
	"place) VALUES ('acc_a', 'pty_a', 'A', 2, 'en', 'host', 'waiting', 1);INSERT " \
	"INTO parties (account_id, party_id, conversation_id, name, size, language, " \
	"source, state, place, quote_min, quote_max, quoted_at, notices, notified_at, " \
	"asked_at, held_until) VALUES ('acc_a', 'pty_b', 'cnv_1', 'B', 2, 'en', 'host', " \
	"'notified', 2, 15, 15, now(), 1, now() - interval '5 minutes', now() - interval " \
	"'5 minutes', now() + interval '5 minutes');INSERT INTO messages (account_id, " \
	"message_id, conversation_id, direction, channel, kind, phone, body, encoding, " \
	"segments, state, rank, visit) VALUES ('acc_a', 'msg_1', 'cnv_1', 'out', " \
	"'voice', 'table_ready', '" GUEST "', 'Your table is ready.', 'GSM-7', 1, " \
	"'sent', 3, 'pty_b');INSERT INTO attempts (account_id, attempt_id, message_id, " \
	"ordinal, provider, number, state, dead_at) VALUES ('acc_a', 'att_1', 'msg_1', " \
	"1, 'twilio', '" OURS "', 'accepted', now())"

/* acc_a: pty_a (2 people, no number) waits in front of pty_b, which was called and is asked. */
static const struct {
	const char *name, *before, *question;
	const char *says;
	const char *party; /* its state afterwards; NULL: notified */
	const char *call;  /* outcome of the call; NULL: none noted */
} turns[] = {
	/* ---- guests call us ---- */
	{ "a number that is not ours", NULL,
	  "{\"inbound\":true,\"carrier_id\":\"CA1\",\"from\":\"" GUEST "\",\"to\":\"+1\"}",
	  "reject", NULL, NULL },
	{ "who hides their number", NULL, HIDDEN "}",
	  "[Thank you for calling A venue. Press 0 to talk to us. Press star "
	  "to hear this again.] > ask2", NULL, NULL },
	{ "somebody unknown", "UPDATE parties SET conversation_id = NULL", IN "}",
	  "[Thank you for calling A venue. Press 0 to talk to us. Press 3 and "
	  "we text you a link to join " "the waitlist. Press star to hear this again.] > ask2",
	  NULL, NULL },
	{ "unknown, and silent", "UPDATE parties SET conversation_id = NULL", IN
	  ",\"step\":\"silent\"}", "We connect you now. dial +12125550199 from " OURS, NULL,
	  "connected" },
	{ "waiting", WAITING, IN "}",
	  "[Thank you for calling A venue. You are number 2 in line. The wait "
	  "is about 15 minutes. Press 9 "
	  "to give up your place. Press 0 to talk to us. Press star to hear "
	  "this again.] > ask2", "waiting", NULL },
	{ "waiting, in Spanish", WAITING "; UPDATE parties SET language = 'es'", IN "}",
	  "[Gracias por llamar a A venue. Usted es el n\u00famero 2 en la "
	  "lista. La espera es de unos 15 "
	  "minutos. Pulse 9 para dejar su lugar. Pulse 0 para hablar con "
	  "nosotros. Pulse asterisco para " "repetir.] > ask2", "waiting", NULL },
	{ "waiting, in French", WAITING "; UPDATE parties SET language = 'fr'", IN "}",
	  "[Merci d'appeler A venue. Vous \u00eates num\u00e9ro 2 sur la "
	  "liste. L'attente est d'environ 15 "
	  "minutes. Appuyez sur 9 pour c\u00e9der votre place. Appuyez sur 0 "
	  "pour nous parler. Appuyez sur " "\u00e9toile pour r\u00e9\u00e9couter.] > ask2",
	  "waiting", NULL },
	{ "next, longer than was said", WAITING
	  "; DELETE FROM parties WHERE party_id = 'pty_a'; "
	  "UPDATE parties SET quoted_at = now() - interval '20 minutes'", IN "}",
	  "[Thank you for calling A venue. You are next in line. It should not "
	  "be long now. Press 9 to give "
	  "up your place. Press 0 to talk to us. Press star to hear this " "again.] > ask2",
	  "waiting", NULL },
	{ "a venue that shows no waits", WAITING
	  "; UPDATE accounts SET show_wait = false, phone = NULL", IN "}",
	  "[Thank you for calling A venue. You are number 2 in line. Press 9 "
	  "to give up your place. Press " "star to hear this again.] > ask2", "waiting", NULL },
	{ "not let in yet", WAITING
	  "; UPDATE parties SET state = 'pending' WHERE party_id = 'pty_b'", IN "}",
	  "[Thank you for calling A venue. Your request waits for the host. "
	  "Press 9 to give up your place. "
	  "Press 0 to talk to us. Press star to hear this again.] > ask2", "pending", NULL },
	{ "called already", NULL, IN "}", "[Thank you for calling A venue. Your table is ready. "
	  KEYS_READY "] > ask2", NULL, NULL },
	{ "on their way", "UPDATE parties SET state = 'coming', answered_at = now() WHERE "
	  "party_id = 'pty_b'", IN "}",
	  "[Thank you for calling A venue. We hold your table for you. Press 2 "
	  "for 10 more minutes. "
	  "Press 9 to give up your place. Press 0 to talk to us. Press star "
	  "to hear this again.] > ask2", "coming", NULL },
	{ "1", NULL, IN KEY("1"), "Thank you. See you soon. Goodbye. hang_up", "coming",
	  "confirmed" },
	{ "2", NULL, IN KEY("2"),
	  "Thank you. We hold your table 10 more minutes. Goodbye. hang_up", "more_time",
	  "more_time" },
	{ "9", WAITING, IN KEY("9"),
	  "Thank you for telling us. We have taken you off the list. " "Goodbye. " "hang_up",
	  "cancelled", "left" },
	{ "1, too early", WAITING, IN KEY("1"),
	  "We are sorry, that is not possible any more. Please ask at "
	  "the stand. Goodbye. hang_up", "waiting", NULL },
	{ "star", NULL, IN KEY("*"), "[Thank you for calling A venue. Your table is ready. "
	  KEYS_READY "] > ask2", NULL, NULL },
	{ "a key without use", NULL, IN KEY("5"),
	  "[We are sorry, that key does nothing here. Thank you for "
	  "calling A venue. Your table is ready. " KEYS_READY "] > ask2", NULL, NULL },
	{ "asked twice", NULL, IN ",\"step\":\"ask2\"}",
	  "[Thank you for calling A venue. Your table is ready. " KEYS_READY "] > silent", NULL,
	  NULL },
	{ "0", NULL, IN KEY("0"), "We connect you now. dial +12125550199 from " OURS, NULL,
	  "connected" },
	{ "connected", NULL, IN ",\"step\":\"dialled\",\"dialled\":\"completed\"}", "hang_up",
	  NULL, NULL },
	{ "nobody there", NULL, IN ",\"step\":\"dialled\",\"dialled\":\"no-answer\"}",
	  "Nobody can take your call just now. Please ask at the stand. " "Goodbye. hang_up",
	  NULL, NULL },
	{ "nobody there, and a machine", "UPDATE accounts SET voicemail = true", IN
	  ",\"step\":\"dialled\",\"dialled\":\"busy\"}",
	  "Nobody can take your call just now. Please leave "
	  "a message after the tone. record hang_up", NULL, NULL },
	{ "nobody there, and no thread to put a message in",
	  "UPDATE accounts SET voicemail = true", HIDDEN
	  ",\"step\":\"dialled\",\"dialled\":\"busy\"}",
	  "Nobody can take your call just now. Please ask at the stand. " "Goodbye. hang_up",
	  NULL, NULL },
	{ "a message", "UPDATE accounts SET voicemail = true", IN
	  ",\"step\":\"recorded\",\"recording_url\":"
	  "\"https://example.com/r\",\"recording_s\":7}",
	  "Thank you. We will listen to it. Goodbye. hang_up", NULL, "recorded" },
	{ "3", "UPDATE parties SET conversation_id = NULL", IN KEY("3"),
	  "We have texted it to you. Goodbye. hang_up", NULL, "texted" },
	{ "3, after a STOP", "UPDATE parties SET conversation_id = NULL; UPDATE conversations "
	  "SET " "opted_out_at = now(), opted_out_via = 'twilio'", IN KEY("3"),
	  "We cannot text this number. " "Goodbye. hang_up", NULL, NULL },
	{ "8", NULL, IN KEY("8"),
	  "You will get no more calls or texts from us. Goodbye. hang_up", NULL, "opted_out" },
	/* ---- we call guests ---- */
	{ "picked up", NULL, OUT ",\"answered_by\":\"human\"}", QUESTION " > ask2", NULL, NULL },
	{ "about no visit", "UPDATE messages SET visit = NULL, body = 'We found your hat.'",
	  OUT "}",
	  "[This is an automated call from A venue. We found your hat. Press star to hear this "
	  "again, or 8 to stop these calls and texts. You can reach us at 2 1 2, 5 5 5, 0 1 9 9.] "
	  "> ask2", NULL, NULL },
	{ "their 1", NULL, OUT KEY("1"), "Thank you. See you soon. Goodbye. hang_up", "coming",
	  "confirmed" },
	{ "their 9", NULL, OUT KEY("9"),
	  "Thank you for telling us. We have taken you off the list. " "Goodbye. " "hang_up",
	  "cancelled", "left" },
	{ "their 8", NULL, OUT KEY("8"),
	  "You will get no more calls or texts from us. Goodbye. hang_up", NULL, "opted_out" },
	{ "silent", NULL, OUT ",\"step\":\"silent\"}", "Goodbye. hang_up", NULL, "no_key" },
	{ "a machine", NULL, OUT ",\"answered_by\":\"machine\"}",
	  "pause This is an automated message from "
	  "A venue. Your table is ready. You can reach us at 2 1 2, 5 5 5, 0 1 " "9 9. hang_up",
	  NULL, "voicemail" },
	{ "a machine, as a status report said", "INSERT INTO calls (account_id, message_id, "
	  "answered_by) VALUES ('acc_a', 'msg_1', 'machine')", OUT "}",
	  "pause This is an automated message from A venue. Your table is ready. You can reach us "
	  "at 2 1 2, 5 5 5, 0 1 9 9. hang_up", NULL, "voicemail" },
	{ "taken for a machine, and a key", NULL, OUT ",\"answered_by\":\"machine\"" KEY("1"),
	  "Thank you. See you soon. Goodbye. hang_up", "coming", "confirmed" },
	{ "answered by text meanwhile",
	  "UPDATE parties SET state = 'coming', answered_at = now() "
	  "WHERE party_id = 'pty_b'", OUT "}",
	  "This is an automated call from A venue. We have your answer "
	  "already. Thank you. Goodbye. hang_up", "coming", NULL },
	{ "a STOP meanwhile", "UPDATE conversations SET opted_out_at = now(), opted_out_via = "
	  "'twilio'", OUT "}", "Goodbye. hang_up", NULL, NULL },
	{ "another's phone", NULL, CALLED("+12125550188") "}", "hang_up", NULL, NULL },
	{ "another call", "UPDATE attempts SET carrier_id = 'CA2'", OUT "}", "hang_up", NULL,
	  NULL },
};
/* clang-format on */

static struct arena *arena;

static int each(void **state)
{
	(void)state;
	arena = arena_new();
	pg_empty();
	pg_venue("acc_a", OURS, "+12125550101");
	pg_run(SCENE);
	return 0;
}

static int after_each(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void steps(void **state)
{
	for (size_t i = 0; i < COUNT(turns); i++) {
		const char *name = turns[i].name;

		after_each(state);
		each(state);
		if (turns[i].before)
			pg_run(turns[i].before);
		check_str(name, pg_value(arena, pg_text(arena, SPOKEN, turns[i].question)),
			  str_of(turns[i].says));
		check_str(name,
			  pg_value(arena, "SELECT state FROM parties WHERE party_id = 'pty_b'"),
			  str_of(turns[i].party ? turns[i].party : "notified"));
		check_str(name, pg_value(arena, "SELECT max(outcome) FROM calls"),
			  str_of(turns[i].call ? turns[i].call : ""));
		pg_value(arena, pg_text(arena, SPOKEN, turns[i].question)); /* asked once more */
		check(name, pg_number("SELECT count(*) FROM messages WHERE direction = 'in'") <= 1);
		check(name, pg_number("SELECT coalesce(max(length(keys)), 0) FROM calls") <= 1);
	}
}

/* What a key does beside the party. */
static void marks(void **state)
{
	(void)state;
	pg_value(arena, pg_text(arena, SPOKEN, OUT KEY("8")));
	check_str("8 opts out",
		  pg_value(arena,
			   "SELECT opted_out_via || ' ' || (SELECT action || ' ' || word FROM "
			   "consent_log) FROM conversations WHERE opted_out_at IS NOT NULL"),
		  STR("twilio stop key 8"));
	after_each(state);
	each(state);
	for (int i = 0; i < 2; i++)
		pg_value(arena, pg_text(arena, SPOKEN, OUT KEY("2")));
	check("more time, once",
	      pg_number("SELECT count(*) FROM parties WHERE held_until < now() + '16 min' "
			"AND held_until > now() + '14 min'") == 1);
	pg_run("UPDATE accounts SET voicemail = true");
	for (int i = 0; i < 2; i++)
		pg_value(arena,
			 pg_text(arena, SPOKEN,
				 IN ",\"step\":\"recorded\",\"recording_url\":\"https://e/r\"}"));
	check("a message is unread, once", pg_number("SELECT unread FROM conversations") == 1);
	check_str("and in the thread",
		  pg_value(arena, "SELECT message_text(m)::json -> 'call' ->> 'recording_url' FROM "
				  "messages m WHERE direction = 'in'"),
		  STR("https://e/r"));
}

#define LANDLINE                                                                                   \
	"INSERT INTO messages (account_id, message_id, conversation_id, direction, kind, phone, "  \
	"body, encoding, segments, state, rank) VALUES ('acc_a', 'msg_0', 'cnv_1', 'out', 'x', "   \
	"'" GUEST "', '', 'GSM-7', 1, 'failed', 4); INSERT INTO attempts (account_id, attempt_id," \
	" message_id, ordinal, provider, number, state, handling, dead_at) VALUES ('acc_a', "      \
	"'att_0', 'msg_0', 1, 'twilio', '" OURS "', 'rejected', 'landline', now());"
#define CALLED_BEFORE                                                                              \
	"INSERT INTO messages SELECT account_id, 'msg_' || g, conversation_id, direction, "        \
	"channel, kind, phone, number, body, encoding, segments, media, state, rank "              \
	"FROM messages, generate_series(2, 3) g WHERE message_id = 'msg_1'"

/* Who may be called. */
static void whom(void **state)
{
	static const struct {
		const char *name, *before;
		bool agreed;
		const char *why;
	} rows[] = {
		{ "agreed", "SELECT 1", true, "" },
		{ "did not agree", "SELECT 1", false, "no_call_consent" },
		{ "did not, on a landline", LANDLINE, false, "" },
		{ "did not, called before", LANDLINE CALLED_BEFORE, false, "no_call_consent" },
		{ "did not, called long before",
		  LANDLINE CALLED_BEFORE
		  "; UPDATE messages SET created_at = now() - interval '31 days' "
		  "WHERE message_id = 'msg_2'",
		  false, "" },
		{ "opted out",
		  "UPDATE conversations SET opted_out_at = now(), opted_out_via = 'telnyx'", true,
		  "opted_out" },
		{ "may have",
		  "UPDATE conversations SET opted_out_at = now(), opted_out_via = 'flag'", true,
		  "flagged" },
		{ "no number that calls", "UPDATE numbers SET calls = false", true, "no_caller" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		after_each(state);
		each(state);
		pg_run(rows[i].before);
		check_str(rows[i].name,
			  pg_value(arena,
				   pg_text(arena, "SELECT may_not_call(c, %s) FROM conversations c",
					   rows[i].agreed ? "true" : "false")),
			  str_of(rows[i].why));
	}
}

/* When: a text about pty_b is waited for, or a call. */
static const struct {
	const char *name, *due, *before;
	const char *then; /* calls made; row: message, tries; or nothing */
} dues[] = {
	{ "a text on its way", "'msg_t', now() + interval '3 minutes', 0", "", "0 msg_t 0" },
	{ "no answer in time", "'msg_t', now(), 0", "", "1 call 1" },
	{ "the text failed", "'msg_t', now() + interval '3 minutes', 0",
	  "UPDATE messages SET state = 'failed', rank = 4, ended_at = now() "
	  "WHERE message_id = 'msg_t'",
	  "1 call 1" },
	{ "the text is there", "'msg_t', now() + interval '3 minutes', 0",
	  "UPDATE messages SET state = 'delivered', rank = 5, ended_at = now() "
	  "WHERE message_id = 'msg_t'",
	  "0 msg_t 0" },
	{ "the guest answered", "'msg_t', now() + interval '3 minutes', 0",
	  "UPDATE parties SET state = 'coming', answered_at = now() "
	  "WHERE party_id = 'pty_b'",
	  "0 nothing" },
	{ "they are seated", "'msg_t', now(), 0",
	  "UPDATE parties SET state = 'seated', ended_at = now() WHERE party_id = 'pty_b'",
	  "0 nothing" },
	{ "they said STOP", "'msg_t', now(), 0",
	  "UPDATE conversations SET opted_out_at = now(), opted_out_via = 'twilio'", "0 nothing" },
	{ "nobody picked up", "'msg_1', 'infinity', 1",
	  "UPDATE messages SET state = 'undelivered', rank = 4, ended_at = now() "
	  "WHERE message_id = 'msg_1'",
	  "0 soon 1" },
	{ "a minute later", "NULL, now(), 1", "", "1 call 2" },
	{ "nobody picked up again", "'msg_1', 'infinity', 2",
	  "UPDATE messages SET state = 'undelivered', rank = 4, ended_at = now() "
	  "WHERE message_id = 'msg_1'",
	  "0 nothing" },
	{ "somebody did, and pressed nothing", "'msg_1', 'infinity', 1",
	  "UPDATE messages SET state = 'delivered', rank = 5, ended_at = now() "
	  "WHERE message_id = 'msg_1'",
	  "0 nothing" },
};

static void when(void **state)
{
	for (size_t i = 0; i < COUNT(dues); i++) {
		after_each(state);
		each(state);
		pg_run("INSERT INTO messages (account_id, message_id, conversation_id, direction, "
		       "kind, phone, body, encoding, segments, state, rank, visit) VALUES "
		       "('acc_a', 'msg_t', 'cnv_1', 'out', 'table_ready', '" GUEST
		       "', '', 'GSM-7', 1, 'sent', 3, 'pty_b')");
		pg_run(pg_text(arena,
			       "INSERT INTO calls_due (account_id, visit, conversation_id, "
			       "message_id, at, tries) SELECT 'acc_a', 'pty_b', 'cnv_1', %s",
			       dues[i].due));
		if (*dues[i].before)
			pg_run(dues[i].before);
		pg_value(arena, "SELECT calls_due_now(100)");
		pg_value(arena, "SELECT calls_due_now(100)");
		check_str(dues[i].name,
			  pg_value(arena,
				   "SELECT count(m.*) || ' ' || coalesce((SELECT CASE WHEN "
				   "message_id IS NULL THEN CASE WHEN at BETWEEN now() + interval "
				   "'55 seconds' AND now() + interval '91 seconds' THEN 'soon' END "
				   "WHEN message_id IN ('msg_1', 'msg_t') THEN message_id "
				   "ELSE 'call' END || ' ' || tries FROM calls_due), 'nothing') "
				   "FROM messages m WHERE channel = 'voice' AND state = 'queued'"),
			  str_of(dues[i].then));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(steps, each, after_each),
		cmocka_unit_test_setup_teardown(marks, each, after_each),
		cmocka_unit_test_setup_teardown(whom, each, after_each),
		cmocka_unit_test_setup_teardown(when, each, after_each),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
