/*
 * route_fields_visits.c - the fields of parties and bookings, and of the page where guests put
 * themselves down.
 */
#include "route_fields.h"

#include "segment.h"

/* clang-format off */
#define VERSION { "version", FIELD_NUMBER, false, 1, 2000000000, NULL, \
	"The one that you saw: if it has changed since, nothing is done." }
#define TEXT { "text", FIELD_BOOL, false, 0, 0, NULL, \
	"Text the guest or not; else what goes out by itself does." }
#define CHANNEL { "channel", FIELD_CHOICE, false, 0, 0, "sms voice auto", \
	"By a text, a call, or a call if a text does not do; else as the account says." }
#define UNDO { "undo_s", FIELD_NUMBER, false, 0, 30, NULL, \
	"Seconds after which the text leaves: until then an undo stops it. At once unless given." }
#define TEXTS { "texts", FIELD_BOOL, false, 0, 0, NULL, "false: this guest is not texted." }
#define BY { "by", FIELD_CHOICE, false, 0, 0, "guest staff", \
	"Whose wish it was; staff unless given." }
#define NAME { "name", FIELD_TEXT, false, 0, 100, NULL, "The guest's." }
#define SIZE(required) { "size", FIELD_NUMBER, required, 1, 99, NULL, "How many people." }
#define PHONE { "phone", FIELD_PHONE, false, 0, 0, NULL, "Without it, nobody is texted." }
#define QUOTE_MIN { "quote_min", FIELD_NUMBER, false, 0, 600, NULL, "Minutes, at least." }
#define QUOTE_MAX { "quote_max", FIELD_NUMBER, false, 0, 600, NULL, \
	"Minutes, at most; the estimate unless one of them is given." }
#define NOTES { "notes", FIELD_TEXT, false, 0, 500, NULL, "For staff only." }
#define TAGS { "tags", FIELD_TAGS, false, 1, 30, NULL, "Like high chair, patio." }
#define LANGUAGE { "language", FIELD_CHOICE, false, 0, 0, "en es fr", \
	"Of texts; what is known of the guest unless given, or the account's." }
#define SEAT { "seat", FIELD_TEXT, false, 1, 30, NULL, "Table, chair or room." }
#define CONSENT { "consent", FIELD_CHOICE, false, 0, 0, "verbal written web none", \
	"How the guest agreed to be texted; verbal unless given." }
#define CURSOR(prefix) { "cursor", FIELD_ID, false, 0, 0, prefix, \
	"next_cursor of the page before." }
#define LIMIT { "limit", FIELD_NUMBER, false, 1, 200, NULL, "How many; 50 unless given." }
#define LAST { .name = NULL }
/* clang-format on */

/* ---- parties ---- */

const struct field party_new_fields[] = {
	NAME, SIZE(true), PHONE, QUOTE_MIN, QUOTE_MAX, NOTES,
	TAGS, LANGUAGE,	  SEAT,	 CONSENT,   TEXT,      LAST,
};

const struct field party_fields[] = {
	VERSION, NAME,	   SIZE(false), PHONE, QUOTE_MIN, QUOTE_MAX, NOTES,
	TAGS,	 LANGUAGE, SEAT,	TEXTS, TEXT,	  LAST,
};

const struct field party_page[] = {
	{ "state", FIELD_CHOICE, false, 0, 0, "open ended", "open unless given." },
	CURSOR("pty"),
	LIMIT,
	LAST,
};

const struct field party_move_fields[] = {
	{ "after", FIELD_ID, false, 0, 0, "pty", "The one to be behind; without it: first." },
	LAST,
};

const struct field party_next_fields[] = {
	{ "at_most", FIELD_NUMBER, false, 1, 99, NULL, "People: what the table seats." },
	{ "at_least", FIELD_NUMBER, false, 1, 99, NULL, "People." },
	TEXT,
	CHANNEL,
	UNDO,
	LAST,
};

const struct field visit_fields[] = { VERSION, TEXT, LAST };
const struct field party_notify_fields[] = { VERSION, TEXT, CHANNEL, UNDO, LAST };
const struct field visit_by_fields[] = { VERSION, TEXT, BY, LAST };
const struct field undo_fields[] = { VERSION, LAST };
const struct field party_accept_fields[] = { VERSION, TEXT, QUOTE_MIN, QUOTE_MAX, LAST };
const struct field party_seat_fields[] = { VERSION, TEXT, SEAT, LAST };
const struct field party_more_fields[] = {
	VERSION,
	TEXT,
	{ "minutes", FIELD_NUMBER, false, 1, 120, NULL,
	  "The account's more_minutes unless given." },
	LAST,
};

/* ---- bookings ---- */

const struct field booking_new_fields[] = {
	{ "starts_at", FIELD_TIME, true, 0, 0, NULL, "When." },
	SIZE(true),
	NAME,
	PHONE,
	NOTES,
	TAGS,
	LANGUAGE,
	CONSENT,
	TEXT,
	LAST,
};

const struct field booking_fields[] = {
	VERSION,
	{ "starts_at", FIELD_TIME, false, 0, 0, NULL, "When; the guest is asked anew." },
	SIZE(false),
	NAME,
	NOTES,
	TAGS,
	LANGUAGE,
	TEXTS,
	TEXT,
	LAST,
};

const struct field booking_page[] = {
	{ "from", FIELD_DATE, false, 0, 0, NULL, "The first day; today unless given." },
	{ "to", FIELD_DATE, false, 0, 0, NULL, "The last day." },
	CURSOR("bkg"),
	LIMIT,
	LAST,
};

/* ---- what staff write, and guests ---- */

const struct field say_fields[] = {
	{ "body", FIELD_SMS, true, 1, TEXT_MAX_CHARACTERS, NULL, "What the guest reads." },
	LAST,
};

const struct field check_in_fields[] = {
	{ "name", FIELD_TEXT, true, 1, 100, NULL, "Yours." },
	SIZE(true),
	{ "phone", FIELD_PHONE, false, 0, 0, NULL, "Where you are texted." },
	{ "language", FIELD_CHOICE, false, 0, 0, "en es fr", "Of texts." },
	{ "agree", FIELD_BOOL, false, 0, 0, NULL, "You agree to be texted about this visit." },
	LAST,
};
