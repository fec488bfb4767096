/* check_mail.c - `maitred check mail`: sends a test mail and says what the server answered. */
#include <stdio.h>
#include <sysexits.h>

#include "check.h"
#include "clock.h"
#include "gateway.h"
#include "id.h"
#include "mail.h"

/* With what mail servers have been known to spoil: dots in front, other letters, long lines. */
static const char text[] =
	"This is a test of maitred's mail, asked for on its command line.\n\n"
	"When you read this, the settings MAIL_URL and MAIL_FROM are right. The next lines begin "
	"with one dot and with two; the last shows letters of other languages.\n"
	".\n"
	"..two\n"
	"From Zo\xc3\xab: table f\xc3\xbcr vier, \xe5\xb8\xad, \xf0\x9f\x8e\x89 = ready\n";

static int wrong(int status, const char *what, const char *sentence)
{
	fprintf(stderr, "maitred check: %s%s\n", what, sentence);
	return status;
}

static const char *setting_problem(struct str url, struct str from)
{
	const char *problem = mail_url_problem(url);

	if (!url.len)
		return "MAIL_URL is missing.";
	if (!from.len)
		return "MAIL_FROM is missing.";
	return problem ? problem : mail_from_problem(from);
}

int check_mail(struct arena *a, int argc, char **argv)
{
	struct str url = str_trim(str_of(gateway_environment("MAIL_URL")));
	struct str from = str_trim(str_of(gateway_environment("MAIL_FROM")));
	const char *problem = setting_problem(url, from);
	struct id id = id_new("mai", clock_wall_ms());
	struct mail mail = { .id = id_str(&id), .subject = STR("A test of maitred's mail") };
	char why[MAIL_WHY_MAX];

	if (argc != 2)
		return wrong(EX_USAGE, "",
			     "check mail takes one address; see maitred check --help.");
	mail.to = str_of(argv[1]);
	mail.text = str_of(text);
	if (!mail_address_ok(mail.to))
		return wrong(EX_DATAERR, argv[1], " is not an e-mail address.");
	if (problem)
		return wrong(EX_CONFIG, "", problem);
	switch (mail_deliver(url, from, &mail, mail_compose(a, from, &mail, clock_wall_ms()),
			     why)) {
	case MAIL_DELIVERED:
		printf("delivered: %s\n", why);
		return EX_OK;
	case MAIL_LATER:
		return wrong(EX_TEMPFAIL, "not delivered, but it may work later: ", why);
	default:
		return wrong(EX_UNAVAILABLE, "refused: ", why);
	}
}
