/* codes.c - looks carriers' error codes up; the table itself is made from codes.tsv. */
#include "codes.h"

#include <stdlib.h>

#include "codes_table.h"

static int compare(const void *wanted, const void *row)
{
	const struct code *a = wanted, *b = row;
	int d = strcmp(a->carrier, b->carrier);

	return d ? d : strcmp(a->code, b->code);
}

const struct code *code_find(const char *carrier, struct str code)
{
	char text[16];
	struct code wanted = { .carrier = carrier, .code = text };

	if (code.len == 0 || code.len >= sizeof(text) || memchr(code.p, '\0', code.len))
		return NULL;
	memcpy(text, code.p, code.len);
	text[code.len] = '\0';
	return bsearch(&wanted, codes_table, sizeof(codes_table) / sizeof(*codes_table),
		       sizeof(*codes_table), compare);
}

/* What we go by when the code is missing or new. */
#define DEFAULT(class, what, text)                                                                 \
	{                                                                                          \
		.carrier = "any", .code = "", .title = "", .class_name = class, .handling = what,  \
		.sentence = text                                                                   \
	}

static const struct code failed_receipt = DEFAULT(
	"unknown", HANDLING_END,
	"The text did not arrive, and we do not know why. Call the guest.");
static const struct code accepted = DEFAULT("informational", HANDLING_NOTE,
					    "The carrier has taken the text.");
static const struct code busy = DEFAULT(
	"rate-limited-retry", HANDLING_BACK_OFF,
	"The carrier is getting more requests from us than it takes. "
	"Nothing is wrong with the number.");
static const struct code refused = DEFAULT(
	"unknown", HANDLING_OTHER_CARRIER,
	"The carrier refused the text, for a reason that we do not know.");
static const struct code unclear = DEFAULT(
	"ambiguous-reconcile-first", HANDLING_ASK_CARRIER,
	"The carrier failed while it took the text, so it may have been sent. "
	"We are asking the carrier.");
static const struct code no_access = {
	.carrier = "any",
	.code = "",
	.title = "",
	.class_name = "sender-config",
	.sentence = "The carrier does not accept our account. Tell your manager.",
	.handling = HANDLING_OTHER_CARRIER,
	.alarm = true,
};

/* All there is to go by when the code is missing or new. */
static const struct code *by_status(int status)
{
	if (status == 0)
		return &failed_receipt;
	if (status >= 200 && status <= 299)
		return &accepted;
	if (status == 401 || status == 403)
		return &no_access;
	if (status == 429)
		return &busy;
	if (status >= 400 && status <= 499 && status != 408)
		return &refused;
	return &unclear; /* 408 too: a proxy may have passed the request on before it gave up */
}

const struct code *code_or_default(const char *carrier, struct str code, int http_status)
{
	const struct code *row = code_find(carrier, code);

	return row ? row : by_status(http_status);
}

static const struct {
	const char *name, *sentence;
} handlings[] = {
	[HANDLING_OTHER_CARRIER] = { "other-carrier", "We send it through the other carrier." },
	[HANDLING_BACK_OFF] = { "back-off",
				"We send it through the other carrier, and give this one "
				"time to recover." },
	[HANDLING_END] = { "end", "We do not try again." },
	[HANDLING_OPTED_OUT] = { "opted-out",
				 "We do not text this guest again until they write START." },
	[HANDLING_LANDLINE] = { "landline", "We do not text this number, and offer a call." },
	[HANDLING_ASK_CARRIER] = { "ask-carrier",
				   "We ask the carrier before we do anything else." },
	[HANDLING_NOTE] = { "note", "Nothing follows from it." },
};

const char *handling_name(enum handling h)
{
	return handlings[h].name;
}

const char *handling_sentence(enum handling h)
{
	return handlings[h].sentence;
}
