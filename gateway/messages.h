/*
 * messages.h - POST /v1/messages: checks, stores, accepts. Nothing is sent here; see
 * routing/dispatch.c.
 */
#ifndef MESSAGES_H
#define MESSAGES_H

#include "exchange.h"

/* Places in message_fields (routes.c) and in what fields_read() fills. */
enum {
	MESSAGE_TO,
	MESSAGE_BODY,
	MESSAGE_FROM,
	MESSAGE_KIND,
	MESSAGE_EXPIRES_AT,
	MESSAGE_SEND_AT,
	MESSAGE_ARRIVE_BY,
	MESSAGE_CHANNEL
};

void messages_create(struct exchange *x);

#endif
