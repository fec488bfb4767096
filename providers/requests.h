/*
 * requests.h - what every request of ours to a carrier begins with: its address there, as our
 * account, and what we take as an answer.
 */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "provider.h"

/* `what` follows "/2010-04-01/Accounts/{our id}/". */
void twilio_build_get(struct arena *a, const struct carrier_account *account, struct str what,
		      struct http_request *out);
void twilio_build_post(struct arena *a, const struct carrier_account *account, struct str what,
		       struct str form, struct http_request *out);

/* `path` follows "/v2/". */
void telnyx_build_get(struct arena *a, const struct carrier_account *account, struct str path,
		      struct http_request *out);
void telnyx_build_post(struct arena *a, const struct carrier_account *account, struct str path,
		       struct str json, struct http_request *out);
void telnyx_build_form(struct arena *a, const struct carrier_account *account, struct str path,
		       struct str form, struct http_request *out);

#endif
