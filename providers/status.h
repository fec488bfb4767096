/*
 * status.h - how far one attempt's text has come, as a carrier reports it. A status only rises in
 * rank, whatever the order in which callbacks arrive.
 */
#ifndef STATUS_H
#define STATUS_H

#include "str.h"

enum delivery_status {
	DELIVERY_QUEUED,      /* the carrier has it */
	DELIVERY_SENDING,     /* it is leaving the carrier */
	DELIVERY_SENT,	      /* the next network took it */
	DELIVERY_UNCONFIRMED, /* no receipt will come; probably delivered */
	DELIVERY_FAILED,      /* it never left the carrier */
	DELIVERY_UNDELIVERED, /* it left, and did not reach the phone */
	DELIVERY_DELIVERED,   /* the phone has it */
};

/* FAILED and UNDELIVERED share a rank: the first of them stays. DELIVERED beats them. */
unsigned delivery_rank(enum delivery_status s);
bool delivery_is_final(enum delivery_status s);	   /* no further callback is expected */
const char *delivery_name(enum delivery_status s); /* "delivered": in rows and in the API */
bool delivery_from_name(struct str name, enum delivery_status *out);

#endif
