/*
 * routes.c - every endpoint: who answers it, and what with. Start here: a message enters with
 * messages_create(), leaves in routing/dispatch.c, and its callbacks come back through
 * webhooks_receive().
 */
#include "routes.h"

#include "analytics.h"
#include "billing_hook.h"
#include "console.h"
#include "cors.h"
#include "docs.h"
#include "doctor.h"
#include "endpoints.h"
#include "export.h"
#include "front_door.h"
#include "guest_pages.h"
#include "guests.h"
#include "measuring.h"
#include "messages.h"
#include "people.h"
#include "probes.h"
#include "reply.h"
#include "route_fields.h"
#include "router.h"
#include "staff.h"
#include "status_page.h"
#include "stream.h"
#include "voice_calls.h"
#include "webhooks.h"
#include "worker.h"

static const struct route table[] = {
	/* ---- coming in ---- */
	{ "POST", "/v1/signup", ANYONE, people_sign_up, .fields = signup_fields, .status = 202,
	  .answer = "MailQueued",
	  .summary = "Open an account: a link goes to your address, to be used at /v1/join." },
	{ "POST", "/v1/join", ANYONE, people_join, .fields = join_fields, .status = 201,
	  .after = analytics_signed_in, .answer = "Session",
	  .summary = "Use the link of a sign-up, an invitation or a new password; once." },
	{ "POST", "/v1/login", ANYONE, people_log_in, .fields = login_fields, .status = 201,
	  .after = analytics_signed_in, .answer = "Session",
	  .summary = "Sign in. The token dies after 24 hours without a request, or 30 days." },
	{ "POST", "/v1/password/forgot", ANYONE, people_forgot, .fields = forgot_fields,
	  .status = 202, .answer = "MailQueued",
	  .summary = "A link for a new password goes to this address, if it is a user's." },
	{ "GET", "/v1/me", HOST, staff_handle, SQL_ME_GET, .answer = "Me",
	  .summary = "Who you are." },
	{ "POST", "/v1/logout", HOST, staff_handle, SQL_LOGOUT, .after = analytics_signed_out,
	  .answer = "Ended", .summary = "Ends this session: its token is dead at once." },
	{ "POST", "/v1/session/switch", HOST, people_switch, .fields = switch_fields,
	  .answer = "Session", .summary = "A token for another of your accounts." },
	{ "GET", "/v1/sessions", HOST, staff_handle, SQL_SESSION_LIST, .answer = "SessionList",
	  .summary = "Where you are signed in." },
	{ "DELETE", "/v1/sessions/{id}", HOST, staff_handle, SQL_SESSION_END, .answer = "Ended",
	  .summary = "Ends one of them." },
	{ "POST", "/v1/sessions/end-others", HOST, staff_handle, SQL_SESSION_END_OTHERS,
	  .answer = "EndedCount", .summary = "Ends all of them but this one." },

	/* ---- people ---- */
	{ "GET", "/v1/users", MANAGER, staff_handle, SQL_USER_LIST, .answer = "UserList",
	  .summary = "The people of this account." },
	{ "PATCH", "/v1/users/{id}", MANAGER, staff_handle, SQL_USER_CHANGE, .fields = user_fields,
	  .answer = "UserState",
	  .summary = "Changes one of them; who is disabled is out at once." },
	{ "DELETE", "/v1/users/{id}", MANAGER, staff_handle, SQL_USER_REMOVE, .answer = "Ended",
	  .summary = "Takes one of them off this account." },
	{ "POST", "/v1/invitations", MANAGER, staff_handle, SQL_INVITATION_CREATE,
	  .fields = invitation_fields, .makes = "lnk", .status = 201, .answer = "InvitationMade",
	  .summary = "A personal link goes to somebody's address, for 30 days." },
	{ "GET", "/v1/invitations", MANAGER, staff_handle, SQL_INVITATION_LIST, .query = link_page,
	  .answer = "InvitationList", .summary = "Invitations, the latest first." },
	{ "POST", "/v1/invitations/{id}/resend", MANAGER, staff_handle, SQL_INVITATION_RESEND,
	  .answer = "InvitationState",
	  .summary = "Once more, with a new link; the one before works no more." },
	{ "DELETE", "/v1/invitations/{id}", MANAGER, staff_handle, SQL_INVITATION_REVOKE,
	  .answer = "Ended", .summary = "Takes it back." },
	{ "POST", "/v1/stands", MANAGER, staff_handle, SQL_STAND_CREATE, .fields = stand_fields,
	  .makes = "lnk", .secret = "setup_code mst_", .status = 201, .answer = "StandMade",
	  .summary = "A user for a shared device; its code is used there at /v1/join." },

	/* ---- accounts ---- */
	{ "GET", "/v1/accounts", HOST, staff_handle, SQL_ACCOUNT_LIST, .answer = "AccountList",
	  .summary = "The accounts that you may enter." },
	{ "POST", "/v1/accounts", MANAGER, staff_handle, SQL_ACCOUNT_CREATE,
	  .fields = account_new_fields, .makes = "acc", .status = 201, .answer = "Account",
	  .summary = "One more account of your organisation, managed by you." },
	{ "GET", "/v1/account", HOST, staff_handle, SQL_ACCOUNT_GET, .answer = "Account",
	  .summary = "This account, its settings and numbers." },
	{ "PATCH", "/v1/account", MANAGER, staff_handle, SQL_ACCOUNT_CHANGE,
	  .fields = account_fields, .answer = "Account", .summary = "Changes its settings." },
	{ "GET", "/v1/billing", MANAGER, staff_handle, SQL_BILLING_GET, .answer = "Billing",
	  .summary = "The subscription, where to manage it, and what was metered." },
	{ "GET", "/v1/keys", MANAGER, staff_handle, SQL_KEY_LIST, .answer = "KeyList",
	  .summary = "Keys for servers, and when each was last used." },
	{ "POST", "/v1/keys", MANAGER, staff_handle, SQL_KEY_CREATE, .fields = key_fields,
	  .makes = "key", .secret = "key mk_", .status = 201, .answer = "KeyMade",
	  .summary = "A key for a server. It is shown once." },
	{ "DELETE", "/v1/keys/{id}", MANAGER, staff_handle, SQL_KEY_REVOKE, .answer = "Ended",
	  .summary = "Ends a key, at once." },
	{ "GET", "/v1/audit", MANAGER, staff_handle, SQL_AUDIT_LIST, .query = audit_page,
	  .answer = "AuditList", .summary = "Who did what from where, the latest first." },
	{ "GET", "/v1/audit/check", MANAGER, staff_handle, SQL_AUDIT_CHECK, .answer = "AuditCheck",
	  .summary = "Whether each entry still covers the one before it." },

	/* ---- messages and threads ---- */
	{ "POST", "/v1/messages", BOARD, messages_create, .fields = message_fields, .status = 202,
	  .answer = "MessageAccepted",
	  .summary = "Text a guest. 202: it is committed and will be sent once." },
	{ "GET", "/v1/messages", HOST, staff_handle, SQL_MESSAGE_LIST, .query = message_page,
	  .answer = "MessageList", .summary = "Messages, newest first." },
	{ "GET", "/v1/messages/{id}", HOST, staff_handle, SQL_MESSAGE_GET, .answer = "MessageTold",
	  .summary = "One message and its timeline." },
	{ "POST", "/v1/messages/{id}/cancel", HOST, staff_handle, SQL_MESSAGE_CANCEL,
	  .fields = cancel_fields, .answer = "MessageState",
	  .summary = "It matters no more: it is not sent, or not tried again." },
	{ "POST", "/v1/messages/{id}/again", BOARD, staff_handle, SQL_MESSAGE_AGAIN, .makes = "msg",
	  .status = 202, .answer = "MessageAgain",
	  .summary = "Send it again although it may have been sent: a new, linked message." },
	{ "GET", "/v1/conversations", HOST, staff_handle, SQL_CONVERSATION_LIST,
	  .query = message_page, .answer = "ConversationList",
	  .summary = "Threads, the latest first." },
	{ "GET", "/v1/conversations/{id}/messages", HOST, staff_handle, SQL_CONVERSATION_MESSAGES,
	  .query = message_page, .answer = "MessageList", .summary = "One thread, newest first." },
	{ "POST", "/v1/conversations/{id}/messages", BOARD, staff_handle, SQL_CONVERSATION_SAY,
	  .fields = say_fields, .makes = "msg", .status = 202, .answer = "MessageAccepted",
	  .summary = "Writes to the guest of a thread." },
	{ "POST", "/v1/conversations/{id}/read", HOST, staff_handle, SQL_CONVERSATION_READ,
	  .answer = "ConversationRead", .summary = "Staff have read it." },
	{ "GET", "/v1/conversations/{id}/consent", HOST, staff_handle, SQL_CONVERSATION_CONSENT,
	  .answer = "ConsentHistory",
	  .summary = "Whether the guest may be texted, and all that was said about it." },
	{ "POST", "/v1/conversations/{id}/consent", HOST, staff_handle, SQL_CONSENT_RECORD,
	  .fields = consent_fields, .makes = "evt", .answer = "Consent",
	  .summary = "What the guest asked staff, or what a flag meant." },

	/* ---- the waitlist ---- */
	{ "GET", "/v1/parties", HOST, staff_handle, SQL_PARTY_LIST, .query = party_page,
	  .answer = "PartyList", .summary = "The waitlist, in the order of the line." },
	{ "POST", "/v1/parties", BOARD, staff_handle, SQL_PARTY_CREATE, .fields = party_new_fields,
	  .after = analytics_party_added, .makes = "pty", .status = 201, .answer = "PartyChanged",
	  .summary = "Puts a party on the waitlist." },
	{ "POST", "/v1/parties/next", BOARD, staff_handle, SQL_PARTY_NEXT,
	  .fields = party_next_fields, .after = analytics_notified, .answer = "PartyChanged",
	  .summary = "Calls the next one that fits: two who ask at once get two." },
	{ "GET", "/v1/parties/{id}", HOST, staff_handle, SQL_PARTY_GET, .answer = "PartyTold",
	  .summary = "One party, and what was done with it." },
	{ "PATCH", "/v1/parties/{id}", BOARD, staff_handle, SQL_PARTY_CHANGE,
	  .fields = party_fields, .answer = "PartyChanged", .summary = "Changes one." },
	{ "DELETE", "/v1/parties/{id}", BOARD, staff_handle, SQL_PARTY_DELETE, .answer = "Ended",
	  .summary = "Takes one off as if it had never been there: it is in no report." },
	{ "POST", "/v1/parties/{id}/accept", BOARD, staff_handle, SQL_PARTY_ACCEPT,
	  .fields = party_accept_fields, .answer = "PartyChanged",
	  .summary = "Lets one in that put itself down." },
	{ "POST", "/v1/parties/{id}/move", BOARD, staff_handle, SQL_PARTY_MOVE,
	  .fields = party_move_fields, .answer = "PartyChanged",
	  .summary = "Puts one behind another in the line, or first." },
	{ "POST", "/v1/parties/{id}/notify", BOARD, staff_handle, SQL_PARTY_NOTIFY,
	  .fields = party_notify_fields, .after = analytics_notified, .answer = "PartyChanged",
	  .summary = "Its table is ready, or still held. Within 30 seconds it is one press." },
	{ "POST", "/v1/parties/{id}/coming", BOARD, staff_handle, SQL_PARTY_COMING,
	  .fields = visit_by_fields, .answer = "PartyChanged", .summary = "It is on its way." },
	{ "POST", "/v1/parties/{id}/more-time", BOARD, staff_handle, SQL_PARTY_MORE_TIME,
	  .fields = party_more_fields, .answer = "PartyChanged", .summary = "It gets more time." },
	{ "POST", "/v1/parties/{id}/seat", BOARD, staff_handle, SQL_PARTY_SEAT,
	  .fields = party_seat_fields, .answer = "PartyChanged", .summary = "It is seated." },
	{ "POST", "/v1/parties/{id}/no-show", BOARD, staff_handle, SQL_PARTY_NO_SHOW,
	  .fields = visit_fields, .answer = "PartyChanged",
	  .summary = "It did not come when called." },
	{ "POST", "/v1/parties/{id}/cancel", BOARD, staff_handle, SQL_PARTY_CANCEL,
	  .fields = visit_by_fields, .answer = "PartyChanged", .summary = "It leaves the list." },
	{ "POST", "/v1/parties/{id}/undo", BOARD, staff_handle, SQL_PARTY_UNDO,
	  .fields = undo_fields, .answer = "PartyChanged",
	  .summary = "Ended: as before. Called: waiting again." },

	/* ---- bookings ---- */
	{ "GET", "/v1/bookings", HOST, staff_handle, SQL_BOOKING_LIST, .query = booking_page,
	  .answer = "BookingList", .summary = "Bookings of some days, by their times." },
	{ "POST", "/v1/bookings", BOARD, staff_handle, SQL_BOOKING_CREATE,
	  .fields = booking_new_fields, .makes = "bkg", .status = 201, .answer = "BookingChanged",
	  .summary = "Makes a booking; the guest is reminded of it." },
	{ "GET", "/v1/bookings/{id}", HOST, staff_handle, SQL_BOOKING_GET, .answer = "BookingTold",
	  .summary = "One booking, and what was done with it." },
	{ "PATCH", "/v1/bookings/{id}", BOARD, staff_handle, SQL_BOOKING_CHANGE,
	  .fields = booking_fields, .answer = "BookingChanged",
	  .summary = "Changes or moves one." },
	{ "POST", "/v1/bookings/{id}/confirm", BOARD, staff_handle, SQL_BOOKING_CONFIRM,
	  .fields = visit_fields, .answer = "BookingChanged",
	  .summary = "The guest has told staff that they come." },
	{ "POST", "/v1/bookings/{id}/cancel", BOARD, staff_handle, SQL_BOOKING_CANCEL,
	  .fields = visit_by_fields, .answer = "BookingChanged", .summary = "Cancels one." },
	{ "POST", "/v1/bookings/{id}/arrive", BOARD, staff_handle, SQL_BOOKING_ARRIVE,
	  .fields = visit_fields, .makes = "pty", .answer = "BookingChanged",
	  .summary = "The guest is here: a party of the waitlist." },
	{ "POST", "/v1/bookings/{id}/no-show", BOARD, staff_handle, SQL_BOOKING_NO_SHOW,
	  .fields = undo_fields, .answer = "BookingChanged", .summary = "The guest did not come." },
	{ "POST", "/v1/bookings/{id}/undo", BOARD, staff_handle, SQL_BOOKING_UNDO,
	  .fields = undo_fields, .answer = "BookingChanged",
	  .summary = "As it was before it ended." },

	/* ---- what guests are told ---- */
	{ "GET", "/v1/templates", HOST, staff_handle, SQL_TEMPLATE_LIST, .answer = "TemplateList",
	  .summary = "What guests are told of each event, in each language." },
	{ "POST", "/v1/templates/preview", HOST, staff_handle, SQL_TEMPLATE_PREVIEW,
	  .fields = preview_fields, .answer = "TextPreview",
	  .summary = "A text as a guest would read it, and what it takes to send it." },
	{ "PUT", "/v1/templates/{event}/{language}", MANAGER, staff_handle, SQL_TEMPLATE_CHANGE,
	  .fields = template_fields, .answer = "Template",
	  .summary = "Your words for an event, and whether they go out by themselves." },
	{ "DELETE", "/v1/templates/{event}/{language}", MANAGER, staff_handle, SQL_TEMPLATE_RESET,
	  .answer = "Template", .summary = "Back to the default one." },
	{ "GET", "/v1/quick-replies", HOST, staff_handle, SQL_QUICK_REPLY_LIST,
	  .answer = "QuickReplyList", .summary = "What staff say often, by its label." },
	{ "POST", "/v1/quick-replies", MANAGER, staff_handle, SQL_QUICK_REPLY_CREATE,
	  .fields = quick_reply_new_fields, .makes = "qrp", .status = 201, .answer = "QuickReply",
	  .summary = "One more; an account has at most fifty." },
	{ "PATCH", "/v1/quick-replies/{id}", MANAGER, staff_handle, SQL_QUICK_REPLY_CHANGE,
	  .fields = quick_reply_fields, .answer = "QuickReply", .summary = "Changes one." },
	{ "DELETE", "/v1/quick-replies/{id}", MANAGER, staff_handle, SQL_QUICK_REPLY_DELETE,
	  .answer = "Ended", .summary = "Deletes one." },

	/* ---- guests ---- */
	{ "GET", "/v1/guests", HOST, staff_handle, SQL_GUEST_LIST, .query = guest_page,
	  .answer = "GuestList", .summary = "Guests, the latest first." },
	{ "POST", "/v1/guests/find", HOST, staff_handle, SQL_GUEST_FIND,
	  .fields = guest_find_fields, .answer = "Guest",
	  .summary = "The guest with a number, which never stands in an address." },
	{ "GET", "/v1/guests/{id}", HOST, staff_handle, SQL_GUEST_GET, .answer = "GuestTold",
	  .summary = "One guest, and their latest 50 visits." },
	{ "PATCH", "/v1/guests/{id}", HOST, staff_handle, SQL_GUEST_CHANGE, .fields = guest_fields,
	  .answer = "Guest", .summary = "Changes what is known of a guest." },
	{ "GET", "/v1/guests/{id}/export", MANAGER, staff_handle, SQL_GUEST_EXPORT,
	  .answer = "GuestExport", .summary = "Everything that is kept of a guest." },
	{ "POST", "/v1/guests/{id}/erase", MANAGER, staff_handle, SQL_GUEST_ERASE, .makes = "ers",
	  .after = guests_log_erasure, .answer = "GuestErased",
	  .summary = "Erases a guest: messages, name, number, words. An opt-out is remembered." },

	/* ---- reports ---- */
	{ "GET", "/v1/wait", HOST, staff_handle, SQL_WAIT_GET, .query = wait_fields,
	  .answer = "Wait", .summary = "How long a party would wait that is put down now." },
	{ "GET", "/v1/reports", MANAGER, staff_handle, SQL_REPORT_GET, .query = report_fields,
	  .answer = "Report", .summary = "What came of parties, bookings and messages." },
	{ "GET", "/v1/reports/parties.csv", MANAGER, export_open, SQL_EXPORT_PARTIES,
	  .query = export_fields, .answer = "text/csv",
	  .summary = "The parties that were put down on these days." },
	{ "GET", "/v1/reports/bookings.csv", MANAGER, export_open, SQL_EXPORT_BOOKINGS,
	  .query = export_fields, .answer = "text/csv",
	  .summary = "The bookings that were for these days." },
	{ "GET", "/v1/reports/messages.csv", MANAGER, export_open, SQL_EXPORT_MESSAGES,
	  .query = export_fields, .answer = "text/csv",
	  .summary = "What came of the texts and calls of these days; not what they said." },

	/* ---- pages of guests ---- */
	{ "GET", "/v1/guest/{token}", ANYONE, staff_handle, SQL_GUEST_PAGE, .answer = "GuestPage",
	  .summary = "What a guest sees of their own visit." },
	{ "POST", "/v1/guest/{token}/coming", ANYONE, staff_handle, SQL_GUEST_COMING,
	  .answer = "GuestPage", .summary = "They come, or confirm their booking." },
	{ "POST", "/v1/guest/{token}/more-time", ANYONE, staff_handle, SQL_GUEST_MORE_TIME,
	  .answer = "GuestPage", .summary = "They need more time." },
	{ "POST", "/v1/guest/{token}/leave", ANYONE, staff_handle, SQL_GUEST_LEAVE,
	  .answer = "GuestPage", .summary = "They give up their place or booking." },
	{ "GET", "/v1/venues/{code}", ANYONE, staff_handle, SQL_VENUE_PAGE, .answer = "VenuePage",
	  .summary = "Where guests put themselves down: the venue and its line." },
	{ "POST", "/v1/venues/{code}/check-in", ANYONE, staff_handle, SQL_VENUE_CHECK_IN,
	  .fields = check_in_fields, .makes = "pty", .status = 201, .answer = "CheckedIn",
	  .summary = "Puts a guest down; staff let them in." },

	{ "GET", "/w/{code}", ANYONE, guest_pages_join, .answer = "text/html",
	  .summary = "The same as a page: what the code at the door leads to." },
	{ "POST", "/w/{code}", ANYONE, guest_pages_check_in, .status = 303,
	  .summary = "The form of that page; on to the guest's own." },
	{ "GET", "/g/{token}", ANYONE, guest_pages_visit, .answer = "text/html",
	  .summary = "What a guest sees of their own visit, as a page." },
	{ "GET", "/g/{token}/leave", ANYONE, guest_pages_visit, .answer = "text/html",
	  .summary = "Asks once whether they mean it." },
	{ "POST", "/g/{token}/coming", ANYONE, guest_pages_act, SQL_GUEST_COMING, .status = 303,
	  .summary = "They come, or confirm their booking; back to the page." },
	{ "POST", "/g/{token}/more-time", ANYONE, guest_pages_act, SQL_GUEST_MORE_TIME,
	  .status = 303, .summary = "They need more time; back to the page." },
	{ "POST", "/g/{token}/leave", ANYONE, guest_pages_act, SQL_GUEST_LEAVE, .status = 303,
	  .summary = "They give up their place or booking; back to the page." },
	{ "GET", "/guest/{file}", ANYONE, guest_pages_file, .answer = "*/*",
	  .summary = "A part of those pages." },

	/* ---- what happens ---- */
	{ "GET", "/v1/events", HOST, stream_open, .answer = "text/event-stream",
	  .summary = "What happens from now on, as server-sent events; Last-Event-ID resumes." },
	{ "GET", "/v1/webhooks", MANAGER, staff_handle, SQL_ENDPOINT_LIST, .answer = "EndpointList",
	  .summary = "Where events are posted to." },
	{ "POST", "/v1/webhooks", MANAGER, staff_handle, SQL_ENDPOINT_CREATE,
	  .fields = endpoint_new_fields, .makes = "end", .secret = "secret",
	  .derive = endpoints_secret, .status = 201, .answer = "EndpointSecret",
	  .summary = "Events are posted there, signed as Standard Webhooks has it." },
	{ "GET", "/v1/webhooks/{id}", MANAGER, staff_handle, SQL_ENDPOINT_GET, .secret = "secret",
	  .derive = endpoints_secret, .answer = "EndpointSecret",
	  .summary = "One of them, with the secret that signs." },
	{ "PATCH", "/v1/webhooks/{id}", MANAGER, staff_handle, SQL_ENDPOINT_UPDATE,
	  .fields = endpoint_fields, .answer = "Endpoint",
	  .summary = "Changes one, switches it off or on." },
	{ "DELETE", "/v1/webhooks/{id}", MANAGER, staff_handle, SQL_ENDPOINT_DELETE,
	  .answer = "Ended", .summary = "Nothing goes there any more." },
	{ "POST", "/v1/webhooks/{id}/rotate", MANAGER, staff_handle, SQL_ENDPOINT_ROTATE,
	  .makes = "rot", .secret = "secret", .derive = endpoints_secret,
	  .answer = "EndpointSecret",
	  .summary = "A new secret; for 24 hours the one before signs as well." },
	{ "POST", "/v1/webhooks/{id}/test", MANAGER, staff_handle, SQL_ENDPOINT_TEST,
	  .makes = "dlv", .status = 202, .answer = "Delivery", .summary = "Posts a test event." },
	{ "GET", "/v1/webhooks/{id}/deliveries", MANAGER, staff_handle, SQL_DELIVERY_LIST,
	  .query = delivery_page, .answer = "DeliveryList",
	  .summary = "What was posted, the latest first, and what was answered." },
	{ "POST", "/v1/webhooks/{id}/deliveries/{delivery}/replay", MANAGER, staff_handle,
	  SQL_DELIVERY_REPLAY, .status = 202, .answer = "Delivery",
	  .summary = "Posts one again, with the same id." },

	/* ---- carriers ---- */
	{ "GET", "/v1/carriers", HOST, staff_handle, SQL_CARRIER_LIST, .answer = "CarrierList",
	  .summary = "How the carriers are, and their history." },
	{ "GET", "/v1/carriers/traffic", HOST, staff_handle, SQL_CARRIER_TRAFFIC,
	  .query = traffic_fields, .answer = "CarrierTraffic",
	  .summary = "What went through each carrier of late, and when another one took over." },
	{ "GET", "/v1/alerts", HOST, staff_handle, SQL_ALERT_LIST, .answer = "AlertList",
	  .summary = "What is wrong now, by its causes, and what to do; empty when all is well." },
	{ "PUT", "/v1/carriers/preferred", MANAGER, staff_handle, SQL_CARRIER_PREFER,
	  .fields = prefer_fields, .answer = "CarrierPreferred",
	  .summary = "Which carrier this account tries first." },
	{ "POST", "/webhooks/{carrier}/voice", CARRIER, voice_answer,
	  .summary = "A carrier asks what a call is to say." },
	{ "POST", "/webhooks/{carrier}/voice-fallback", CARRIER, voice_answer,
	  .summary = "It got no answer, and asks once more." },
	{ "POST", "/webhooks/recurly", CARRIER, billing_hook,
	  .summary = "Recurly tells of something that changed: a hint to look." },
	{ "POST", "/webhooks/{carrier}/{what}", CARRIER, webhooks_receive,
	  .summary = "A carrier's status reports and guests' replies." },

	/* ---- the console ---- */
	{ "GET", "/", ANYONE, console_page, .answer = "text/html",
	  .summary = "The console: the board, and all that staff need." },
	{ "GET", "/worker.js", ANYONE, console_worker, .answer = "text/javascript",
	  .summary = "Its service worker: the console opens without a network." },
	{ "GET", "/console/{file}", ANYONE, console_file, .answer = "*/*",
	  .summary = "A part of it." },

	/* ---- developers ---- */
	{ "GET", "/openapi.json", ANYONE, docs_openapi, .answer = "application/json",
	  .summary = "This document." },
	{ "GET", "/docs", ANYONE, docs_page, .answer = "text/html", .summary = "It, to try." },
	{ "GET", "/join", ANYONE, docs_join, .answer = "text/html",
	  .summary = "The page that personal links lead to." },
	{ "GET", "/docs/{file}", ANYONE, docs_file, .answer = "*/*", .summary = "A part of it." },
	{ "GET", "/sim", ANYONE, docs_phones, .status = 302,
	  .summary = "On to the simulated phones, in a demonstration." },

	/* ---- operators ---- */
	{ "GET", "/healthz", ANYONE, probes_alive, .answer = "Health", .summary = "It answers." },
	{ "GET", "/readyz", ANYONE, probes_ready, .answer = "Health", .summary = "It takes work." },
	{ "GET", "/status", ANYONE, status_page, .answer = "ServiceStatus",
	  .summary = "Whether texts and calls go out now; a page for browsers." },
	{ "GET", "/doctor", ANYONE, doctor_page, .answer = "DoctorReport",
	  .summary = "As maitred doctor: what is not right, what mends it; with OPERATOR_TOKEN." },
	{ "GET", "/metrics", ANYONE, measuring_page, .answer = "text/plain",
	  .summary = "What is counted and measured, for Prometheus; with OPERATOR_TOKEN." },
};

const struct route *routes_table(size_t *num)
{
	*num = sizeof(table) / sizeof(*table);
	return table;
}

void routes_handle(struct exchange *x)
{
	const struct worker *w = worker_of(x);
	struct str methods;
	size_t num;
	const struct route *routes = routes_table(&num);

	if (!front_door_secure(x))
		return;
	if (cors_begin(x, w->config->cors_origins) && !router_try(routes, num, x, &methods) &&
	    methods.len)
		cors_preflight(x, methods);
	else if (front_door_admit(x))
		router_handle(routes, num, x);
}
