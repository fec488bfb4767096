/* claimed.c - reads the columns of queue_claim.sql, in their order. */
#include "claimed.h"

enum {
	ACCOUNT_ID,
	MESSAGE_ID,
	CONVERSATION_ID,
	PHONE,
	BODY,
	NUMBER,
	ARRIVE_MS,
	PREFERRED,
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
	LIVE_CARRIER_ID,
	LIVE_DOUBT,
	CHANNEL,
	NOW_MS,
};

/* In segments per 1000 s; calls have a pace at their carrier only. */
static unsigned pace_of(const struct carrier_list *carriers, struct str kind, struct str own)
{
	long long pace;

	if (str_number(own, &pace))
		return (unsigned)pace;
	if (str_is(kind, "toll_free"))
		return carriers->pace_toll_free;
	return str_is(kind, "long_code") ? carriers->pace_long_code : carriers->pace_10dlc;
}

static bool may_use(const struct claimed *c, const struct carrier_list *carriers,
		    struct str provider)
{
	return c->channel == CHANNEL_SMS || carrier_find(carriers, provider)->account.can_call;
}

/* "twilio +12125550001 10dlc -,telnyx +1773... toll_free 3000": those at one of our carriers. */
static void read_numbers_at(struct claimed *c, const struct carrier_list *carriers,
			    const struct provider *p, struct str numbers)
{
	while (numbers.len && c->candidate_num < CANDIDATES_MAX) {
		struct str own = str_cut(&numbers, ',');
		struct str provider = str_cut(&own, ' '), number = str_cut(&own, ' ');
		struct str kind = str_cut(&own, ' ');

		if (str_is(provider, p->name) && may_use(c, carriers, provider))
			c->candidates[c->candidate_num++] = (struct candidate){
				p, number, pace_of(carriers, kind, own)
			};
	}
}

/* The carrier that the account prefers comes first, then the deployment's order. */
static void read_numbers(struct claimed *c, const struct carrier_list *carriers, struct str numbers,
			 struct str preferred)
{
	const struct carrier *first = carrier_find(carriers, preferred);

	if (first)
		read_numbers_at(c, carriers, first->provider, numbers);
	for (size_t i = 0; i < carriers->num; i++)
		if (&carriers->at[i] != first)
			read_numbers_at(c, carriers, carriers->at[i].provider, numbers);
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
		  struct str claim, const struct db_result *r, int row)
{
	*c = (struct claimed){
		.account_id = arena_copy(a, db_get(r, row, ACCOUNT_ID)),
		.message_id = arena_copy(a, db_get(r, row, MESSAGE_ID)),
		.conversation_id = arena_copy(a, db_get(r, row, CONVERSATION_ID)),
		.phone = arena_copy(a, db_get(r, row, PHONE)),
		.body = arena_copy(a, db_get(r, row, BODY)),
		.claim = arena_copy(a, claim),
		.channel = channel_of(db_get(r, row, CHANNEL)),
		.arrive_ms = db_get_int(r, row, ARRIVE_MS),
		.live = {
			.attempt_id = arena_copy(a, db_get(r, row, LIVE_ID)),
			.state = arena_copy(a, db_get(r, row, LIVE_STATE)),
			.provider = arena_copy(a, db_get(r, row, LIVE_PROVIDER)),
			.number = arena_copy(a, db_get(r, row, LIVE_NUMBER)),
			.opened_ms = db_get_int(r, row, LIVE_OPENED_MS),
			.dead_ms = db_get_int(r, row, LIVE_DEAD_MS),
			.looks = (unsigned)db_get_int(r, row, LIVE_LOOKS),
			.known = arena_copy(a, db_get(r, row, LIVE_KNOWN)),
			.carrier_id = arena_copy(a, db_get(r, row, LIVE_CARRIER_ID)),
			.doubt = db_get_int(r, row, LIVE_DOUBT),
		},
		.now_ms = db_get_int(r, row, NOW_MS),
	};
	read_numbers(c, carriers, arena_copy(a, db_get(r, row, NUMBERS)),
		     db_get(r, row, PREFERRED));
	prefer_number(c, db_get(r, row, NUMBER));
	read_attempts(c, db_get(r, row, ATTEMPTS));
}
