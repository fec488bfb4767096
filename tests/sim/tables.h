/*
 * tables.h - the virtual database as one consistent state (rows.h): a statement changes it at one
 * moment. Rows are never deleted, but for queue rows, which are part of their message.
 */
#ifndef TABLES_H
#define TABLES_H

#include "rows.h"

#define ACCOUNT "acc_00000000000000000000000001"

extern struct tables tables;
extern const struct number numbers[];
extern const size_t number_num;

void tables_reset(void);

struct thread *thread_find(struct str id);
struct thread *thread_by_phone(struct str phone);
struct thread *thread_add(struct str id, struct str phone);
struct message *message_find(struct str id);
struct message *message_add(struct str id, struct thread *t);
struct attempt *attempt_find(struct str id);
bool number_is_ours(struct str provider, struct str phone);

/* The unique index over intent, ambiguous, accepted. */
bool attempt_is_live(const struct attempt *a);
struct attempt *message_live(const struct message *m, const struct attempt *but);

/* Every change of a state goes through these: they hold the table's constraints. */
struct attempt *attempt_open(struct message *m, const struct attempt *row);
void attempt_set_state(struct attempt *a, struct str state);
/* A move is only made when it rises. */
bool message_rises(const struct message *m, int64_t rank);
void message_move(struct message *m, struct str state, int64_t rank, int64_t ended_at);

void queue_put(struct message *m, int64_t due_at, int64_t turn_at, bool holds);
void queue_drop(struct message *m);

int64_t attempt_unheard_at(const struct attempt *a);

/* The earliest moment (virtual) at which something in the tables becomes due; SIM_NEVER. */
int64_t tables_next_due(void);
/* An attempt that a carrier accepted is asked for after so long, and given up at the end. */
#define RECEIPT_MS 60000
#define RECEIPT_END_MS 1800000
int64_t tables_heard_due(void); /* the same, of comparing lists: that never ends */
bool tables_idle(void);		/* queue and pending are empty */

#endif
