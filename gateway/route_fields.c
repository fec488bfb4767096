/*
 * route_fields.c - the fields of each endpoint's body and query: what may be sent, its bounds, and
 * what the documentation says of it. routes.c names them.
 */
#include "route_fields.h"

#include "messages.h"
#include "password.h"
#include "people.h"
#include "segment.h"

const struct field message_fields[] = {
	[MESSAGE_TO] = { "to", FIELD_PHONE, true, 0, 0, NULL, "The guest's number." },
	[MESSAGE_BODY] = { "body", FIELD_SMS, true, 1, TEXT_MAX_CHARACTERS, NULL,
			   "What the guest reads." },
	[MESSAGE_FROM] = { "from", FIELD_PHONE, false, 0, 0, NULL,
			   "One of the account's numbers; without it, maitred chooses." },
	[MESSAGE_KIND] = { "kind", FIELD_CHOICE, false, 0, 0,
			   "message table_ready reminder confirmation", "What it is about." },
	[MESSAGE_EXPIRES_AT] = { "expires_at", FIELD_TIME, false, 0, 0, NULL,
				 "After this it is not sent any more." },
	[MESSAGE_SEND_AT] = { "send_at", FIELD_TIME, false, 0, 0, NULL, "Not before this." },
	[MESSAGE_ARRIVE_BY] = { "arrive_by", FIELD_TIME, false, 0, 0, NULL,
				"If it is not known by then whether it was sent, it is sent "
				"again. Without it: never twice." },
	[MESSAGE_CHANNEL] = { "channel", FIELD_CHOICE, false, 0, 0, "sms voice",
			      "Written, or spoken in a call: then at most 700 characters." },
	{ .name = NULL },
};

const struct field cancel_fields[] = {
	{ "reason", FIELD_TEXT, false, 1, 200, NULL,
	  "Why it matters no more; stands in its timeline." },
	{ .name = NULL },
};

const struct field prefer_fields[] = {
	{ "carrier", FIELD_CHOICE, true, 0, 0, "twilio telnyx none",
	  "The one to try first; none: the deployment's order." },
	{ .name = NULL },
};

const struct field traffic_fields[] = {
	{ "minutes", FIELD_NUMBER, false, 10, 1440, NULL, "How far back; 60 unless given." },
	{ .name = NULL },
};

const struct field consent_fields[] = {
	{ "action", FIELD_CHOICE, true, 0, 0, "stop start clear",
	  "stop: the guest asked you. start: takes that back. clear: a flag that meant nothing." },
	{ "words", FIELD_TEXT, false, 1, 500, NULL, "What the guest said, or why." },
	{ .name = NULL },
};

const struct field message_page[] = {
	{ "cursor", FIELD_ID, false, 0, 0, "msg", "next_cursor of the page before." },
	{ "limit", FIELD_NUMBER, false, 1, 200, NULL, "How many; 50 unless given." },
	{ .name = NULL },
};

const struct field signup_fields[] = {
	[SIGNUP_EMAIL] = { "email", FIELD_EMAIL, true, 0, 0, NULL, "You sign in with it." },
	[SIGNUP_PASSWORD] = { "password", FIELD_SECRET, true, 1, PASSWORD_MAX_BYTES, NULL,
			      "At least 8 characters: an uppercase letter, a number, a symbol." },
	[SIGNUP_NAME] = { "name", FIELD_TEXT, true, 1, 100, NULL, "Yours." },
	[SIGNUP_VENUE] = { "venue", FIELD_TEXT, true, 1, 100, NULL, "The first account's name." },
	[SIGNUP_ZONE] = { "zone", FIELD_TEXT, false, 1, 64, NULL,
			  "Its time zone: America/New_York unless given." },
	[SIGNUP_REGION] = { "region", FIELD_TEXT, false, 2, 2, NULL,
			    "Its country: US unless given." },
	{ .name = NULL },
};

const struct field join_fields[] = {
	[JOIN_TOKEN] = { "token", FIELD_SECRET, true, 1, 200, NULL,
			 "What stands in the link behind '#', or a stand's set-up code." },
	[JOIN_PASSWORD] = { "password", FIELD_SECRET, false, 1, PASSWORD_MAX_BYTES, NULL,
			    "The one to sign in with; not for a sign-up, which has it." },
	[JOIN_NAME] = { "name", FIELD_TEXT, false, 1, 100, NULL,
			"Yours, unless the invitation is right." },
	{ .name = NULL },
};

const struct field login_fields[] = {
	[LOGIN_LOGIN] = { "login", FIELD_TEXT, true, 1, 254, NULL,
			  "An e-mail address, or a stand's name." },
	[LOGIN_PASSWORD] = { "password", FIELD_SECRET, true, 1, PASSWORD_MAX_BYTES, NULL, "" },
	{ .name = NULL },
};

const struct field forgot_fields[] = {
	[FORGOT_EMAIL] = { "email", FIELD_EMAIL, true, 0, 0, NULL, "Where the link goes." },
	{ .name = NULL },
};

const struct field switch_fields[] = {
	{ "account_id", FIELD_ID, true, 0, 0, "acc", "One of your accounts." },
	{ .name = NULL },
};

const struct field user_fields[] = {
	{ "name", FIELD_TEXT, false, 1, 100, NULL, "" },
	{ "role", FIELD_CHOICE, false, 0, 0, "manager host",
	  "Hosts see no analytics and change no settings." },
	{ "disabled", FIELD_BOOL, false, 0, 0, NULL, "Out at once, and until it is false again." },
	{ .name = NULL },
};

const struct field invitation_fields[] = {
	{ "email", FIELD_EMAIL, true, 0, 0, NULL, "Where the personal link goes." },
	{ "name", FIELD_TEXT, true, 1, 100, NULL, "Theirs." },
	{ "role", FIELD_CHOICE, true, 0, 0, "manager host", "What they may do." },
	{ .name = NULL },
};

const struct field stand_fields[] = {
	{ "login", FIELD_TEXT, true, 3, 50, NULL, "What is typed in to sign in there." },
	{ "name", FIELD_TEXT, true, 1, 100, NULL, "What colleagues see." },
	{ "role", FIELD_CHOICE, false, 0, 0, "manager host", "host unless given." },
	{ .name = NULL },
};

const struct field account_new_fields[] = {
	{ "name", FIELD_TEXT, true, 1, 100, NULL, "The venue's." },
	{ "zone", FIELD_TEXT, false, 1, 64, NULL, "Its time zone, like America/Chicago." },
	{ "region", FIELD_TEXT, false, 2, 2, NULL, "Its country: US unless given." },
	{ .name = NULL },
};

const struct field account_fields[] = {
	{ "name", FIELD_TEXT, false, 1, 100, NULL, "The venue's." },
	{ "zone", FIELD_TEXT, false, 1, 64, NULL, "Its time zone, like America/Chicago." },
	{ "quiet_from", FIELD_CLOCK, false, 0, 0, NULL, "No reminders from then, like 21:00." },
	{ "quiet_until", FIELD_CLOCK, false, 0, 0, NULL, "Until then; the same: never quiet." },
	{ "help", FIELD_SMS, false, 1, 300, NULL, "What HELP is answered with." },
	{ "phone", FIELD_PHONE, false, 0, 0, NULL, "Where guests can call." },
	{ "language", FIELD_CHOICE, false, 0, 0, "en es fr",
	  "Of texts, unless the guest has one." },
	{ "hold_minutes", FIELD_NUMBER, false, 1, 120, NULL, "So long a ready table is held." },
	{ "more_minutes", FIELD_NUMBER, false, 1, 60, NULL, "What a guest gets who replies 2." },
	{ "almost_place", FIELD_NUMBER, false, 1, 20, NULL,
	  "From that place on one is nearly up." },
	{ "second_notice_minutes", FIELD_NUMBER, false, 0, 60, NULL,
	  "So long after the first notice the second goes out; 0: not by itself." },
	{ "default_wait_minutes", FIELD_NUMBER, false, 0, 600, NULL,
	  "What is told while there is no estimate." },
	{ "estimates", FIELD_BOOL, false, 0, 0, NULL,
	  "Waits are estimated from the last 8 weeks, once 50 parties were served." },
	{ "show_wait", FIELD_BOOL, false, 0, 0, NULL, "Guests' pages show the wait." },
	{ "check_in", FIELD_BOOL, false, 0, 0, NULL, "Guests may put themselves down." },
	{ "reminders", FIELD_LIST, false, 0, 0, "7d 3d 2d 1d 12h 6h 4h 3h 2h 1h none",
	  "So long before a booking its guest is reminded." },
	{ "fold_texts", FIELD_BOOL, false, 0, 0, NULL,
	  "Texts lose accents and curled quotes where that saves a segment." },
	{ "retain_days", FIELD_NUMBER, false, 0, 3660, NULL,
	  "So long after they were made guests' data is kept; 0: 18 months after the last login." },
	{ "notify_by", FIELD_CHOICE, false, 0, 0, "sms voice auto",
	  "How guests hear that it is ready; auto: by text, then by a call if that does not do." },
	{ "call_after_minutes", FIELD_NUMBER, false, 1, 60, NULL,
	  "auto: so long without an answer." },
	{ "voice", FIELD_CHOICE, false, 0, 0, "woman man", "Of calls." },
	{ "voicemail", FIELD_BOOL, false, 0, 0, NULL,
	  "Callers may leave a message when nobody answers." },
	{ .name = NULL },
};

const struct field key_fields[] = {
	{ "name", FIELD_TEXT, true, 1, 100, NULL, "What it is for." },
	{ "scopes", FIELD_LIST, true, 0, 0, "read write manage",
	  "What it may do; manage is what only managers may." },
	{ .name = NULL },
};

#define TEMPLATE_MAX_CHARACTERS 640

const struct field template_fields[] = {
	{ "body", FIELD_TEMPLATE, false, 1, TEMPLATE_MAX_CHARACTERS, NULL,
	  "What guests read: {name} and the event's other variables stand for what they name." },
	{ "automatic", FIELD_BOOL, false, 0, 0, NULL,
	  "It goes out by itself, without anybody's asking for it." },
	{ .name = NULL },
};

const struct field preview_fields[] = {
	{ "event", FIELD_CHOICE, true, 0, 0,
	  "joined quote_changed almost_ready table_ready second_notice released coming_noted "
	  "more_time_noted left_noted booked booking_moved booking_cancelled reminder "
	  "booking_confirmed booking_dropped not_expected",
	  "What happened." },
	{ "language", FIELD_CHOICE, true, 0, 0, "en es fr", "The guest's." },
	{ "body", FIELD_TEMPLATE, false, 1, TEMPLATE_MAX_CHARACTERS, NULL,
	  "Unless given, what is said now." },
	{ "name", FIELD_TEXT, false, 1, 100, NULL, "A guest's, to try." },
	{ "size", FIELD_NUMBER, false, 1, 99, NULL, "Of their party." },
	{ .name = NULL },
};

const struct field quick_reply_new_fields[] = {
	{ "label", FIELD_TEXT, true, 1, 40, NULL, "What staff find it by." },
	{ "body", FIELD_SMS, true, 1, TEXT_MAX_CHARACTERS, NULL, "What the guest reads." },
	{ .name = NULL },
};

const struct field quick_reply_fields[] = {
	{ "label", FIELD_TEXT, false, 1, 40, NULL, "What staff find it by." },
	{ "body", FIELD_SMS, false, 1, TEXT_MAX_CHARACTERS, NULL, "What the guest reads." },
	{ .name = NULL },
};

#define EVENT_TYPES                                                                                \
	"message.queued message.unknown message.uncertain message.sent message.delivered "         \
	"message.undelivered message.failed message.expired message.stopped message.cancelled "    \
	"message.received conversation.consent conversation.read party.added party.changed "       \
	"party.deleted booking.added booking.changed booking.deleted"

const struct field endpoint_new_fields[] = {
	{ "url", FIELD_URL, true, 0, 0, NULL, "Where webhooks go: https." },
	{ "types", FIELD_LIST, false, 0, 0, EVENT_TYPES, "Which events; all unless given." },
	{ "description", FIELD_TEXT, false, 0, 200, NULL, "What is there." },
	{ .name = NULL },
};

const struct field endpoint_fields[] = {
	{ "url", FIELD_URL, false, 0, 0, NULL, "Where webhooks go: https." },
	{ "types", FIELD_LIST, false, 0, 0, EVENT_TYPES, "Which events." },
	{ "description", FIELD_TEXT, false, 0, 200, NULL, "What is there." },
	{ "enabled", FIELD_BOOL, false, 0, 0, NULL, "false: nothing is sent until it is true." },
	{ .name = NULL },
};

const struct field delivery_page[] = {
	{ "cursor", FIELD_ID, false, 0, 0, "dlv", "next_cursor of the page before." },
	{ "limit", FIELD_NUMBER, false, 1, 200, NULL, "How many; 50 unless given." },
	{ .name = NULL },
};

const struct field link_page[] = {
	{ "cursor", FIELD_ID, false, 0, 0, "lnk", "next_cursor of the page before." },
	{ "limit", FIELD_NUMBER, false, 1, 200, NULL, "How many; 50 unless given." },
	{ .name = NULL },
};

const struct field audit_page[] = {
	{ "cursor", FIELD_NUMBER, false, 1, 2000000000, NULL, "next_cursor of the page before." },
	{ "limit", FIELD_NUMBER, false, 1, 200, NULL, "How many; 50 unless given." },
	{ .name = NULL },
};

const struct field guest_page[] = {
	{ "cursor", FIELD_ID, false, 0, 0, "cnv", "next_cursor of the page before." },
	{ "limit", FIELD_NUMBER, false, 1, 200, NULL, "How many; 50 unless given." },
	{ .name = NULL },
};

const struct field guest_find_fields[] = {
	{ "phone", FIELD_PHONE, true, 0, 0, NULL, "The guest's number." },
	{ .name = NULL },
};

const struct field guest_fields[] = {
	{ "name", FIELD_TEXT, false, 0, 100, NULL, "Empty: it is not known." },
	{ "language", FIELD_CHOICE, false, 0, 0, "en es fr", "In which they are texted." },
	{ "notes", FIELD_TEXT, false, 0, 1000, NULL, "What staff should know; empty: nothing." },
	{ .name = NULL },
};

const struct field wait_fields[] = {
	{ "size", FIELD_NUMBER, true, 1, 99, NULL, "Of the party." },
	{ .name = NULL },
};

#define FIRST_DAY                                                                                  \
	{                                                                                          \
		"from", FIELD_DATE, false, 0, 0, NULL,                                             \
			"The first day, in the venue's zone; 6 days before the last unless given." \
	}
#define LAST_DAY                                                                                   \
	{                                                                                          \
		"to", FIELD_DATE, false, 0, 0, NULL,                                               \
			"The last day; today unless given. At most 400 days in all."               \
	}

const struct field report_fields[] = {
	FIRST_DAY,
	LAST_DAY,
	{ "by", FIELD_CHOICE, false, 0, 0, "total day hour weekday size",
	  "What each row is about; total unless given." },
	{ .name = NULL },
};

const struct field export_fields[] = {
	FIRST_DAY,
	LAST_DAY,
	{ .name = NULL },
};
