/* claimed.c - reads the columns of queue_claim.sql, in their order. */
#include "claimed.h"

enum {
	ACCOUNT_ID,
	MESSAGE_ID,
	PHONE,
	BODY,
	NUMBER,
	EXPIRES_MS,
	NUMBERS,
	ATTEMPTS,
	LIVE_ID,
	LIVE_STATE,
	LIVE_PROVIDER,
	LIVE_NUMBER,
	LIVE_OPENED_MS,
	LIVE_DEAD_MS,
	LIVE_LOOKS,
	LIVE_KNOWN,
	NOW_MS,
};

/* "twilio +12125550001,telnyx +1773...": ours at configured carriers, preferred carrier first. */
static void read_numbers(struct claimed *c, const struct carrier_list *carriers, struct str numbers)
{
	for (size_t i = 0; i < carriers->num; i++) {
		struct str rest = numbers;

		while (rest.len && c->candidate_num < CANDIDATES_MAX) {
			struct str number = str_cut(&rest, ',');
			struct str provider = str_cut(&number, ' ');

			if (!str_is(provider, carriers->at[i].provider->name))
				continue;
			c->candidates[c->candidate_num++] = (struct candidate){
				carriers->at[i].provider, number
			};
		}
	}
}

/* The number the host asked for comes first, whatever the preferred carrier. */
static void prefer_number(struct claimed *c, struct str wanted)
{
	for (size_t i = 1; wanted.len && i < c->candidate_num; i++) {
		struct candidate asked = c->candidates[i];

		if (!str_eq(asked.number, wanted))
			continue;
		memmove(c->candidates + 1, c->candidates, i * sizeof(asked));
		c->candidates[0] = asked;
		return;
	}
}

/*
 * "twilio rejected back-off,telnyx intent -": attempts in their order. Who failed a text after
 * taking it is not asked again, whatever the code: it is the other carrier's turn, once.
 */
static void read_attempts(struct claimed *c, struct str rest)
{
	while (rest.len && c->past_num < ATTEMPTS_MAX) {
		struct str attempt = str_cut(&rest, ',');
		const struct provider *p = provider_find(str_cut(&attempt, ' '));
		bool failed_later = str_is(str_cut(&attempt, ' '), "finalised");
		bool busy = str_is(attempt, handling_name(HANDLING_BACK_OFF));

		if (p)
			c->past[c->past_num++] = (struct past_attempt){ p, busy && !failed_later };
	}
}

void claimed_read(struct claimed *c, struct arena *a, const struct carrier_list *carriers,
		  const struct db_result *r, int row)
{
	*c = (struct claimed){
		.account_id = arena_copy(a, db_get(r, row, ACCOUNT_ID)),
		.message_id = arena_copy(a, db_get(r, row, MESSAGE_ID)),
		.phone = arena_copy(a, db_get(r, row, PHONE)),
		.body = arena_copy(a, db_get(r, row, BODY)),
		.live = {
			.attempt_id = arena_copy(a, db_get(r, row, LIVE_ID)),
			.state = arena_copy(a, db_get(r, row, LIVE_STATE)),
			.provider = arena_copy(a, db_get(r, row, LIVE_PROVIDER)),
			.number = arena_copy(a, db_get(r, row, LIVE_NUMBER)),
			.opened_ms = db_get_int(r, row, LIVE_OPENED_MS),
			.dead_ms = db_get_int(r, row, LIVE_DEAD_MS),
			.looks = (unsigned)db_get_int(r, row, LIVE_LOOKS),
			.known = arena_copy(a, db_get(r, row, LIVE_KNOWN)),
		},
		.now_ms = db_get_int(r, row, NOW_MS),
	};
	read_numbers(c, carriers, arena_copy(a, db_get(r, row, NUMBERS)));
	prefer_number(c, db_get(r, row, NUMBER));
	read_attempts(c, db_get(r, row, ATTEMPTS));
}
