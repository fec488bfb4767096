/* breaker.c - counts, and what follows from them. */
#include "breaker.h"

#define IN_A_ROW_MAX 5
#define REQUESTS_MIN 5 /* fewer in the window say nothing */
#define SUCCESS_MIN_PERCENT 80
#define SLOT_MS 5000
#define OPEN_FIRST_MS 5000
#define OPEN_MAX_MS 300000
#define SHIFT_STEP 20
#define SHIFT_MAX 80 /* some always go there: else nobody learns that it is well again */
#define SHIFT_EVERY_MS 2000
#define DRIFT_STEP 10
#define DRIFT_EVERY_MS 10000
#define LIMIT_EVERY_MS 1000

static void count(struct breaker *b, bool ok, int64_t now_ms)
{
	int64_t slot = now_ms / SLOT_MS;
	unsigned at = (unsigned)(slot % BREAKER_SLOTS);

	if (b->window[at].slot != slot) {
		b->window[at].slot = slot;
		b->window[at].ok = b->window[at].failed = 0;
	}
	if (ok)
		b->window[at].ok++;
	else
		b->window[at].failed++;
	b->failed_in_row = ok ? 0 : b->failed_in_row + 1;
}

static bool too_few_succeed(const struct breaker *b, int64_t now_ms)
{
	unsigned ok = 0, all = 0;

	for (unsigned i = 0; i < BREAKER_SLOTS; i++) {
		if (b->window[i].slot <= now_ms / SLOT_MS - BREAKER_SLOTS)
			continue;
		ok += b->window[i].ok;
		all += b->window[i].ok + b->window[i].failed;
	}
	return all >= REQUESTS_MIN && ok * 100 < all * SUCCESS_MIN_PERCENT;
}

static void forget(struct breaker *b)
{
	for (unsigned i = 0; i < BREAKER_SLOTS; i++)
		b->window[i].ok = b->window[i].failed = 0;
	b->failed_in_row = 0;
}

static enum breaker_change open_for_longer(struct breaker *b, int64_t now_ms, unsigned jitter)
{
	int64_t most = OPEN_FIRST_MS;

	for (unsigned i = 0; i < b->times && most < OPEN_MAX_MS; i++)
		most *= 2;
	most = most > OPEN_MAX_MS ? OPEN_MAX_MS : most;
	b->open = true;
	b->probe = false;
	b->times++;
	b->open_until_ms = now_ms + most / 2 + jitter % (most / 2 + 1);
	forget(b);
	return BREAKER_OPENED;
}

static enum breaker_change close(struct breaker *b, int64_t now_ms)
{
	b->open = b->probe = false;
	b->times = 0;
	b->shift = SHIFT_MAX; /* it gets its share back by steps */
	b->shifted_ms = now_ms;
	forget(b);
	return BREAKER_CLOSED;
}

static enum breaker_change shift_away(struct breaker *b, int64_t now_ms)
{
	if (b->shift >= SHIFT_MAX || now_ms - b->shifted_ms < SHIFT_EVERY_MS)
		return BREAKER_SAME;
	b->shift = b->shift + SHIFT_STEP > SHIFT_MAX ? SHIFT_MAX : b->shift + SHIFT_STEP;
	b->shifted_ms = now_ms;
	return BREAKER_SHIFTED;
}

/* Multiplicative decrease, once a second at most: one burst of 429s is one signal. */
static void limit(struct breaker *b, int64_t now_ms)
{
	unsigned had = b->limit ? b->limit : b->in_flight + 1;

	if (b->limited_ms && now_ms - b->limited_ms < LIMIT_EVERY_MS)
		return;
	b->limit = had * 7 / 10 ? had * 7 / 10 : 1;
	b->limited_ms = now_ms;
}

enum breaker_change breaker_note(struct breaker *b, enum breaker_outcome outcome, int64_t now_ms,
				 unsigned jitter, const char **reason)
{
	if (outcome == BREAKER_UNTRIED && !b->open)
		return BREAKER_SAME;
	if (outcome == BREAKER_THROTTLED) {
		limit(b, now_ms);
		*reason = "It was asked too much at once.";
		return b->open ? BREAKER_SAME : shift_away(b, now_ms);
	}
	if (b->open && now_ms < b->open_until_ms) /* asked before it was out: nothing new */
		return BREAKER_SAME;
	*reason = outcome == BREAKER_OK ? "It answers again." : "It was tried and failed again.";
	if (b->open)
		return outcome == BREAKER_OK ? close(b, now_ms) :
					       open_for_longer(b, now_ms, jitter);
	count(b, outcome == BREAKER_OK, now_ms);
	if (outcome == BREAKER_OK)
		return BREAKER_SAME;
	*reason = outcome == BREAKER_SLOW ? "It was too slow several times in a row." :
					    "It failed several times in a row.";
	if (b->failed_in_row >= IN_A_ROW_MAX)
		return open_for_longer(b, now_ms, jitter);
	*reason = "Too many requests of the last 30 seconds failed.";
	if (too_few_succeed(b, now_ms))
		return open_for_longer(b, now_ms, jitter);
	*reason = "A request failed.";
	return shift_away(b, now_ms);
}

void breaker_adopt(struct breaker *b, bool open, int64_t open_ms, unsigned times, unsigned shift,
		   int64_t now_ms)
{
	b->open = open;
	b->probe = false;
	b->open_until_ms = now_ms + open_ms;
	b->times = times;
	b->shift = shift;
	b->shifted_ms = now_ms;
	forget(b);
}

enum breaker_change breaker_tick(struct breaker *b, int64_t now_ms, unsigned most,
				 const char **reason)
{
	if (b->limit && now_ms - b->limited_ms >= LIMIT_EVERY_MS) {
		b->limit += b->limit / 10 + 1;
		b->limited_ms = now_ms;
		if (b->limit >= most)
			b->limit = 0;
	}
	if (b->open || !b->shift || now_ms - b->shifted_ms < DRIFT_EVERY_MS)
		return BREAKER_SAME;
	b->shift = b->shift > DRIFT_STEP ? b->shift - DRIFT_STEP : 0;
	b->shifted_ms = now_ms;
	*reason = "It has been well for a while.";
	return BREAKER_SHIFTED;
}
