/*
 * number.c - `maitred number`: our sending numbers. One that is added waits for the next account
 * that signs up, which gets one of each carrier; one of an account can move to another carrier.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "clock.h"
#include "id.h"
#include "once.h"
#include "phone.h"

static const char help[] =
	"Usage:\n"
	"  maitred number add twilio +13125550002\n"
	"  maitred number add telnyx +18005550002 toll_free\n"
	"  maitred number port telnyx +13125550002\n"
	"  maitred number switch telnyx +13125550002\n"
	"  maitred number remove twilio +13125550002\n"
	"\n"
	"add: one of our numbers for an account to come: whoever signs up gets one of\n"
	"each carrier. Its kind is 10dlc, toll_free or long_code; 10dlc unless given.\n"
	"At the carrier, point its webhook here first (see README).\n"
	"port, switch, remove: an account's number moves to another carrier. It listens\n"
	"there, then sends from there, and then is gone from the first one: see\n"
	"docs/port-a-number.md.\n";

static int tell_added(void *ctx, const struct db_result *r)
{
	const char *phone = ctx;

	if (db_get_int(r, 0, 0)) {
		fprintf(stderr, "maitred: %s belongs to an account already.\n", phone);
		return EX_DATAERR;
	}
	printf("%s waits for an account; %lld do.\n", phone, (long long)db_get_int(r, 0, 1));
	return EX_OK;
}

static int tell_ported(void *ctx, const struct db_result *r)
{
	const char *phone = ctx;

	if (!db_get_int(r, 0, 0)) {
		fprintf(stderr, "maitred: no account has %s.\n", phone);
		return EX_DATAERR;
	}
	printf(db_get_int(r, 0, 1) ? "%s listens there from now on, and does not send yet.\n" :
				     "%s is there already.\n",
	       phone);
	return EX_OK;
}

static int tell_switched(void *ctx, const struct db_result *r)
{
	const char *phone = ctx;

	if (!db_get_int(r, 0, 0)) {
		fprintf(stderr, "maitred: %s is not at this carrier: `number port` first.\n",
			phone);
		return EX_DATAERR;
	}
	printf("%s sends from there now.\n", phone);
	return EX_OK;
}

static int tell_removed(void *ctx, const struct db_result *r)
{
	const char *phone = ctx;

	if (db_get_int(r, 0, 0)) {
		printf("%s is gone from there.\n", phone);
		return EX_OK;
	}
	fprintf(stderr,
		db_get_int(r, 0, 1) ?
			"maitred: %s sends from this carrier: `number switch` first.\n" :
			"maitred: %s is not at this carrier.\n",
		phone);
	return EX_DATAERR;
}

static int misuse(FILE *out)
{
	fputs(help, out);
	return out == stdout ? EX_OK : EX_USAGE;
}

/* What the command line asks for; NULL: nothing that there is. */
static const struct action {
	const char *word;
	enum statement statement;
	int (*tell)(void *ctx, const struct db_result *r);
	int params; /* the statement's */
} * action_of(const char *word)
{
	static const struct action actions[] = {
		{ "add", SQL_NUMBER_ADD, tell_added, 3 },
		{ "port", SQL_NUMBER_PORT, tell_ported, 3 },
		{ "switch", SQL_NUMBER_SWITCH, tell_switched, 2 },
		{ "remove", SQL_NUMBER_REMOVE, tell_removed, 2 },
	};

	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (strcmp(word, actions[i].word) == 0)
			return &actions[i];
	return NULL;
}

static bool is_kind(const char *word)
{
	return strcmp(word, "10dlc") == 0 || strcmp(word, "toll_free") == 0 ||
	       strcmp(word, "long_code") == 0;
}

int number_main(int argc, char **argv)
{
	const struct action *action = argc > 1 ? action_of(argv[1]) : NULL;
	bool adds = action && action->statement == SQL_NUMBER_ADD;
	const char *kind = argc == 5 ? argv[4] : "10dlc", *why;
	struct id id = id_new("num", clock_wall_ms());
	struct phone phone;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return misuse(stdout);
	if (!action || argc < 4 || argc > 4 + adds || !is_kind(kind) ||
	    !provider_find(str_of(argv[2])))
		return misuse(stderr);
	if (!phone_parse(argv[3], "US", &phone, &why)) {
		fprintf(stderr, "maitred number: %s is not a telephone number: %s.\n", argv[3],
			why);
		return EX_DATAERR;
	}
	const struct db_param params[] = { db_text(str_of(argv[2])), db_text(str_of(phone.e164)),
					   db_text(adds ? str_of(kind) : id_str(&id)) };

	return once(action->statement, (struct db_params){ params, action->params }, action->tell,
		    phone.e164);
}
