/*
 * case_file.h - reads the .case files in fixtures: exchanges with a carrier as plain text.
 *
 * What stands before the first section is the case's explanation. Sections, each at most once:
 *   [account]         name = value: what differs from the account that case_account() starts with
 *   [text]            name = value: what differs from the text that case_text() starts with
 *   [call]            likewise, of a call; also empty, it makes this a case of calls
 *   [expect request]  what build_send() makes of the two
 *   [response]        "HTTP 201", headers, an empty line, the body
 *   [expect result]   what parse_send() makes of it
 *   [expect fetched]  what parse_fetch() makes of it
 *   [request]         "POST url", headers, an empty line, the body: a webhook. A signature header
 *                     with the value "sign" gets the right signature
 *   [expect event]    what verify_webhook() and parse_webhook() make of it, at the time 1770000000
 *   [expect question] what verify_webhook() and parse_call() make of it, at the same time
 *   [script]          a call's script: see case_script()
 *   [expect script]   what write_script() makes of it
 * Empty lines at the end of a section do not count.
 */
#ifndef CASE_FILE_H
#define CASE_FILE_H

#include "provider.h"

enum { CASE_HEADERS_MAX = 16, CASE_SECTIONS_MAX = 12, CASE_NOW_S = 1770000000 };

struct case_file {
	const struct provider *provider;
	struct {
		struct str name, text;
	} sections[CASE_SECTIONS_MAX];
	size_t num;
};

/* NULL, or what is wrong with the file. What is read is borrowed from `text`. */
const char *case_read(struct arena *a, struct str text, struct case_file *out);

/* The section's text; p is NULL when it is not there. */
struct str case_section(const struct case_file *c, const char *name);

/* Each: NULL, or what is wrong. */
const char *case_account(struct arena *a, const struct case_file *c, struct carrier_account *out);
const char *case_text(struct arena *a, const struct case_file *c, struct outgoing *out);
const char *case_response(struct arena *a, const struct case_file *c, struct http_response *out);
const char *case_request(struct arena *a, const struct case_file *c,
			 const struct carrier_account *account, struct http_request *out);

/*
 * A line for each verb; what is in a gather follows it, indented by a tab. Words that begin with a
 * quotation mark are JSON.
 *   language fr          of all; as is "man"
 *   say WORDS | pause 2 | gather 6 URL | dial +12125550001 +13125550002 25 URL (to, from)
 *   record 60 URL | redirect URL | hang-up | reject
 */
const char *case_script(struct arena *a, const struct case_file *c, struct call_script *out);

bool case_is_call(const struct case_file *c); /* it has a section [call] */

/* As they stand in the "expect" sections. Fields that are empty are left out. */
struct str case_show_request(struct arena *a, const struct http_request *r);
struct str case_show_result(struct arena *a, const struct send_result *r);
struct str case_show_event(struct arena *a, const struct event *e);
struct str case_show_question(struct arena *a, const struct call_question *q);

#endif
