/*
 * doctor_carrier.h - what the doctor's probes of carriers share: which of our numbers are there,
 * and where their texts and calls go. Private to doctor*.c.
 */
#ifndef DOCTOR_CARRIER_H
#define DOCTOR_CARRIER_H

#include "buf.h"
#include "doctor_probe.h"

/* One webhook as it is at the carrier. */
struct carrier_webhook {
	struct str of;	  /* the number, or what it belongs to */
	const char *what; /* "texts", "calls" */
	bool voice;
	struct str url, ours; /* where it goes; where it should */
	bool post;
	bool set;     /* it went elsewhere, and now is ours */
	bool refused; /* it went elsewhere, and the carrier did not let us change that */
};

/* All of a carrier; names are separated by commas. */
struct carrier_found {
	const struct our_number *ours; /* this carrier's, in the order of their numbers */
	bool *there;
	size_t num, seen;
	struct buf mute;      /* cannot text */
	struct buf elsewhere; /* sentences */
	struct buf lazy;      /* ours, and the carrier does not try again */
	struct buf loose;     /* belong to nothing that leads here */
	bool cut;	      /* the carrier has so many numbers that not all were looked at */
	unsigned webhooks;
};

/*
 * Asks the carrier. False when it gave no 200; that was told then, with `mend` for a refusal of our
 * credentials.
 */
bool carrier_ask(struct probe *p, const struct http_request *request, struct http_response *out,
		 struct str mend);

/* False when our numbers are not known: then nothing is to be compared. */
bool carrier_begin(struct probe *p, struct carrier_found *out);
/* Our number that this is, now known to be there; NULL: it is not one of ours. */
const struct our_number *carrier_take(struct carrier_found *f, struct str phone);
bool carrier_has_all(const struct carrier_found *f);
void carrier_note(struct buf *names, struct str name); /* adds one, with a comma */

bool carrier_to_set(const struct probe *p, const struct carrier_webhook *w); /* it is asked for */
void carrier_webhook_found(struct probe *p, struct carrier_found *f,
			   const struct carrier_webhook *w);

/* What was found of numbers and webhooks; `console` is where people change that. */
void carrier_tell(struct probe *p, struct carrier_found *f, const char *console);

#endif
