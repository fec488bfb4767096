/* channel.c - the names of the channels. */
#include "channel.h"

static const char *const names[] = { [CHANNEL_SMS] = "sms", [CHANNEL_VOICE] = "voice" };

const char *channel_name(enum channel c)
{
	return names[c];
}

enum channel channel_of(struct str name)
{
	return str_is(name, names[CHANNEL_VOICE]) ? CHANNEL_VOICE : CHANNEL_SMS;
}
