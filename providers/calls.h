/*
 * calls.h - the carriers' side of calls. Telnyx's TeXML took over Twilio's parameters, words and
 * lists, so what both have in common is read here once, and what differs is named by the carrier.
 */
#ifndef CALLS_H
#define CALLS_H

#include "form.h"
#include "provider.h"

enum { CALL_RINGS_S = 25, CALL_LISTENS_S = 30 }; /* until picked up; for the end of a greeting */

extern const struct outbound twilio_calls, telnyx_calls;

/* What is no success, of texts too. */
void telnyx_judge(struct arena *a, const struct http_response *answer, struct send_result *out);
/* Texts and calls are answered alike. */
void twilio_parse_send(struct arena *a, const struct http_response *answer,
		       struct send_result *out);

struct str twilio_write_script(struct arena *a, const struct call_script *script);
struct str telnyx_write_script(struct arena *a, const struct call_script *script);

/*
 * Reads a call's callback, out of a form that has no message in it, into `out`, whose hints are
 * there. False: it is no call's, or not text; `*why` says so.
 */
bool calls_read_status(struct arena *a, const char *carrier, const struct form *f,
		       struct event *out, const char **why);

bool calls_parse_question(struct arena *a, const struct http_request *r, struct call_question *out,
			  const char **why);

/* "?To=..&From=..": the list of calls between two numbers, newest first. */
struct str calls_between(struct arena *a, const struct lost_text *lost);
void calls_parse_lookup(struct arena *a, const struct lost_text *lost,
			const struct http_response *answer, struct lookup_result *out);

bool calls_parse_fetch(struct arena *a, const char *carrier, const struct http_response *answer,
		       struct event *out);

#endif
