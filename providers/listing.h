/*
 * listing.h - asking a carrier what guests wrote to us in a stretch of time, for those texts whose
 * callback never reached us: after a few tries a carrier gives up, and keeps the text in its list.
 * Both are asked the same way: a list, of which we need the ids, then each text that we miss.
 */
#ifndef LISTING_H
#define LISTING_H

#include <stdint.h>

#include "arena.h"
#include "http.h"

#define LISTED_MAX 50 /* of a page; Telnyx gives no more */

struct listing {
	int64_t since_ms, until_ms; /* Unix time; both included */
	struct str next;	    /* what the page before said; empty: the first page */
};

struct listed_text {
	struct str carrier_id;
	struct str number; /* of ours, that it was sent to */
};

struct listed_page {
	struct listed_text at[LISTED_MAX];
	size_t num;
	struct str next; /* empty: this is the last page */
};

struct carrier_account;

void twilio_build_list(struct arena *a, const struct carrier_account *account,
		       const struct listing *l, struct http_request *out);
bool twilio_parse_list(struct arena *a, const struct http_response *answer,
		       struct listed_page *out);
bool twilio_parse_reply(struct arena *a, const struct http_response *answer,
			struct http_request *out);
void telnyx_build_list(struct arena *a, const struct carrier_account *account,
		       const struct listing *l, struct http_request *out);
bool telnyx_parse_list(struct arena *a, const struct http_response *answer,
		       struct listed_page *out);
bool telnyx_parse_reply(struct arena *a, const struct http_response *answer,
			struct http_request *out);

#endif
