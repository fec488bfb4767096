/*
 * helping.h - answering HELP where no carrier does.
 *
 * Who answers what, by default (Twilio: messaging/tutorials/advanced-opt-out and support article
 * 360058144374; Telnyx: runbooks/advanced-opt-in-out-management):
 *
 *               HELP                         INFO       STOP, START
 *   Twilio      Twilio; on toll-free nobody  the same   Twilio; on toll-free the network
 *   Telnyx      Telnyx; on toll-free nobody  nobody     Telnyx; on toll-free the network
 *
 * So STOP is confirmed exactly once, never by us: the FCC allows one confirmation, and on toll-free
 * the network refuses a second one. What is left is HELP on toll-free, and INFO at Telnyx; and not
 * when the carrier says that it has answered (OptOutType, autoresponse_type).
 */
#ifndef HELPING_H
#define HELPING_H

#include "batch.h"
#include "provider.h"

/* "any": on every number; "toll_free": only on such a one; NULL: it is not ours to answer. Pure. */
const char *helping_where(const struct provider *p, const struct event *e);

/* A batch of help_queue.sql. */
struct db_batch *helping_batch(struct db *db, struct loop *l);

/* Queues `answer` to the guest, from the number that they wrote to. */
struct help {
	struct str account_id, phone, number, answer;
};

void helping_add(struct db_batch *b, const struct help *h, db_row_done *done, void *ctx);

#endif
