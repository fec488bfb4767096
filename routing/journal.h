/*
 * journal.h - one callback on its way into the journal, and with it what the guest said about being
 * texted. Whatever brings guests' texts in comes through here: callbacks, and what was asked for
 * after an outage.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include "batch.h"
#include "provider.h"

struct journalled {
	const struct provider *provider;
	struct str target, content_type, body; /* as they came: to be parsed again, perhaps often */
	const struct event *event;	       /* what parse_webhook() makes of them */
};

/* A batch of callback_journal.sql. */
struct db_batch *journal_batch(struct db *db, struct loop *l);

/* Adds it; `done` learns whether it is committed. The arena is for what is worked out here. */
void journal_add(struct db_batch *b, struct arena *a, const struct journalled *j, db_row_done *done,
		 void *ctx);

/*
 * When the guest wrote it (Unix ms): by the carrier's clock when it came more than a minute late,
 * else when it came, since clocks differ.
 */
int64_t journal_said_ms(const struct event *e, int64_t received_ms);

#endif
