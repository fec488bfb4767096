/* test_revocation.c - what is understood as "do not text me", and what is an ordinary answer. */
#include "testing.h"

#include "revocation.h"

/* clang-format off */
static const struct {
	const char *body, *words; /* NULL: an ordinary answer */
} rows[] = {
	/* English: stop doing it */
	{ "please stop texting me", "stop texting" },
	{ "Stop texting me!!!", "stop texting" },
	{ "STOP SENDING ME THESE", "stop sending" },
	{ "Can you stop with all the texts", "stop with all the texts" },
	{ "stop messaging this number", "stop messaging" },
	{ "Quit spamming me", "quit spamming" },
	{ "Please stop", "stop" },
	{ "stop please!", "stop" },
	{ "ok stop, thanks", "stop" },
	{ "Stop it", "stop it" },
	{ "stopp", "stopp" },
	{ "stoooop", "stop" },
	{ "s t o p", "stop" },
	{ "\xf0\x9f\x9b\x91", "stop" },
	{ "STOP I am not Maria", "stop" },
	{ "STOP. we are not coming", "stop" },
	{ "do not contact me", "not contact me" },
	{ "Don\xe2\x80\x99t text me again", "dont text me" },
	{ "dont ever message us", "dont ever message us" },
	{ "Never text this phone", "never text this" },
	{ "please do not text", "do not text" },
	{ "don't send me any more messages", "dont send me any more messages" },
	{ "do not send me anything", "not send me anything" },
	{ "I don't want these texts", "dont want these texts" },
	{ "We do not wish to receive messages from you", "not wish to receive messages" },
	{ "i no longer want to get texts", "longer want to get texts" },
	{ "turn off notifications", "turn off notifications" },
	{ "please end these texts", "end these texts" },
	{ "cancel all messages", "cancel all messages" },
	{ "No more texts please", "no more texts" },
	{ "no more", "no more" },
	{ "leave me alone", "leave me alone" },
	{ "lose my number", "lose my number" },
	{ "You are blowing up my phone", "blowing up my" },
	/* one of the definite words, with more around it */
	{ "unsubscribe me please", "unsubscribe" },
	{ "how do I unsubscribe?", "unsubscribe" },
	{ "I want to opt out", "opt out" },
	{ "opt-out", "opt out" },
	{ "cancel please", "cancel" },
	{ "I revoke my consent", "revoke my consent" },
	/* off the list */
	{ "remove me", "remove me" },
	{ "Please remove me from your list", "remove me from your list" },
	{ "take me off this list", "take me off this list" },
	{ "delete my number", "delete my number" },
	{ "take my number off your system", "take my number off" },
	/* somebody else's phone */
	{ "wrong number", "wrong number" },
	{ "Sorry, you have the wrong person.", "wrong person" },
	{ "This isn't her number", "isnt her number" },
	{ "this is not the right number", "not the right number" },
	{ "this is no longer his phone", "no longer his phone" },
	{ "No one here by that name", "no one here by that" },
	/* complaints */
	{ "I never signed up for this", "never signed up" },
	{ "I did not give you permission", "not give you permission" },
	{ "this is spam", "this is spam" },
	{ "I am reporting this as spam", "reporting this as spam" },
	{ "I am on the do not call list", "do not call list" },
	{ "Not interested, thanks", "not interested" },
	/* Spanish */
	{ "no mas", "no mas" },
	{ "No m\xc3\xa1s!", "no mas" },
	{ "no m\x61\xcc\x81s", "no mas" },
	{ "no m\xc3\xa1s mensajes por favor", "no mas mensajes" },
	{ "Por favor no me env\xc3\xad" "en m\xc3\xa1s mensajes", "no me envien mas mensajes" },
	{ "dejen de mandarme mensajes", "dejen de mandarme" },
	{ "N\xc3\xbamero equivocado", "numero equivocado" },
	{ "se equivoc\xc3\xb3 de n\xc3\xbamero", "equivoco de numero" },
	{ "quiero darme de baja", "darme de baja" },
	{ "borre mi n\xc3\xbamero", "borre mi numero" },
	{ "No quiero recibir mensajes", "no quiero recibir mensajes" },
	{ "\xc2\xa1" "basta ya!", "basta ya" },
	{ "ALTO", "alto" },
	/* French */
	{ "arret", "arret" },
	{ "ARR\xc3\x8aT", "arret" },
	{ "arr\xc3\xaatez svp", "arretez" },
	{ "Arr\xc3\xaatez de m'\xc3\xa9" "crire", "arretez de mecrire" },
	{ "ne m'envoyez plus de messages", "ne menvoyez plus" },
	{ "plus de textos s'il vous pla\xc3\xaet", "plus de textos" },
	{ "je veux me d\xc3\xa9sabonner", "desabonner" },
	{ "mauvais num\xc3\xa9ro", "mauvais numero" },
	{ "vous vous trompez de num\xc3\xa9ro", "trompez de numero" },
	{ "retirez-moi de votre liste", "retirez moi de votre liste" },
	/* ordinary answers */
	{ "don't stop, we are coming", NULL },
	{ "Please don't stop texting me, I like it", NULL },
	{ "can you cancel my dessert", NULL },
	{ "please cancel my reservation", NULL },
	{ "cancel our table, we found another place", NULL },
	{ "end of the line?", NULL },
	{ "we will stop by at 7", NULL },
	{ "STOP BY AT 7?", NULL },
	{ "Stopping for gas, 5 min", NULL },
	{ "we are at the bus stop", NULL },
	{ "Is there a stop sign at the corner?", NULL },
	{ "non-stop flight, we will be late", NULL },
	{ "1", NULL },
	{ "9", NULL },
	{ "yes", NULL },
	{ "No", NULL },
	{ "ok", NULL },
	{ "thank you!", NULL },
	{ "On my way", NULL },
	{ "Need more time", NULL },
	{ "no more than 10 minutes", NULL },
	{ "there are no more of us, just 4", NULL },
	{ "The wrong number of chairs again", NULL },
	{ "we have the wrong number for the valet?", NULL },
	{ "If you don't text me in 5 min we leave", NULL },
	{ "You didn't text me!", NULL },
	{ "why don't you text us when it is ready", NULL },
	{ "you did not send the address", NULL },
	{ "text me when it's ready", NULL },
	{ "we no longer want the table", NULL },
	{ "I don't want to wait any longer", NULL },
	{ "don't need a high chair", NULL },
	{ "please take us off the waitlist", NULL },
	{ "remove me from the waiting list", NULL },
	{ "take the onions off my burger", NULL },
	{ "let me get my phone", NULL },
	{ "not the patio please", NULL },
	{ "is this the right number to call?", NULL },
	{ "quit raining yet?", NULL },
	{ "weekend plans changed", NULL },
	{ "who is this?", NULL },
	{ "my number has changed, use 555-0100", NULL },
	{ "somos no m\xc3\xa1s 3 personas", NULL },
	{ "no mas de 10 minutos", NULL },
	{ "mesa para 4", NULL },
	{ "no quiero terraza", NULL },
	{ "dejen la mesa lista", NULL },
	{ "bajamos en 5 minutos", NULL },
	{ "l'arr\xc3\xaat de bus est loin", NULL },
	{ "pas de terrasse svp", NULL },
	{ "pas de num\xc3\xa9ro de table?", NULL },
	{ "plus de temps svp", NULL },
	{ "retirez moi de la liste d'attente", NULL },
	{ "laissez-moi la table pr\xc3\xa8s de la fen\xc3\xaatre", NULL },
	{ "", NULL },
	{ "!!!", NULL },
	{ "\xf0\x9f\x8e\x89", NULL },
	{ "\xff\xfe", NULL },
};
/* clang-format on */

static void corpus(void **state)
{
	size_t asks = 0, ordinary = 0, wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *a = arena_new();

		struct str words = revocation_words(a, str_of(rows[i].body));

		if (!str_eq(words, str_of(rows[i].words))) {
			print_error("'%s': found '" STR_FMT "', expected '%s'\n", rows[i].body,
				    STR_ARG(words), rows[i].words ? rows[i].words : "");
			wrong++;
		}
		*(rows[i].words ? &asks : &ordinary) += 1;
		arena_free(a);
	}
	check("the corpus", !wrong);
	check("enough of both", asks >= 60 && ordinary >= 40);
}

/* However long a text is, and whatever it is made of, it is read in bounds. */
static void long_texts(void **state)
{
	static const char *const parts[] = { "a ",	     "stop ",
					     "\xe2\x82\xac", "\xf0\x9f\x9b\x91",
					     "\xff",	     "don't text " };

	(void)state;
	for (size_t i = 0; i < COUNT(parts); i++) {
		struct arena *a = arena_new();
		struct buf b = buf_new(a, 20000);

		for (int n = 0; n < 1600; n++)
			buf_put(&b, str_of(parts[i]));
		revocation_words(a, buf_str(&b));
		buf_put(&b, STR(" stop texting me"));
		check(parts[i], !buf_full(&b));
		arena_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(corpus),
		cmocka_unit_test(long_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
