/*
 * number.c - `maitred number`: our sending numbers. One that is added waits for the next account
 * that signs up, which gets one of each carrier.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "once.h"
#include "phone.h"

static const char help[] =
	"Usage:\n"
	"  maitred number add twilio +13125550002\n"
	"  maitred number add telnyx +18005550002 toll_free\n"
	"\n"
	"Adds one of our numbers for an account to come: whoever signs up gets one\n"
	"of each carrier. Its kind is 10dlc, toll_free or long_code; 10dlc unless\n"
	"given. At the carrier, point its webhook here first (see README).\n";

static int tell(void *ctx, const struct db_result *r)
{
	const char *phone = ctx;

	if (db_get_int(r, 0, 0)) {
		fprintf(stderr, "maitred: %s belongs to an account already.\n", phone);
		return EX_DATAERR;
	}
	printf("%s waits for an account; %lld do.\n", phone, (long long)db_get_int(r, 0, 1));
	return EX_OK;
}

static int misuse(FILE *out)
{
	fputs(help, out);
	return out == stdout ? EX_OK : EX_USAGE;
}

int number_main(int argc, char **argv)
{
	static const char *const kinds[] = { "10dlc", "toll_free", "long_code" };
	const char *kind = argc == 5 ? argv[4] : kinds[0], *why;
	struct phone phone;
	bool known = false;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return misuse(stdout);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		known |= strcmp(kind, kinds[i]) == 0;
	if (argc < 4 || argc > 5 || !known || strcmp(argv[1], "add") != 0 ||
	    !provider_find(str_of(argv[2])))
		return misuse(stderr);
	if (!phone_parse(argv[3], "US", &phone, &why)) {
		fprintf(stderr, "maitred number: %s is not a telephone number: %s.\n", argv[3],
			why);
		return EX_DATAERR;
	}
	const struct db_param params[] = { db_text(str_of(argv[2])), db_text(str_of(phone.e164)),
					   db_text(str_of(kind)) };

	return once(SQL_NUMBER_ADD, DB_PARAMS(params), tell, phone.e164);
}
