/*
 * channel.h - how something is said to a guest: written or spoken.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include "str.h"

enum channel { CHANNEL_SMS, CHANNEL_VOICE };

const char *channel_name(enum channel c); /* "sms", "voice": in rows and in the API */
enum channel channel_of(struct str name); /* CHANNEL_SMS unless it is "voice" */

#endif
