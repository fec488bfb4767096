/*
 * rows.h - the columns of db/schema.sql that decide something.
 */
#ifndef ROWS_H
#define ROWS_H

#include "sim.h"

struct thread { /* a row of `conversations` */
	struct str id, phone;
	int64_t opted_out_at; /* 0: is not */
	struct str opted_out_via;
	int64_t helped_at;
	int64_t said_at; /* no column: the true time at which opted_out_at was set */
};

struct attempt {
	struct message *message;
	struct str id, provider, number, state, carrier_id, status, code, handling;
	int64_t ordinal, status_rank, opened_at, dead_at, looks, looked_at;
	bool moved_on;
	/* not columns: what the checks remember */
	bool written;
	unsigned texts;
};

struct message {
	struct str id, phone, body, number, kind, state, provider, carrier_id, cancel_reason;
	struct thread *thread;
	bool in; /* a guest wrote it */
	int64_t rank, segments, expires_at, arrive_by, ended_at;
	struct list attempts;
	struct { /* its row in `queue` */
		bool is;
		int64_t due_at, turn_at;
		bool later; /* of priority 1 */
		bool holds;
		struct str claimed_by;
		unsigned lapses;
	} queue;
	/* not columns */
	unsigned texts, lives;
};

struct receipt {
	struct attempt *attempt;
	struct str event_id;
};

struct callback {
	struct str provider, target, content_type, body;
};

struct batch { /* of callbacks; with its row in `pending` */
	struct str id;
	int64_t at, due_at;
	bool pending;
	struct list callbacks;
};

struct consent {
	struct str phone, event_id, action;
	int64_t at;
};

struct number {
	const char *provider, *phone, *kind;
};

struct pace {
	struct str gate;
	int64_t free_at;
};

/* A row of `breakers`, with `carriers`. */
struct line {
	const char *provider, *operation;
	bool open, drained, known; /* known: it was made */
	int64_t open_until, times, shift, version, probe_until;
	bool has_until;
};

#define LINES 4

struct heard {
	const char *provider;
	int64_t until, due_at, leased_until; /* until 0: there is no row */
};

struct tables {
	struct list threads, messages, attempts, receipts, batches, consents;
	struct list keys; /* struct idempotency_key */
	struct list paces;
	struct line lines[LINES];
	struct heard heard[2];
	int64_t epoch;
	struct str numbers;		 /* as queue_claim.sql returns them */
	int64_t turn_at;		 /* of the one account */
	struct str carrier;		 /* that it prefers; p NULL: none */
	bool slow;			 /* numbers have a slow pace */
	int64_t quiet_from, quiet_until; /* no reminders */
};

struct idempotency_key {
	struct str key, hash, message_id;
};

#endif
