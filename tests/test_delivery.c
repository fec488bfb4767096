/* test_delivery.c - what each answer of a carrier, and each report, means for a message. */
#include "testing.h"

#include "delivery.h"

/* The carrier that is asked is always Twilio. */
struct answer {
	enum http_transport transport;
	enum send_outcome outcome; /* when answered */
	const char *code;
	int http_status;
	unsigned retry_after_s;
	const char *carrier_id;
};

static const struct answer accepted = { HTTP_ANSWERED, SEND_ACCEPTED, "", 201, 0, "SM1" },
			   unreadable = { HTTP_ANSWERED, SEND_ACCEPTED, "", 201, 0, "" },
			   server_error = { HTTP_ANSWERED, SEND_AMBIGUOUS, "", 503, 0, "" },
			   no_answer = { HTTP_MAYBE_SENT, SEND_ACCEPTED, "", 0, 0, "" },
			   not_reached = { HTTP_NOT_SENT, SEND_ACCEPTED, "", 0, 0, "" },
			   refused = { HTTP_ANSWERED, SEND_REFUSED, "30034", 400, 0, "" },
			   no_code = { HTTP_ANSWERED, SEND_REFUSED, "", 403, 0, "" },
			   throttled = { HTTP_ANSWERED, SEND_REFUSED, "20429", 429, 0, "" },
			   in_a_minute = { HTTP_ANSWERED, SEND_REFUSED, "20429", 429, 60, "" },
			   no_number = { HTTP_ANSWERED, SEND_REFUSED, "21211", 400, 0, "" },
			   landline = { HTTP_ANSWERED, SEND_REFUSED, "21614", 400, 0, "" },
			   opted_out = { HTTP_ANSWERED, SEND_REFUSED, "21610", 400, 0, "" };

/*
 * The history by letters: t and n for Twilio and Telnyx that were busy, T and N for a refusal.
 * What follows: "again", "now" (again at once), or the message's state and rank.
 */
/* clang-format off */
static const struct {
	const char *name;
	const struct answer *answer;
	const char *candidates, *past;
	const char *attempt, *handling, *follows, *sentence, *reason;
} rows[] = {
	{ "accepted", &accepted, "tn", "", "accepted", NULL, "sent 3", "Twilio accepted it.", "" },
	{ "accepted, last try", &accepted, "tn", "ntntntn", "accepted", NULL, "sent 3",
	  "Twilio accepted it.", "" },
	{ "accepted, unreadable", &unreadable, "tn", "", "ambiguous", NULL, "unknown 1, asked",
	  "Twilio says that it took it, but not under which id.", "It may have been sent;" },
	{ "5xx", &server_error, "tn", "", "ambiguous", NULL, "unknown 1, asked",
	  "(HTTP 503) that does not say", "It may have been sent; Twilio is being asked" },
	{ "no answer", &no_answer, "tn", "", "ambiguous", NULL, "unknown 1, asked",
	  "Twilio may have taken it: no clear answer came (it hung).", "It may have been sent;" },
	{ "no answer after others refused", &no_answer, "tn", "N", "ambiguous", NULL,
	  "unknown 1, asked", "may have taken it", "It may have been sent;" },

	{ "not reached", &not_reached, "tn", "", "rejected", "back-off", "now",
	  "Twilio could not be reached: it hung.", "" },
	{ "not reached, only carrier", &not_reached, "t", "", "rejected", "back-off", "again",
	  "could not be reached", "" },
	{ "not reached, other refused", &not_reached, "tn", "N", "rejected", "back-off", "again",
	  "could not be reached", "" },
	{ "not reached, other busy", &not_reached, "tn", "n", "rejected", "back-off", "again",
	  "could not be reached", "" },

	{ "refused", &refused, "tn", "", "rejected", "other-carrier", "now",
	  "Twilio refused it (30034): Our Twilio number is not registered", "" },
	{ "refused without a code", &no_code, "tn", "", "rejected", "other-carrier", "now",
	  "Twilio refused it (no code): ", "" },
	{ "refused, only carrier", &refused, "t", "", "rejected", "other-carrier", "failed 4",
	  "refused it", "Twilio refused it (30034): Our Twilio number" },
	{ "both refuse", &refused, "tn", "N", "rejected", "other-carrier", "failed 4",
	  "refused it", "Twilio refused it (30034)" },
	{ "refused, other busy", &refused, "tn", "n", "rejected", "other-carrier", "again",
	  "refused it", "" },

	{ "throttled", &throttled, "tn", "", "rejected", "back-off", "now",
	  "Twilio refused it (20429): ", "" },
	{ "throttled, only carrier", &throttled, "t", "", "rejected", "back-off", "again",
	  "refused it", "" },
	{ "throttled, other refused", &throttled, "tn", "N", "rejected", "back-off", "again",
	  "refused it", "" },
	{ "both throttled", &throttled, "tn", "n", "rejected", "back-off", "again",
	  "refused it", "" },
	{ "throttled, waits as asked", &in_a_minute, "t", "", "rejected", "back-off", "again",
	  "refused it", "" },
	{ "throttled, the other waits for nothing", &in_a_minute, "tn", "", "rejected",
	  "back-off", "now", "refused it", "" },

	{ "number not valid", &no_number, "tn", "", "rejected", "end", "failed 4",
	  "Twilio refused it (21211): This phone number is not valid.",
	  "This phone number is not valid. Ask the guest for the number again." },
	{ "landline", &landline, "tn", "", "rejected", "landline", "failed 4", "(21614)",
	  "This number is not a mobile phone and cannot receive texts." },
	{ "opted out", &opted_out, "tn", "", "rejected", "opted-out", "stopped 4", "(21610)",
	  "The guest has replied STOP and cannot be texted." },
	{ "opted out at the second", &opted_out, "tn", "N", "rejected", "opted-out", "stopped 4",
	  "(21610)", "The guest has replied STOP" },
};
/* clang-format on */

static size_t history(const char *letters, struct past_attempt *past)
{
	size_t num = strlen(letters);

	for (size_t i = 0; i < num; i++)
		past[i] = (struct past_attempt){ strchr("tT", letters[i]) ? &twilio : &telnyx,
						 strchr("tn", letters[i]) != NULL };
	return num;
}

static struct settlement settle(struct arena *a, const struct answer *answer, const char *letters,
				const char *past_letters, unsigned jitter)
{
	struct candidate candidates[CANDIDATES_MAX];
	struct past_attempt past[ATTEMPTS_MAX];
	const struct http_response response = {
		.transport = answer->transport,
		.status = answer->http_status,
		.error = answer->transport == HTTP_ANSWERED ? NULL : "it hung",
	};
	const struct send_result result = {
		.outcome = answer->outcome,
		.code = code_or_default("twilio", str_of(answer->code), answer->http_status),
		.carrier_id = str_of(answer->carrier_id),
		.code_text = str_of(answer->code),
		.retry_after_s = answer->retry_after_s,
	};
	const struct settle_input in = {
		.provider = &twilio,
		.response = &response,
		.result = answer->transport == HTTP_ANSWERED ? &result : NULL,
		.candidates = candidates,
		.candidate_num = strlen(letters),
		.past = past,
		.past_num = history(past_letters, past),
		.jitter = jitter,
	};

	for (size_t i = 0; i < strlen(letters); i++)
		candidates[i] = (struct candidate){ letters[i] == 't' ? &twilio : &telnyx,
						    STR("+1"), 0 };
	return delivery_settle(a, &in);
}

static struct str follows(struct arena *a, const struct settlement *s)
{
	if (strcmp(s->attempt_state, "ambiguous") == 0 && s->again)
		return arena_printf(a, "%s %u, asked", s->message_state ? s->message_state : "-",
				    s->message_rank);
	if (s->again)
		return s->delay_ms ? STR("again") : STR("now");
	return arena_printf(a, "%s %u", s->message_state, s->message_rank);
}

static void check_part(const char *row, struct arena *a, struct str text, const char *part)
{
	if (!strstr(arena_cstr(a, text), part))
		fail_msg("row '%s': '%s' does not hold '%s'", row, arena_cstr(a, text), part);
}

static void settling(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *name = rows[i].name;
		struct settlement s = settle(a, rows[i].answer, rows[i].candidates, rows[i].past,
					     12345);

		check_str(name, str_of(s.attempt_state), str_of(rows[i].attempt));
		check_str(name, str_of(s.handling), str_of(rows[i].handling));
		check_str(name, follows(a, &s), str_of(rows[i].follows));
		check_part(name, a, s.sentence, rows[i].sentence);
		check_part(name, a, s.reason, rows[i].reason);
		check(name, (s.reason.len > 0) == (*rows[i].reason != '\0'));
		check(name, s.opt_out == (rows[i].answer == &opted_out));
		check(name, !s.again || !s.message_state || s.delay_ms == 2000);
	}
	arena_free(a);
}

/* What may have been sent, or ended for good, is never tried again, whatever the history. */
static void never_twice(void **state)
{
	static const struct answer *const ends[] = { &accepted,	 &unreadable, &server_error,
						     &no_answer, &no_number,  &landline,
						     &opted_out };
	static const char *const histories[] = { "", "t", "n", "N", "tn", "tnN", "ttttttt" };
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++)
		for (size_t k = 0; k < COUNT(histories); k++)
			for (int both = 0; both < 2; both++) {
				struct settlement s = settle(a, ends[i], both ? "tn" : "t",
							     histories[k], 0);

				/* an ambiguous one is due again: to be asked for */
				check(histories[k],
				      s.message_state &&
					      (!s.again ||
					       str_is(str_of(s.attempt_state), "ambiguous")));
			}
	arena_free(a);
}

/* At the last attempt that is allowed, what would be tried again has failed. */
static void enough(void **state)
{
	static const struct answer *const transient[] = { &not_reached, &throttled };
	char past[ATTEMPTS_MAX];
	struct arena *a = arena_new();

	(void)state;
	memset(past, 'n', sizeof(past));
	past[ATTEMPTS_MAX - 1] = '\0';
	for (size_t i = 0; i < COUNT(transient); i++) {
		struct settlement s = settle(a, transient[i], "tn", past, 0);

		check_str("the last", follows(a, &s), STR("failed 4"));
		check_str("with its reason", s.reason, s.sentence);
		s = settle(a, transient[i], "tn", past + 1, 0);
		check("the one before", s.again);
	}
	arena_free(a);
}

/* The wait doubles with each time this carrier was asked, is spread, and has bounds. */
static void delays(void **state)
{
	static const struct {
		const char *past;
		unsigned least_ms, most_ms;
	} steps[] = {
		{ "", 500, 1000 },	    { "t", 1000, 2000 },     { "tt", 2000, 4000 },
		{ "ttt", 4000, 8000 },	    { "tttt", 8000, 16000 }, { "ttttt", 16000, 32000 },
		{ "tttttt", 30000, 60000 },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(steps); i++) {
		unsigned least = ~0u, most = 0;

		for (unsigned jitter = 0; jitter < 70000; jitter += 7) {
			unsigned ms = settle(a, &throttled, "t", steps[i].past, jitter).delay_ms;

			least = ms < least ? ms : least;
			most = ms > most ? ms : most;
		}
		check(steps[i].past, least >= steps[i].least_ms && most <= steps[i].most_ms);
		check(steps[i].past, most - least > (steps[i].most_ms - steps[i].least_ms) / 2);
	}
	check("as the carrier asked", settle(a, &in_a_minute, "t", "", 0).delay_ms == 60000);
	arena_free(a);
}

/* What asking for a text leads to: by answer, time, and how often it was asked. */
static const struct {
	const char *name;
	enum lookup_outcome outcome;
	unsigned looks;
	long long past_dead_ms;
	const char *candidates, *past, *attempt, *follows;
	unsigned delay_ms;
	long long past_arrive_ms; /* of a text that must be there by a time; 0: of no such */
} looks[] = {
	{ "found", LOOKUP_FOUND, 0, -50000, "tn", "t", "accepted", "sent 3", 0, 0 },
	{ "found late", LOOKUP_FOUND, 9, 500000, "tn", "t", "accepted", "sent 3", 0, 0 },
	{ "not there yet", LOOKUP_ABSENT, 0, -50000, "tn", "t", "ambiguous", "- 0, asked", 3000,
	  0 },
	{ "still not", LOOKUP_ABSENT, 2, -50000, "tn", "t", "ambiguous", "- 0, asked", 10000, 0 },
	{ "often", LOOKUP_ABSENT, 40, -500000, "tn", "t", "ambiguous", "- 0, asked", 60000, 0 },
	{ "just before it is dead", LOOKUP_ABSENT, 3, -2000, "tn", "t", "ambiguous", "- 0, asked",
	  3000, 0 },
	{ "on the dot", LOOKUP_ABSENT, 3, 0, "tn", "t", "ambiguous", "- 0, asked", 1000, 0 },
	{ "dead, and not there", LOOKUP_ABSENT, 4, 1, "tn", "t", "abandoned", "now", 0, 0 },
	{ "dead, and the other has refused", LOOKUP_ABSENT, 4, 1, "tn", "Nt", "abandoned", "again",
	  0, 0 },
	{ "dead, and no other", LOOKUP_ABSENT, 4, 1, "t", "t", "abandoned", "again", 0, 0 },
	{ "no answer", LOOKUP_UNAVAILABLE, 0, -50000, "tn", "t", "ambiguous", "- 0, asked", 3000,
	  0 },
	{ "no answer, though dead", LOOKUP_UNAVAILABLE, 4, 119999, "tn", "t", "ambiguous",
	  "- 0, asked", 10000, 0 },
	{ "no answer for long", LOOKUP_UNAVAILABLE, 6, 120001, "tn", "t", "ambiguous",
	  "uncertain 2", 0, 0 },
	{ "it must be there soon", LOOKUP_ABSENT, 3, -50000, "tn", "t", "ambiguous", "- 0, asked",
	  7000, -7000 },
	{ "it must be there now", LOOKUP_ABSENT, 3, -40000, "tn", "t", "abandoned", "now", 0, 1 },
	{ "it must be there now, and nobody knows", LOOKUP_UNAVAILABLE, 3, -40000, "tn", "t",
	  "abandoned", "now", 0, 1 },
	{ "it must be there now, and is", LOOKUP_FOUND, 3, -40000, "tn", "t", "accepted", "sent 3",
	  0, 1 },
};

static void looking(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(looks); i++) {
		const char *name = looks[i].name;
		struct candidate candidates[CANDIDATES_MAX];
		struct past_attempt past[ATTEMPTS_MAX];
		struct look_input in = { .provider = &twilio,
					 .outcome = looks[i].outcome,
					 .looks = looks[i].looks,
					 .asked_ms = 1000000 + looks[i].past_dead_ms,
					 .dead_ms = 1000000,
					 .arrive_ms = looks[i].past_arrive_ms ?
							      1000000 + looks[i].past_dead_ms -
								      looks[i].past_arrive_ms :
							      0,
					 .candidates = candidates,
					 .candidate_num = strlen(looks[i].candidates),
					 .past = past };

		in.past_num = history(looks[i].past, past);
		for (size_t k = 0; k < in.candidate_num; k++)
			candidates[k] = (struct candidate){
				looks[i].candidates[k] == 't' ? &twilio : &telnyx, STR("+1"), 0
			};
		struct settlement s = delivery_look(a, &in);
		check_str(name, str_of(s.attempt_state), str_of(looks[i].attempt));
		check_str(name, follows(a, &s), str_of(looks[i].follows));
		check(name, s.looked && s.sentence.len);
		check(name, !looks[i].delay_ms || s.delay_ms == looks[i].delay_ms);
	}
	arena_free(a);
}

static void reports(void **state)
{
	static const struct {
		enum delivery_status status;
		const char *code, *attempt, *message;
		unsigned rank;
		const char *sentence;
	} kinds[] = {
		{ DELIVERY_QUEUED, NULL, "accepted", "sent", 3, "Telnyx has it in its queue." },
		{ DELIVERY_SENDING, NULL, "accepted", "sent", 3, "Telnyx is sending it." },
		{ DELIVERY_SENT, NULL, "accepted", "sent", 3,
		  "Telnyx passed it on to the guest's network." },
		{ DELIVERY_SENT, "40001", "accepted", "sent", 3,
		  "Telnyx passed it on to the guest's network." },
		{ DELIVERY_UNCONFIRMED, NULL, "finalised", "sent", 3,
		  "Telnyx sent it; the guest's network gives no receipts." },
		{ DELIVERY_FAILED, NULL, "finalised", "failed", 4, "Telnyx could not send it." },
		{ DELIVERY_FAILED, "40001", "finalised", "failed", 4,
		  "Telnyx could not send it. This number is a landline and cannot receive texts. "
		  "Call the guest instead." },
		{ DELIVERY_FAILED, "40018", "finalised", "failed", 4, "Telnyx could not send it." },
		{ DELIVERY_UNDELIVERED, "40018", "finalised", "undelivered", 4,
		  "Telnyx sent it, but" },
		{ DELIVERY_UNDELIVERED, "40008", "finalised", "undelivered", 4,
		  "Telnyx sent it, but it did not reach the phone. The guest's phone company did "
		  "not take the text. Call the guest." },
		{ DELIVERY_DELIVERED, NULL, "finalised", "delivered", 5,
		  "Telnyx reports that it is on the guest's phone." },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		const char *name = delivery_name(kinds[i].status);
		const struct code *code = kinds[i].code ?
						  code_find("telnyx", str_of(kinds[i].code)) :
						  NULL;
		const struct event e = { .status = kinds[i].status, .code = code };
		struct report r = delivery_report(a, &telnyx, &e);

		check_str(name, str_of(r.attempt_state), str_of(kinds[i].attempt));
		check_str(name, str_of(r.message_state), str_of(kinds[i].message));
		check(name, r.message_rank == kinds[i].rank);
		check(name, str_starts(r.sentence, str_of(kinds[i].sentence)));
		check(name,
		      r.again == (kinds[i].status == DELIVERY_FAILED && code && code->never_left));
		check(name, delivery_is_final(kinds[i].status) ==
				    (strcmp(r.attempt_state, "finalised") == 0));
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settling), cmocka_unit_test(never_twice),
		cmocka_unit_test(enough),   cmocka_unit_test(delays),
		cmocka_unit_test(looking),  cmocka_unit_test(reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
