/* choose.c - picks the carrier that was asked least often and has not refused for good. */
#include "choose.h"

static bool asked(const struct provider *p, const struct past_attempt *past, size_t past_num,
		  unsigned *times)
{
	bool refused = false;

	*times = 0;
	for (size_t i = 0; i < past_num; i++) {
		if (past[i].provider != p)
			continue;
		++*times;
		refused |= !past[i].transient;
	}
	return refused;
}

const struct candidate *choose(const struct candidate *candidates, size_t candidate_num,
			       const struct past_attempt *past, size_t past_num,
			       unsigned *asked_before)
{
	const struct candidate *best = NULL;

	*asked_before = 0;
	if (past_num >= ATTEMPTS_MAX)
		return NULL;
	for (const struct candidate *c = candidates; c < candidates + candidate_num; c++) {
		unsigned times;

		if (asked(c->provider, past, past_num, &times))
			continue;
		if (best && times >= *asked_before)
			continue;
		best = c;
		*asked_before = times;
	}
	return best;
}
