/* choose.c - picks the carrier that was asked least often and has not refused for good. */
#include "choose.h"

#define BUSY_WAIT_MS 200
#define OUT_WAIT_MS 1000
#define DRAINED_WAIT_MS 5000

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

/* As choose(), of the candidates whose place in `fit` is true and whose carrier is not `but`. */
static const struct candidate *choose_fit(const struct choosing *in, const bool *fit,
					  const struct provider *but)
{
	struct candidate left[CANDIDATES_MAX];
	size_t place[CANDIDATES_MAX] = { 0 }, num = 0;
	unsigned times;

	for (size_t i = 0; i < in->candidate_num; i++) {
		if (!fit[i] || in->candidates[i].provider == but)
			continue;
		place[num] = i;
		left[num++] = in->candidates[i];
	}
	const struct candidate *c = choose(left, num, in->past, in->past_num, &times);

	return c ? &in->candidates[place[c - left]] : NULL;
}

/* A part of what would go to a carrier first goes to another, while it is not quite well. */
static const struct candidate *shifted(const struct choosing *in, const bool *fit,
				       const struct candidate *first)
{
	const struct candidate *other = NULL;

	if (!in->past_num && in->draw < in->standings[first - in->candidates].shift)
		other = choose_fit(in, fit, first->provider);
	return other ? other : first;
}

/* Nobody is fit: who is tried again first, if all are out that this deployment may use. */
static struct choice none_fit(const struct choosing *in)
{
	struct choice r = { NULL, DRAINED_WAIT_MS };
	const struct candidate *soonest = NULL;
	bool someone_well = false;

	for (size_t i = 0; i < in->candidate_num; i++) {
		const struct standing *s = &in->standings[i];
		unsigned times;

		if (s->drained)
			continue;
		someone_well |= !s->out;
		if (asked(in->candidates[i].provider, in->past, in->past_num, &times))
			continue;
		r.wait_ms = s->out ? OUT_WAIT_MS : BUSY_WAIT_MS;
		if (!soonest || s->retry_ms < in->standings[soonest - in->candidates].retry_ms)
			soonest = &in->candidates[i];
	}
	if (!someone_well)
		r.candidate = soonest;
	return r;
}

struct choice choose_route(const struct choosing *in)
{
	bool any[CANDIDATES_MAX], fit[CANDIDATES_MAX];

	for (size_t i = 0; i < in->candidate_num; i++) {
		const struct standing *s = &in->standings[i];

		any[i] = true;
		fit[i] = !s->drained && !s->out && !s->busy;
	}
	if (!choose_fit(in, any, NULL))
		return (struct choice){ 0 };
	const struct candidate *c = choose_fit(in, fit, NULL);

	if (c)
		return (struct choice){ shifted(in, fit, c), 0 };
	return none_fit(in);
}
