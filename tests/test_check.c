/* test_check.c - `maitred check` on the command line: what it prints, and how it ends. */
#include "testing.h"

#include <sysexits.h>
#include <unistd.h>

#include "check.h"

enum { ARGS_MAX = 20 };

/* Runs it with `input` as standard input; returns what it wrote to standard output or error. */
static struct str run(struct arena *a, const char *const *args, const char *input, int *status)
{
	FILE *in = tmpfile(), *out = tmpfile();
	int old_out = dup(STDOUT_FILENO), old_err = dup(STDERR_FILENO), argc = 0;
	char *argv[ARGS_MAX + 1] = { NULL };
	char *p = arena_zero(a, 8192);
	size_t len;

	while (args[argc]) {
		argv[argc] = arena_cstr(a, str_of(args[argc]));
		argc++;
	}
	fputs(input, in);
	rewind(in);
	fflush(stdout);
	dup2(fileno(in), STDIN_FILENO);
	clearerr(stdin);
	dup2(fileno(out), STDOUT_FILENO);
	dup2(fileno(out), STDERR_FILENO);
	*status = check_main(argc, argv);
	fflush(stdout);
	dup2(old_out, STDOUT_FILENO);
	dup2(old_err, STDERR_FILENO);
	close(old_out);
	close(old_err);
	rewind(out);
	len = fread(p, 1, 8191, out);
	fclose(in);
	fclose(out);
	return (struct str){ p, len };
}

/* Twilio's published example. */
#define TWILIO                                                                                     \
	"check", "webhook", "--carrier", "twilio", "--url",                                        \
		"https://example.com/myapp.php?foo=1&bar=2", "--secret", "12345", "-H",            \
		"Content-Type: application/x-www-form-urlencoded"
#define FORM                                                                                       \
	"Digits=1234&To=%2B18005551212&From=%2B14158675310&Caller=%2B14158675310&"                 \
	"CallSid=CA1234567890ABCDE"
#define SIGNATURE "X-Twilio-Signature: L/OH5YylLD5NRKLltdqwSvS0BnU="
#define TELNYX_KEY "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

static const struct {
	const char *name;
	const char *args[ARGS_MAX];
	const char *input;
	int status;
	const char *prints; /* a part of it */
} rows[] = {
	{ "valid", { TWILIO, "-H", SIGNATURE }, FORM, 0, "valid: nothing for us\n" },
	{ "other body", { TWILIO, "-H", SIGNATURE }, FORM "x", 1, "invalid: The signature" },
	{ "unsigned", { TWILIO }, FORM, 1, "invalid: The header X-Twilio-Signature is" },
	{ "second secret", { TWILIO, "-H", SIGNATURE, "--secret", "x" }, FORM, 0, "valid" },
	{ "method", { TWILIO, "-H", SIGNATURE, "--method", "GET" }, FORM, 1, "invalid: " },
	{ "bad header", { TWILIO, "-H", "nonsense" }, "", EX_USAGE, "'Name: value'" },
	{ "bad time", { TWILIO, "--now", "noon" }, "", EX_USAGE, "Unix seconds" },
	{ "word too many", { TWILIO, "x" }, "", EX_USAGE, "'x' is one word too many" },
	{ "unknown option", { TWILIO, "--verbose" }, "", EX_USAGE, "option is unknown" },
	{ "unknown carrier",
	  { "check", "webhook", "--carrier", "acme" },
	  "",
	  EX_USAGE,
	  "there is no carrier 'acme'" },
	{ "nothing given", { "check", "webhook" }, "", EX_USAGE, "are needed" },
	{ "hexadecimal key",
	  { "check", "webhook", "--secret", "d75a9801", "--carrier", "telnyx", "--url", "u" },
	  "",
	  EX_DATAERR,
	  "32 bytes in base64" },
	{ "telnyx, unsigned",
	  { "check", "webhook", "--carrier", "telnyx", "--secret", TELNYX_KEY, "--url", "u" },
	  "{}",
	  1,
	  "invalid: The header telnyx-signature-ed25519" },
	{ "text",
	  { "check", "text" },
	  "Hello\n",
	  0,
	  "{\"encoding\":\"GSM-7\",\"characters\":5,\"units\":5,\"segments\":1}\n" },
	{ "text, only the last line end", { "check", "text" }, "\n\n", 0, "\"units\":1," },
	{ "text, not UTF-8", { "check", "text" }, "\xff", EX_DATAERR, "not UTF-8" },
	{ "text that opts guests out",
	  { "check", "text" },
	  "Reply CANCEL to leave",
	  0,
	  "\"refusal\":\"Do not ask guests to reply CANCEL" },
	{ "text as a word", { "check", "text", "Hello" }, "", EX_USAGE, "standard input" },
	{ "number",
	  { "check", "number", "(212) 555-0001" },
	  "",
	  0,
	  "{\"number\":\"+12125550001\",\"national\":\"(212) 555-0001\"," },
	{ "number abroad",
	  { "check", "number", "07400 123456", "--region", "GB" },
	  "",
	  0,
	  "\"+447400123456\"" },
	{ "number, bad", { "check", "number", "555-0001" }, "", EX_DATAERR, "area code" },
	{ "number missing", { "check", "number" }, "", EX_USAGE, "takes one number" },
	{ "region missing", { "check", "number", "--region" }, "", EX_USAGE, "lacks" },
	{ "code",
	  { "check", "code", "twilio", "21610" },
	  "",
	  0,
	  "staff read:  The guest has replied STOP" },
	{ "code with alarm", { "check", "code", "telnyx", "20100" }, "", 0, "alarmed" },
	{ "unknown code", { "check", "code", "telnyx", "1" }, "", 0, "not in our table" },
	{ "code missing", { "check", "code", "telnyx" }, "", EX_USAGE, "a carrier and a" },
	{ "mail, address missing", { "check", "mail" }, "", EX_USAGE, "takes one address" },
	{ "mail to nobody", { "check", "mail", "me" }, "", EX_DATAERR, "me is not an e-mail" },
	{ "mail, not configured",
	  { "check", "mail", "me@example.com" },
	  "",
	  EX_CONFIG,
	  "MAIL_URL is missing." },
	{ "no command", { "check" }, "", EX_USAGE, "see maitred check --help.\n" },
	{ "unknown command", { "check", "mate" }, "", EX_USAGE, "webhook, text, number" },
	{ "help", { "check", "--help" }, "", 0, "Examples:\n" },
	{ "help of one", { "check", "text", "--help" }, "", 0, "Examples:\n" },
};
static void commands(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int status;
		struct str out = run(a, rows[i].args, rows[i].input, &status);

		if (status != rows[i].status || !strstr(out.p, rows[i].prints))
			fail_msg("row '%s': ended with %d and printed: %s", rows[i].name, status,
				 out.p);
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(commands) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
