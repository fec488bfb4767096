/* check.c - asks those who know about one thing and prints their answer. */
#include "check.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "clock.h"
#include "json.h"
#include "phone.h"
#include "provider.h"
#include "secret.h"
#include "segment.h"
#include "sms.h"

enum { INPUT_BYTES_MAX = 1024 * 1024, HEADERS_MAX = 64, INVALID = 1 };

static const char help[] =
	"Examples:\n"
	"  maitred check webhook --carrier twilio --secret AUTH_TOKEN \\\n"
	"      --url https://gw.example.com/webhooks/twilio/sms -H 'X-Twilio-Signature: ...' \\\n"
	"      -H 'Content-Type: application/x-www-form-urlencoded' <body\n"
	"  maitred check webhook --carrier telnyx --secret PUBLIC_KEY --now 1770000001 \\\n"
	"      --url https://gw.example.com/webhooks/telnyx/sms \\\n"
	"      -H 'telnyx-signature-ed25519: ...' -H 'telnyx-timestamp: 1770000000' <body\n"
	"  echo 'Your table is ready 🎉' | maitred check text\n"
	"  maitred check number '(212) 555-0001' --region US\n"
	"  maitred check code twilio 21610\n"
	"  maitred check mail me@example.com\n"
	"\n"
	"check webhook   is it the carrier's own? 0: yes, 1: no, with the reason\n"
	"    --carrier NAME   twilio or telnyx\n"
	"    --url URL        what the carrier called, with its query\n"
	"    --secret S       Twilio's auth token or Telnyx's public key; up to 4 times\n"
	"    --method M       POST unless given\n"
	"    --now UNIX       judge its age as of then, not now\n"
	"    -H 'NAME: VALUE' a header; as often as needed. The body is read from standard input\n"
	"check text      how a text, read from standard input, is cut into segments, and whether\n"
	"                it would be refused, as JSON; one line end at its end is not counted\n"
	"check number    a phone number as we store it, as JSON\n"
	"    --region CC      where it is dialled when it has no country code; US unless given\n"
	"check code      a carrier's error code: its class, what we do, what staff read\n"
	"check mail      sends a test mail with the configured MAIL_URL and MAIL_FROM, and says\n"
	"                what the server answered; 75: it may work later, 69: it is refused\n";

static int misuse(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static int misuse(const char *fmt, ...)
{
	va_list args;

	fputs("maitred check: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputs("; see maitred check --help.\n", stderr);
	return EX_USAGE;
}

static int bad_data(const char *sentence)
{
	fprintf(stderr, "maitred check: %s\n", sentence);
	return EX_DATAERR;
}

static bool read_input(struct arena *a, struct str *out)
{
	char *p = arena_alloc(a, INPUT_BYTES_MAX + 1);
	size_t n = fread(p, 1, INPUT_BYTES_MAX + 1, stdin);

	*out = (struct str){ p, n };
	return n <= INPUT_BYTES_MAX && !ferror(stdin);
}

static int print_json(struct buf *b)
{
	json_close(b, '}');
	printf(STR_FMT "\n", STR_ARG(buf_str(b)));
	return EX_OK;
}

/* ---- check webhook ---- */

struct webhook {
	const struct provider *provider;
	struct carrier_account account;
	struct http_header headers[HEADERS_MAX];
	struct http_request request;
	long long at_s;
};

static int add_secret(struct webhook *w, const char *text)
{
	if (w->account.webhook_secret_num == CARRIER_SECRETS_MAX)
		return misuse("at most %d secrets", CARRIER_SECRETS_MAX);
	w->account.webhook_secrets[w->account.webhook_secret_num++] = str_of(text);
	return EX_OK;
}

static int check_keys(struct arena *a, const struct webhook *w)
{
	for (size_t i = 0; w->provider == &telnyx && i < w->account.webhook_secret_num; i++) {
		struct str key;

		if (!secret_base64_decode(a, w->account.webhook_secrets[i], &key) ||
		    !secret_ed25519_key_ok(key))
			return bad_data(
				"The secret is not Telnyx's public key: 32 bytes in base64.");
	}
	return EX_OK;
}

static int add_header(struct webhook *w, const char *text)
{
	struct str value = str_of(text), name = str_cut(&value, ':');

	if (name.len == strlen(text))
		return misuse("a header is written 'Name: value', not '%s'", text);
	if (w->request.header_num == HEADERS_MAX)
		return misuse("at most %d headers", HEADERS_MAX);
	w->headers[w->request.header_num++] = (struct http_header){ name, str_trim(value) };
	return EX_OK;
}

static int set_option(struct webhook *w, int option, const char *value)
{
	switch (option) {
	case 'c':
		w->provider = provider_find(str_of(value));
		return w->provider ? EX_OK : misuse("there is no carrier '%s'", value);
	case 'u':
		w->request.url = str_of(value);
		return EX_OK;
	case 'm':
		w->request.method = str_of(value);
		return EX_OK;
	case 's':
		return add_secret(w, value);
	case 'H':
		return add_header(w, value);
	case 'a':
		if (str_number(str_of(value), &w->at_s))
			return EX_OK;
		return misuse("--now takes Unix seconds, not '%s'", value);
	default:
		return misuse("an option is unknown or lacks its value");
	}
}

static int read_options(struct arena *a, struct webhook *w, int argc, char **argv)
{
	static const struct option options[] = {
		{ "carrier", required_argument, NULL, 'c' },
		{ "url", required_argument, NULL, 'u' },
		{ "secret", required_argument, NULL, 's' },
		{ "method", required_argument, NULL, 'm' },
		{ "now", required_argument, NULL, 'a' },
		{ "header", required_argument, NULL, 'H' },
		{ NULL, 0, NULL, 0 },
	};
	int option, failed = EX_OK;

	while (!failed && (option = getopt_long(argc, argv, "H:", options, NULL)) != -1)
		failed = set_option(w, option, optarg);
	if (failed)
		return failed;
	if (optind < argc)
		return misuse("'%s' is one word too many", argv[optind]);
	if (!w->provider || !w->request.url.len || !w->account.webhook_secret_num)
		return misuse("--carrier, --url and --secret are needed");
	return check_keys(a, w);
}

static const char *describe(struct arena *a, const struct webhook *w)
{
	struct event e;
	const char *why;

	if (!w->provider->parse_webhook(a, &w->request, &e, &why))
		return why;
	if (e.kind == EVENT_REPLY)
		return "a guest's text";
	if (e.kind == EVENT_STATUS)
		return delivery_name(e.status);
	return "nothing for us";
}

static int check_webhook(struct arena *a, int argc, char **argv)
{
	struct webhook w = { .request.method = STR("POST"), .at_s = clock_wall_ms() / 1000 };
	const char *why;
	int failed = read_options(a, &w, argc, argv);

	if (failed)
		return failed;
	w.request.headers = w.headers;
	if (!read_input(a, &w.request.body))
		return bad_data("The body is longer than 1 MiB.");
	if (w.provider->verify_webhook(a, &w.account, &w.request, w.at_s, &why) != WEBHOOK_VALID) {
		printf("invalid: %s\n", why);
		return INVALID;
	}
	printf("valid: %s\n", describe(a, &w));
	return EX_OK;
}

/* ---- the others ---- */

static int check_text(struct arena *a, int argc, char **argv)
{
	struct buf b = buf_new(a, 4096);
	struct segments s;
	struct str text;
	const char *refusal;

	if (argc > 1)
		return misuse("the text is read from standard input, not '%s'", argv[1]);
	if (!read_input(a, &text))
		return bad_data("The text is longer than 1 MiB.");
	if (str_ends(text, STR("\n")))
		text.len--;
	if (!str_is_text(text))
		return bad_data("The text is not UTF-8.");
	s = segment_count(text);
	refusal = sms_refusal(a, text);
	json_open(&b, NULL, '{');
	json_put_str(&b, "encoding", str_of(encoding_name(s.encoding)));
	json_put_int(&b, "characters", s.characters);
	json_put_int(&b, "units", s.units);
	json_put_int(&b, "segments", s.segments);
	if (refusal)
		json_put_str(&b, "refusal", str_of(refusal));
	return print_json(&b);
}

static int check_number(struct arena *a, int argc, char **argv)
{
	static const struct option options[] = {
		{ "region", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	const char *region = "US", *why;
	struct buf b = buf_new(a, 4096);
	struct phone_details details;
	struct phone phone;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'r')
			return misuse("an option is unknown or lacks its value");
		region = optarg;
	}
	if (argc - optind != 1)
		return misuse("check number takes one number");
	if (!phone_parse(argv[optind], region, &phone, &why))
		return bad_data(why);
	phone_describe(&phone, &details);
	json_open(&b, NULL, '{');
	json_put_str(&b, "number", str_of(phone.e164));
	json_put_str(&b, "national", str_of(details.national));
	json_put_str(&b, "region", str_of(details.region));
	json_put_str(&b, "line", str_of(phone_line_name(details.line)));
	return print_json(&b);
}

static int check_code(struct arena *a, int argc, char **argv)
{
	const struct provider *provider;
	const struct code *code;

	(void)a;
	if (argc != 3)
		return misuse("check code takes a carrier and a code");
	provider = provider_find(str_of(argv[1]));
	if (!provider)
		return misuse("there is no carrier '%s'", argv[1]);
	code = code_find(provider->name, str_of(argv[2]));
	if (!code) {
		printf("%s %s: not in our table\n", provider->title, argv[2]);
		code = code_or_default(provider->name, STR(""), 400);
	} else {
		printf("%s %s: %s\n", provider->title, code->code, code->title);
	}
	printf("class:       %s\n", code->class_name);
	printf("what we do:  %s%s\n", handling_sentence(code->handling),
	       code->alarm ? " An operator is alarmed." : "");
	printf("staff read:  %s\n", code->sentence);
	return EX_OK;
}

static const struct {
	const char *name;
	int (*run)(struct arena *a, int argc, char **argv);
} commands[] = {
	{ "webhook", check_webhook }, { "text", check_text }, { "number", check_number },
	{ "code", check_code },	      { "mail", check_mail },
};

int check_main(int argc, char **argv)
{
	struct str name = str_of(argc > 1 ? argv[1] : NULL);
	struct arena *a;
	int status;

	for (int i = 1; i < argc; i++) {
		if (!str_is(str_of(argv[i]), "--help") && !str_is(str_of(argv[i]), "-h"))
			continue;
		fputs(help, stdout);
		return EX_OK;
	}
	optind = 0; /* makes glibc's getopt begin again */
	opterr = 0;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (!str_is(name, commands[i].name))
			continue;
		a = arena_new();
		status = commands[i].run(a, argc - 1, argv + 1);
		arena_free(a);
		return status;
	}
	return misuse("check takes webhook, text, number, code or mail");
}
