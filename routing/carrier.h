/*
 * carrier.h - the carriers this deployment has an account at, in the order they are tried. Const
 * after start.
 */
#ifndef CARRIER_H
#define CARRIER_H

#include "buf.h"
#include "provider.h"

#define CARRIERS_MAX 4

struct carrier {
	const struct provider *provider;
	struct carrier_account account;
	unsigned pace; /* of the whole account, in segments per 1000 s; 0: none */
};

struct carrier_list {
	struct carrier at[CARRIERS_MAX];
	size_t num;
	/* by kind of number, in segments per 1000 s; 0: none */
	unsigned pace_10dlc, pace_toll_free, pace_long_code;
	unsigned pace_calls; /* of each carrier account, in calls per 1000 s; 0: none */
};

/* The carrier of that provider, or NULL when we have no account there. */
static inline const struct carrier *carrier_find(const struct carrier_list *l, struct str provider)
{
	for (size_t i = 0; i < l->num; i++)
		if (str_is(provider, l->at[i].provider->name))
			return &l->at[i];
	return NULL;
}

/* "twilio,telnyx", the preferred one first. */
static inline void carrier_names(const struct carrier_list *l, struct buf *out)
{
	for (size_t i = 0; i < l->num; i++)
		buf_printf(out, "%s%s", i ? "," : "", l->at[i].provider->name);
}

#endif
