/*
 * machine.c - fuzzes the states that decide where a text goes: any story of a carrier's outcomes
 * keeps its breaker in bounds, and of any story of receipts the best one stays.
 */
#include "fuzz.h"

#include "breaker.h"
#include "status.h"

#define LONGEST_MS 300000

static void tell_breaker(struct breaker *b, uint8_t what, int64_t now_ms)
{
	const char *reason = NULL;
	bool was_open = b->open;
	enum breaker_change change = what & 4 ? breaker_tick(b, now_ms, 100, &reason) :
						breaker_note(b, (enum breaker_outcome)(what & 3),
							     now_ms, what, &reason);

	must(b->shift <= 100);
	must(change == BREAKER_SAME || reason);
	must(change != BREAKER_CLOSED || (was_open && !b->open));
	must(change != BREAKER_OPENED || (b->open && b->times));
	must(!b->open || was_open || change == BREAKER_OPENED);
	must(!b->open || b->open_until_ms <= now_ms + LONGEST_MS);
	must((what & 7) != BREAKER_THROTTLED || b->open == was_open);
}

/* The rule of receipts_apply.sql: what has a higher rank takes the place of what was. */
static void receipts(const uint8_t *data, size_t size)
{
	enum delivery_status now = DELIVERY_QUEUED, read;
	bool delivered = false;

	for (size_t i = 0; i < size; i++) {
		enum delivery_status next = data[i] % (DELIVERY_DELIVERED + 1);
		unsigned before = delivery_rank(now);

		delivered |= next == DELIVERY_DELIVERED;
		must(delivery_from_name(str_of(delivery_name(next)), &read) && read == next);
		now = delivery_rank(next) > before ? next : now;
		must(delivery_rank(now) >= before);
		must(!delivered || now == DELIVERY_DELIVERED);
	}
	must(!delivered || delivery_is_final(now));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct breaker b = { 0 };
	int64_t now_ms = 1000000;

	for (size_t i = 0; i + 1 < size; i += 2) {
		now_ms += data[i + 1] * 17;
		tell_breaker(&b, data[i], now_ms);
	}
	receipts(data, size);
	return 0;
}
