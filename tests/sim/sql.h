/*
 * sql.h - one function per statement of db/sql/, which is its contract: see there for the
 * parameters. Private to statements.c and the sql_*.c files.
 */
#ifndef SQL_H
#define SQL_H

#include "tables.h"
#include "vdb.h"

void sql_message_accept(const struct args *a, struct rows *out);
void sql_queue_claim(const struct args *a, struct rows *out);
void sql_attempt_unheard(const struct args *a, struct rows *out);
void sql_attempt_open(const struct args *a, struct rows *out);
void sql_attempt_settle(const struct args *a, struct rows *out);

void sql_carrier_sync(const struct args *a, struct rows *out);
void sql_carrier_change(const struct args *a, struct rows *out);
void sql_quarantine(const struct args *a, struct rows *out);
void sql_carrier_unheard(const struct args *a, struct rows *out);

/* A carrier refuses to text that guest. */
void consent_by_carrier(struct attempt *a, int64_t now);
bool consent_said_since(struct str phone, const char *action, int64_t since);
struct batch *batch_find(struct str id);

void sql_heard_claim(const struct args *a, struct rows *out);
void sql_heard_missing(const struct args *a, struct rows *out);
void sql_heard_done(const struct args *a, struct rows *out);
void sql_help_queue(const struct args *a, struct rows *out);
void sql_message_cancel(const struct args *a, struct rows *out);
void sql_callback_journal(const struct args *a, struct rows *out);
void sql_callback_partitions(const struct args *a, struct rows *out);
void sql_pending_claim(const struct args *a, struct rows *out);
void sql_pending_done(const struct args *a, struct rows *out);
void sql_receipts_apply(const struct args *a, struct rows *out);
void sql_replies_apply(const struct args *a, struct rows *out);

#endif
