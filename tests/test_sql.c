/*
 * test_sql.c - every statement fits the schema, and takes the parameters that the C code binds.
 */
#include "testing.h"

#include <ctype.h>
#include <stdlib.h>

#include "buf.h"
#include "migrate.h"
#include "pg.h"

/*
 * A letter per parameter: t text, i bigint, T text[], I bigint[]. A batch's statement begins with
 * its id and the time.
 */
/* clang-format off */
static const char *const parameters[SQL_NUM] = {
	[SQL_ACCOUNT_CHANGE] = "ttttttt" "iiiii" "ttttt" "i" "titt",
	[SQL_ACCOUNT_CREATE] = "tttt",
	[SQL_ACCOUNT_GET] = "",
	[SQL_ACCOUNT_LIST] = "",
	[SQL_ALERT_LIST] = "",
	[SQL_ATTEMPT_OPEN] = "ti" "TTTTITTTIIIIT",
	[SQL_ATTEMPT_SETTLE] = "ti" "TTTTTITTTTITTIII",
	[SQL_ATTEMPT_UNHEARD] = "iii",
	[SQL_AUDIT_CHECK] = "",
	[SQL_AUDIT_LIST] = "ii",
	[SQL_BEGIN_POOLED] = "ttttttt",
	[SQL_BILLING_AGAIN] = "ttit",
	[SQL_BILLING_CLAIM] = "ti",
	[SQL_BILLING_GET] = "",
	[SQL_BILLING_HINT] = "t",
	[SQL_BILLING_SETTLE] = "ttitiiitt",
	[SQL_BILLING_SWEEP] = "it",
	[SQL_BOOKING_ARRIVE] = "titt",
	[SQL_BOOKING_CANCEL] = "titt",
	[SQL_BOOKING_CHANGE] = "tiiitttttt",
	[SQL_BOOKING_CONFIRM] = "tit",
	[SQL_BOOKING_CREATE] = "iitttttttt",
	[SQL_BOOKING_GET] = "t",
	[SQL_BOOKING_LIST] = "ttti",
	[SQL_BOOKING_NO_SHOW] = "ti",
	[SQL_BOOKING_UNDO] = "ti",
	[SQL_CALL_TURN] = "tt",
	[SQL_CALLBACK_JOURNAL] = "ti" "TTTTTTTTTTI",
	[SQL_CALLBACK_PARTITIONS] = "",
	[SQL_CALLBACK_REPLAY] = "ii",
	[SQL_CARRIER_CHANGE] = "ttitiiitttt",
	[SQL_CARRIER_DRAIN] = "tttti",
	[SQL_CARRIER_LIST] = "",
	[SQL_CARRIER_PREFER] = "t",
	[SQL_CARRIER_SYNC] = "ttt",
	[SQL_CARRIER_TRAFFIC] = "i",
	[SQL_CARRIER_UNHEARD] = "titt",
	[SQL_CONSENT_RECORD] = "tttt",
	[SQL_CONVERSATION_CONSENT] = "t",
	[SQL_CONVERSATION_LIST] = "ti",
	[SQL_CONVERSATION_MESSAGES] = "tti",
	[SQL_CONVERSATION_READ] = "t",
	[SQL_CONVERSATION_SAY] = "ttt",
	[SQL_DELIVERY_LIST] = "tti",
	[SQL_DELIVERY_REPLAY] = "tt",
	[SQL_DOCTOR_NUMBERS] = "",
	[SQL_DOCTOR_PROCESS] = "",
	[SQL_DOCTOR_QUEUE] = "",
	[SQL_DOCTOR_SCHEMA] = "",
	[SQL_DOCTOR_SERVER] = "",
	[SQL_ENDPOINT_CREATE] = "tttt",
	[SQL_ENDPOINT_DELETE] = "t",
	[SQL_ENDPOINT_GET] = "t",
	[SQL_ENDPOINT_LIST] = "",
	[SQL_ENDPOINT_ROTATE] = "tt",
	[SQL_ENDPOINT_TEST] = "tt",
	[SQL_ENDPOINT_UPDATE] = "ttttt",
	[SQL_ENTER] = "tttttttt",
	[SQL_RESTORED] = "",
	[SQL_RESTORED_TRUST] = "",
	[SQL_WISH_LIST] = "i",
	[SQL_WISH_REPLAY] = "ttittt",
	[SQL_ESTIMATE_NEXT] = "i",
	[SQL_EVENTS_READ] = "tii",
	[SQL_EXPORT_BEGIN] = "tttt",
	[SQL_EXPORT_BOOKINGS] = "iiti",
	[SQL_EXPORT_MESSAGES] = "iiti",
	[SQL_EXPORT_PARTIES] = "iiti",
	[SQL_GUEST_CHANGE] = "tttt",
	[SQL_GUEST_COMING] = "t",
	[SQL_GUEST_ERASE] = "tt",
	[SQL_GUEST_EXPORT] = "t",
	[SQL_GUEST_FIND] = "t",
	[SQL_GUEST_GET] = "t",
	[SQL_GUEST_LEAVE] = "t",
	[SQL_GUEST_LIST] = "ti",
	[SQL_GUEST_MORE_TIME] = "t",
	[SQL_GUEST_PAGE] = "t",
	[SQL_GUEST_VIEW] = "t",
	[SQL_HANG_UP_CLAIM] = "i",
	[SQL_HEARD_CLAIM] = "tiiiii",
	[SQL_HEARD_DONE] = "tii",
	[SQL_HEARD_MISSING] = "tt",
	[SQL_HELP_QUEUE] = "ti" "TTTTTTI",
	[SQL_HOOK_CLAIM] = "tiii",
	[SQL_HOOK_SETTLE] = "ti" "TTTTITTII",
	[SQL_HOOK_SWEEP] = "ii",
	[SQL_IDEMPOTENT_ANSWER] = "t",
	[SQL_INVITATION_CREATE] = "tttt",
	[SQL_INVITATION_LIST] = "ti",
	[SQL_INVITATION_RESEND] = "t",
	[SQL_INVITATION_REVOKE] = "t",
	[SQL_KEY_CREATE] = "tttt",
	[SQL_KEY_LIST] = "",
	[SQL_KEY_REVOKE] = "t",
	[SQL_LINK_LOOK] = "t",
	[SQL_LINK_USE] = "ttttttttt",
	[SQL_LOGIN_BEGIN] = "tt",
	[SQL_LOGIN_DONE] = "ttttt",
	[SQL_LOGOUT] = "",
	[SQL_MAIL_CLAIM] = "t",
	[SQL_MAIL_DONE] = "ttt",
	[SQL_MESSAGE_ACCEPT] = "ti" "TTTTTTTTIITTIITTT",
	[SQL_MESSAGE_AGAIN] = "tt",
	[SQL_MESSAGE_CANCEL] = "tt",
	[SQL_MESSAGE_GET] = "t",
	[SQL_MESSAGE_LIST] = "ti",
	[SQL_METRICS_READ] = "",
	[SQL_ME_GET] = "",
	[SQL_NUMBER_ADD] = "ttt",
	[SQL_NUMBER_PORT] = "ttt",
	[SQL_NUMBER_REMOVE] = "tt",
	[SQL_NUMBER_SWITCH] = "tt",
	[SQL_PARTY_ACCEPT] = "titii",
	[SQL_PARTY_CANCEL] = "titt",
	[SQL_PARTY_CHANGE] = "tititiitttttt",
	[SQL_PARTY_COMING] = "titt",
	[SQL_PARTY_CREATE] = "titiittttttt",
	[SQL_PARTY_DELETE] = "t",
	[SQL_PARTY_GET] = "t",
	[SQL_PARTY_LIST] = "tti",
	[SQL_PARTY_MORE_TIME] = "titi",
	[SQL_PARTY_MOVE] = "tt",
	[SQL_PARTY_NEXT] = "iitti",
	[SQL_PARTY_NOTIFY] = "titti",
	[SQL_PARTY_NO_SHOW] = "tit",
	[SQL_PARTY_SEAT] = "titt",
	[SQL_PARTY_UNDO] = "ti",
	[SQL_PASSWORD_FORGET] = "ttt",
	[SQL_PENDING_CLAIM] = "ii",
	[SQL_PENDING_COUNT] = "",
	[SQL_PENDING_DONE] = "t",
	[SQL_QUARANTINE] = "iittt",
	[SQL_QUEUE_CLAIM] = "tii",
	[SQL_QUEUE_MEASURE] = "i",
	[SQL_QUEUE_PARK] = "i",
	[SQL_QUICK_REPLY_CHANGE] = "ttt",
	[SQL_QUICK_REPLY_CREATE] = "ttt",
	[SQL_QUICK_REPLY_DELETE] = "t",
	[SQL_QUICK_REPLY_LIST] = "",
	[SQL_RECEIPTS_APPLY] = "ti" "TTTTTTTITTTTIITTIIIT",
	[SQL_REPLIES_APPLY] = "ti" "TTTTTITTTIITIIT",
	[SQL_REPORT_GET] = "ttt",
	[SQL_RETAIN] = "i",
	[SQL_SEALED_LIST] = "",
	[SQL_SEALED_PUT] = "ttt",
	[SQL_SEALED_REMOVE] = "t",
	[SQL_SESSION_END] = "t",
	[SQL_SESSION_END_OTHERS] = "",
	[SQL_SESSION_LIST] = "",
	[SQL_SESSION_SWITCH] = "t",
	[SQL_SIGNUP_BEGIN] = "tttttttt",
	[SQL_STAND_CREATE] = "ttttt",
	[SQL_STREAMS_CHECK] = "tttttt",
	[SQL_SWEEP] = "i",
	[SQL_TEMPLATE_CHANGE] = "tttt",
	[SQL_TEMPLATE_LIST] = "",
	[SQL_TEMPLATE_PREVIEW] = "tttti",
	[SQL_TEMPLATE_RESET] = "tt",
	[SQL_USAGE_CLAIM] = "ti",
	[SQL_USAGE_SETTLE] = "ttittit",
	[SQL_USER_CHANGE] = "tttt",
	[SQL_USER_LIST] = "",
	[SQL_USER_REMOVE] = "t",
	[SQL_VENUE_CHECK_IN] = "ttitttt",
	[SQL_VENUE_PAGE] = "t",
	[SQL_VISITS_DUE] = "i",
	[SQL_WAIT_GET] = "i",
};
/* clang-format on */

/* Where the C code says what it binds to a batch. */
static const char *const users[] = { "gateway/worker.c",  "routing/helping.c",
				     "routing/hooks.c",	  "routing/inbound.c",
				     "routing/journal.c", "routing/reporting.c",
				     "routing/room.c" };

static char letter(Oid type)
{
	switch (type) {
	case 25:
		return 't';
	case 20:
		return 'i';
	case 1009:
		return 'T';
	case 1016:
		return 'I';
	default:
		return '?';
	}
}

static void every_statement(void **state)
{
	PGconn *c = pg_connect(pg_url());
	struct arena *a = arena_new();

	(void)state;
	for (int i = 0; i < SQL_NUM; i++) {
		const char *name = statements[i].name;
		struct buf letters = buf_new(a, 100);

		check(name, parameters[i] != NULL);
		PGresult *r = PQprepare(c, name, statements[i].text, 0, NULL);
		if (PQresultStatus(r) != PGRES_COMMAND_OK)
			fail_msg("%s: %s", name, PQresultErrorMessage(r));
		PQclear(r);
		r = PQdescribePrepared(c, name);
		for (int k = 0; k < PQnparams(r); k++)
			buf_char(&letters, letter(PQparamtype(r, k)));
		check_str(name, buf_str(&letters), str_of(parameters[i]));
		check(name, PQnfields(r) > 0 || i == SQL_PENDING_DONE);
		PQclear(r);
	}
	arena_free(a);
	PQfinish(c);
}

/* What stands in quotes behind `name`, with nothing but white space between: its letters. */
static struct str batch_columns(struct str text, const char *name)
{
	const char *at = strstr(text.p, name);
	struct str rest = str_trim(str_of(at ? at + strlen(name) : ""));

	if (str_cut(&rest, '"').len)
		return STR("");
	return str_cut(&rest, '"');
}

/* The letters of each db_batch_new() in the code are those of its statement. */
static void every_batch(void **state)
{
	struct arena *a = arena_new();
	unsigned found = 0, batches = 0;

	(void)state;
	for (int i = 0; i < SQL_NUM; i++) {
		struct buf name = buf_new(a, 60), want = buf_new(a, 60);

		buf_printf(&name, "SQL_");
		for (const char *c = statements[i].name; *c; c++)
			buf_char(&name, (char)toupper((unsigned char)*c));
		buf_char(&name, ',');
		for (const char *c = parameters[i]; *c; c++)
			if (isupper((unsigned char)*c))
				buf_char(&want, (char)tolower((unsigned char)*c));
		batches += want.len > 0;
		buf_char(&name, '\0');
		for (size_t u = 0; u < COUNT(users); u++) {
			struct str got = batch_columns(read_file(a, users[u]), name.p);

			if (!got.len)
				continue;
			check_str(statements[i].name, got, buf_str(&want));
			found++;
		}
	}
	check("each batch is made once", found == batches && batches == 8);
	arena_free(a);
}

/* Applied twice, nothing happens; and a database that is ahead is left alone. */
static void migrating(void **state)
{
	char why[600] = "";

	(void)state;
	check("again", migrate(pg_url(), why, sizeof(why)));
	check("recorded once each", pg_number("SELECT count(*) FROM schema_migrations") ==
					    pg_number("SELECT count(DISTINCT name) FROM "
						      "schema_migrations"));
	pg_run("INSERT INTO schema_migrations (name) VALUES ('9999_from_the_future')");
	check("refuses", !migrate(pg_url(), why, sizeof(why)));
	check("says so", strstr(why, "9999_from_the_future, which is newer than this program"));
	pg_run("DELETE FROM schema_migrations WHERE name = '9999_from_the_future'");
	check("no such database",
	      !migrate("postgresql:///nowhere?host=/nowhere", why, sizeof(why)));
	check("says so", strstr(why, "The database cannot be reached"));
}

/* The journal has a partition for today and the days to come, and takes any other day too. */
static void partitions(void **state)
{
	(void)state;
	pg_empty();
	pg_run("SELECT make_callback_partitions()");
	pg_run("INSERT INTO callbacks SELECT t, 'bat', 1, 'twilio', '/', '', '' FROM (VALUES "
	       "(now()), (now() + interval '6 days'), (now() - interval '9 years')) v (t)");
	check("two days of their own, one of no day",
	      pg_number("SELECT count(*) FROM callbacks_other") == 1);
	check("all there", pg_number("SELECT count(*) FROM callbacks") == 3);
	pg_run("SELECT make_callback_partitions()");
	pg_empty();
}

/* A message's state only rises in rank, whoever writes. */
static void never_backwards(void **state)
{
	static const struct {
		const char *name, *update;
		bool ok;
	} rows[] = {
		{ "rises", "state = 'sent', rank = 3", true },
		{ "stays", "state = 'sent', rank = 3", true },
		{ "falls", "state = 'queued', rank = 0", false },
		{ "text is not state", "code = '30003'", true },
		{ "rises to the top", "state = 'delivered', rank = 5", true },
		{ "falls from the top", "state = 'failed', rank = 4", false },
	};
	struct arena *a = arena_new();
	PGconn *c = pg_connect(pg_url());

	(void)state;
	pg_empty();
	pg_venue("acc_a", "+12125550100", "+12125550101");
	pg_run("INSERT INTO messages (account_id, message_id, conversation_id, direction, "
	       "kind, phone, body, encoding, segments, state, rank) "
	       "VALUES ('acc_a', 'msg', 'cnv', 'out', 'text', '+1', '', 'GSM-7', 1, 'queued', 0)");
	for (size_t i = 0; i < COUNT(rows); i++) {
		PGresult *r = PQexec(c,
				     arena_printf(a, "UPDATE messages SET %s", rows[i].update).p);
		bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;

		check(rows[i].name, ok == rows[i].ok);
		check(rows[i].name, ok || strstr(PQresultErrorMessage(r), "may not go from"));
		PQclear(r);
	}
	PQfinish(c);
	arena_free(a);
	pg_empty();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_statement), cmocka_unit_test(every_batch),
		cmocka_unit_test(migrating),	   cmocka_unit_test(partitions),
		cmocka_unit_test(never_backwards),
	};

	return cmocka_run_group_tests(tests, pg_setup, pg_teardown);
}
