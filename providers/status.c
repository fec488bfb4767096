/* status.c - the order of delivery statuses and their names. */
#include "status.h"

static const struct {
	const char *name;
	unsigned rank;
	bool final;
} statuses[] = {
	[DELIVERY_QUEUED] = { "queued", 0, false },
	[DELIVERY_SENDING] = { "sending", 1, false },
	[DELIVERY_SENT] = { "sent", 2, false },
	[DELIVERY_UNCONFIRMED] = { "unconfirmed", 3, true },
	[DELIVERY_FAILED] = { "failed", 4, true },
	[DELIVERY_UNDELIVERED] = { "undelivered", 4, true },
	[DELIVERY_DELIVERED] = { "delivered", 5, true },
};

unsigned delivery_rank(enum delivery_status s)
{
	return statuses[s].rank;
}

bool delivery_is_final(enum delivery_status s)
{
	return statuses[s].final;
}

const char *delivery_name(enum delivery_status s)
{
	return statuses[s].name;
}

bool delivery_from_name(struct str name, enum delivery_status *out)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
		if (!str_is(name, statuses[i].name))
			continue;
		*out = (enum delivery_status)i;
		return true;
	}
	return false;
}
