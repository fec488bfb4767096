/*
 * consent.h - what a guest said about being texted. Pure.
 */
#ifndef CONSENT_H
#define CONSENT_H

#include "provider.h"

/*
 * Reads a whole message: STOP and its kin of both carriers, START and UNSTOP, HELP and INFO; case,
 * surrounding white space and punctuation aside. `carrier_says` counts for STOP and HELP; for START
 * only the guest's own word does, because YES is START at Twilio and an ordinary answer here.
 * `*word` is what was recognised, upper case and static; NULL when nothing was.
 */
enum carrier_consent consent_read(struct str body, enum carrier_consent carrier_says,
				  const char **word);

const char *consent_name(enum carrier_consent c); /* "stop"; NULL for CONSENT_UNSAID */

#endif
