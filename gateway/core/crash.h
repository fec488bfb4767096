/*
 * crash.h - the points between two effects at which a process may die. In builds for tests
 * CRASH_AT=name:n in the environment ends it there, as kill -9 would, the n-th time it comes by; a
 * test does that at every point. Other builds have nothing of it.
 */
#ifndef CRASH_H
#define CRASH_H

/* clang-format off */
#define CRASH_POINTS(X) \
	X(message_checked)     /* nothing is committed; the client has no answer */ \
	X(message_committed)   /* committed; the client has no answer */ \
	X(claimed)             /* due again when the lease is over */ \
	X(attempt_opened)      /* its row is committed; no byte has left */ \
	X(attempt_half_written) /* its head may have left */ \
	X(attempt_answered)    /* the carrier's answer is known to nobody else */ \
	X(attempt_settled)     /* all is committed */ \
	X(lookup_answered)     /* what the carrier said of a lost text is known to nobody else */ \
	X(lookup_settled)      /* all is committed */ \
	X(receipt_fetched)     /* its report is not committed */ \
	X(receipt_applied)     /* its report is committed, the question is not settled */ \
	X(callback_verified)   /* nothing is committed; the carrier has no 200 */ \
	X(callback_journalled) /* committed; the carrier has no 200 */ \
	X(callbacks_claimed)   /* not applied; due again when the lease is over */ \
	X(callbacks_applied)   /* applied, and still pending */ \
	X(callbacks_done)      /* all is committed */ \
	X(hook_claimed)        /* due again when the lease is over */ \
	X(hook_answered)       /* the receiver's answer is known to nobody else */ \
	X(hook_settled)        /* all is committed */
/* clang-format on */

#ifdef CRASHPOINTS

enum crash_point {
#define CRASH_NAME(name) CRASH_##name,
	CRASH_POINTS(CRASH_NAME)
#undef CRASH_NAME
};

void crash_at(enum crash_point p);
#define crash_point(name) crash_at(CRASH_##name)

#else
#define crash_point(name) ((void)0)
#endif

#endif
