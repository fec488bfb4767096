/* words.c - fuzzes what reads the words of guests, and the words of texts to them. */
#include "fuzz.h"

#include "consent.h"
#include "reply_intent.h"
#include "revocation.h"
#include "wording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str body = input(data, size);
	struct arena *a = arena_new();
	const char *word = NULL;
	enum carrier_consent said = consent_read(body, CONSENT_UNSAID, &word);

	must((said == CONSENT_UNSAID) == !word);
	must(str_is_text(revocation_words(a, body)));
	reply_intent_read(body);
	const char *why = wording_refusal(a, body);
	must(!why || (*why && why[strlen(why) - 1] == '.'));
	arena_free(a);
	return 0;
}
