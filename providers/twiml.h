/*
 * twiml.h - a call's script as XML: Twilio's TwiML and Telnyx's TeXML, which is made after it and
 * differs in what it allows. Sources: twilio.com/docs/voice/twiml and developers.telnyx.com/docs/
 * voice/programmable-voice/texml-verbs, a page for each verb.
 */
#ifndef TWIML_H
#define TWIML_H

#include "voice.h"

/* What a carrier allows. Seconds beyond it are cut to it. */
struct twiml_dialect {
	unsigned gather_max_s, dial_min_s, dial_max_s;
	bool pauses_in_gather; /* else they are left out there */
	bool stereo;	       /* a recording has two channels unless it says "single" */
};

/* The whole document; one that hangs up when the script is longer than a carrier takes. */
struct str twiml_write(struct arena *a, const struct twiml_dialect *d,
		       const struct call_script *script);

#endif
