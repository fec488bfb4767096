/* test_wording.c - which texts ask guests for a word that carriers take for something else. */
#include "testing.h"

#include "wording.h"

/* clang-format off */
static const struct {
	const char *body, *word; /* the refusal's; NULL: it is fine */
} rows[] = {
	/* the wordings of a waitlist */
	{ "Your table is ready.", NULL },
	{ "Bella Trattoria: You're on the list, Maria (party of 4). Est. wait 25-35 min. See your "
	  "place or "
	  "cancel: https://q.example.com/Ab3dE9xK Reply STOP to opt out.", NULL },
	{ "You're nearly up, Maria - 2 parties ahead. Need more time? Reply 2. Can't make it? "
	  "Reply 9.", NULL },
	{ "Your table is ready! Please see the host within 10 min. Reply 1 coming, 2 more time, 9 "
	  "cancel.", NULL },
	{ "still holding your table for 5 more min. Reply 1 if you're on the way or 9 to "
	  "cancel.", NULL },
	{ "Booked for Fri Jul 12, 7:00 PM. Change or cancel: https://x.example Reply STOP to opt "
	  "out, HELP for "
	  "help.", NULL },
	{ "Reminder - table for 4 tomorrow. Reply 1 to confirm or 9 to cancel.", NULL },
	{ "You're opted out and won't get more texts. Reply START to resume.", NULL },
	{ "Help: (555) 010-0199. Msg&data rates may apply. Reply STOP to opt out.", NULL },
	/* STOP, as it is meant */
	{ "Reply STOP to end.", NULL },
	{ "Reply STOP to unsubscribe", NULL },
	{ "Text STOP to stop", NULL },
	{ "Txt STOP 2 end", NULL },
	{ "Reply STOP to cancel texts.", NULL },
	{ "Reply STOP", NULL },
	{ "STOP to opt out", NULL },
	{ "Responda STOP para no recibir mensajes.", NULL },
	{ "Responda STOP para darse de baja.", NULL },
	{ "Répondez STOP pour vous désabonner.", NULL },
	{ "reply \"stop\" to opt out", NULL },
	{ "Reply UNSUBSCRIBE to opt out", NULL },
	/* words that only stand there */
	{ "Call us to cancel.", NULL },
	{ "Reply 1 to confirm, or call us to cancel.", NULL },
	{ "Reply 1 to confirm or cancel at https://x.example", NULL },
	{ "REPLY 9 TO CANCEL", NULL },
	{ "Yes, your table is ready", NULL },
	{ "YES! Your table is ready", NULL },
	{ "Happy hour is at its end. Reply 1.", NULL },
	{ "Text us if you want to cancel", NULL },
	{ "Reply to cancel your table", NULL },
	{ "We cancel tables after 10 min", NULL },
	{ "Start your evening at the bar", NULL },
	{ "Send us a text: 555-0100", NULL },
	{ "Reply HELP for help", NULL },
	{ "Reply INFO for help", NULL },
	{ "", NULL },
	{ "!", NULL },
	/* what opts the guest out */
	{ "Reply CANCEL to give up your table", "CANCEL" },
	{ "Reply cancel to give up your table", "CANCEL" },
	{ "reply with \"Cancel\" if you can't make it", "CANCEL" },
	{ "Reply with the word CANCEL", "CANCEL" },
	{ "Reply: CANCEL", "CANCEL" },
	{ "Reply 1 to confirm, CANCEL to cancel", "CANCEL" },
	{ "Reply 1 to confirm or CANCEL.", "CANCEL" },
	{ "Reply 1 or cancel", "CANCEL" },
	{ "Reply 1 to confirm or cancel to cancel", "CANCEL" },
	{ "Your table is ready. CANCEL to give it up", "CANCEL" },
	{ "Text END to leave the line", "END" },
	{ "Text QUIT to leave the line", "QUIT" },
	{ "Send END if you left", "END" },
	{ "Reply REVOKE to opt out", "REVOKE" },
	{ "Responda CANCEL para cancelar", "CANCEL" },
	{ "Répondez CANCEL pour annuler", "CANCEL" },
	{ "RÉPONDEZ CANCEL", "CANCEL" },
	{ "Repondez CANCEL pour annuler", "CANCEL" },
	{ "Envíe STOP para cancelar la mesa", "STOP" },
	{ "Reply STOP to cancel your table", "STOP" },
	{ "Reply STOP to cancel.", "STOP" },
	{ "Reply STOP to leave the list", "STOP" },
	{ "Reply STOP to give up your place, 1 to keep it", "STOP" },
	{ "Reply STOP to opt out, CANCEL to give up your table", "CANCEL" },
	{ "Reply UNSUBSCRIBE to leave the line", "UNSUBSCRIBE" },
	/* what the carrier takes for START or HELP */
	{ "Reply YES to confirm", "YES" },
	{ "Reply yes to confirm", "YES" },
	{ "reply YES or NO", "YES" },
	{ "Reply 1 or YES to confirm", "YES" },
	{ "YES = coming, 9 = not", "YES" },
	{ "Reply Y/YES", "YES" },
	{ "Reply START when you are here", "START" },
	{ "Reply UNSTOP to get in line", "UNSTOP" },
	{ "Reply INFO for the menu", "INFO" },
};
/* clang-format on */

static void wordings(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *a = arena_new();
		const char *why = wording_refusal(a, str_of(rows[i].body));
		bool fits = rows[i].word ? why && strstr(why, rows[i].word) : !why;

		if (!fits)
			print_error("'%s': %s\n", rows[i].body, why ? why : "fine");
		wrong += !fits;
		arena_free(a);
	}
	check("the corpus", !wrong);
}

/* Each refusal names the word, and what to write instead. */
static void sentences(void **state)
{
	static const char *const words[] = { "CANCEL", "END",  "QUIT",	 "REVOKE",
					     "YES",    "INFO", "UNSTOP", "START" };

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		struct arena *a = arena_new();
		const char *why = wording_refusal(
			a, arena_printf(a, "Reply %s if you are coming.", words[i]));

		check(words[i], why && strstr(why, words[i]) && strstr(why, "\"Reply "));
		check(words[i], why[strlen(why) - 1] == '.');
		arena_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wordings),
		cmocka_unit_test(sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
