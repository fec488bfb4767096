/* signature.c - fuzzes the check of signatures: nothing that is made up may pass. */
#include "fuzz.h"

#include "provider.h"
#include "secret.h"

/* Lines: method, URL, content type, signature, time; the rest is the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str rest = input(data, size), text;
	struct carrier_account account = {
		.id = STR("AC1"),
		.webhook_secrets = { STR("never in a corpus"),
				     STR("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=") },
		.webhook_secret_num = 2,
	};
	struct http_request r = { .method = str_cut(&rest, '\n'), .url = str_cut(&rest, '\n') };
	struct http_header headers[] = {
		{ STR("Content-Type"), str_cut(&rest, '\n') },
		{ STR("X-Twilio-Signature"), str_cut(&rest, '\n') },
		{ STR("telnyx-timestamp"), str_cut(&rest, '\n') },
		{ STR("telnyx-signature-ed25519"), STR("") },
	};
	const char *why;

	headers[3].value = headers[1].value;
	r.headers = headers;
	r.header_num = 4;
	r.body = rest;
	for (size_t i = 0; providers[i]; i++) {
		why = NULL;
		must(providers[i]->verify_webhook(a, &account, &r, 1770000000, &why) !=
		     WEBHOOK_VALID);
		must(why && *why);
	}
	secret_ed25519_key_ok(input(data, size));
	if (secret_base64_decode(a, input(data, size), &text))
		must(str_eq(secret_base64(a, text), input(data, size)));
	arena_free(a);
	return 0;
}
