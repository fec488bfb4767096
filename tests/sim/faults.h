/*
 * faults.h - what can go wrong in a history, and the guards that a run can leave out to show that
 * the checks notice. X(name, in words, most often of 1000)
 */
#ifndef FAULTS_H
#define FAULTS_H

/* clang-format off */
#define FAULTS(X) \
	X(CRASH,           "process crashes",                            20) \
	X(PAUSE,           "process stops for up to two minutes",        10) \
	X(BUSY,            "process is busy for a moment",              100) \
	X(DB_LOST,         "connection dies",                            60) \
	X(DB_OUTAGE,       "database is away for a while",                5) \
	X(DB_ORPHAN,       "statement of a dead connection runs later", 500) \
	X(DB_SLOW,         "statement waits for a lock",                 60) \
	X(DB_DEADLOCK,     "statement is a deadlock's victim",           60) \
	X(DB_REFUSED,      "statement is refused",                       20) \
	X(NOTIFY_LOST,     "notification is lost",                      500) \
	X(NET_REFUSED,     "carrier refuses the connection",            300) \
	X(NET_SLOW,        "connecting takes seconds",                  200) \
	X(NET_LOST,        "request is lost on the way",                200) \
	X(NET_LATE,        "request arrives seconds later",             200) \
	X(NET_RESET,       "connection is reset behind the request",    200) \
	X(NET_ANSWER_LOST, "answer is lost on the way",                 300) \
	X(BUSY_429,        "carrier answers 429",                       300) \
	X(REFUSE_GUEST,    "carrier refuses the guest's number",        100) \
	X(REFUSE_US,       "carrier refuses our account",               200) \
	X(ERROR_5XX,       "carrier answers 5xx, took nothing",         200) \
	X(ERROR_TAKEN,     "carrier answers 5xx, took it",              200) \
	X(SLOW_ACCEPT,     "carrier takes it seconds later",            300) \
	X(SLOW_ANSWER,     "carrier takes it, answers much later",      300) \
	X(MALFORMED,       "carrier takes it, answers nonsense",        200) \
	X(SLOW_QUEUE,      "text waits in the carrier's queue",         300) \
	X(NEVER_LEFT,      "text fails before it left the carrier",     300) \
	X(UNDELIVERED,     "text is sent, and does not arrive",         200) \
	X(CONTRADICTS,     "carrier reports sent, then never left",     200) \
	X(NO_RECEIPT,      "carrier never reports the end",             200) \
	X(HOOK_LOST,       "callback is lost",                          400) \
	X(HOOK_TWICE,      "callback comes twice",                      400) \
	X(HOOK_LATE,       "callback comes a minute late",              300) \
	X(HOOK_ANSWER_LOST,"our answer to a callback is lost",          300) \
	X(FORGED,          "forged callback",                           300) \
	X(LOOK_AWAY,       "look-up is not answered",                 1000) \
	X(LIST_LATE,       "look-up does not show the text yet",        700) \
	X(CARRIER_AWAY,    "carrier is out of reach for a while",         5) \
	X(GUEST_WRITES,    "guest writes STOP, START or something else", 500) \
	X(PACED,           "numbers and carriers have a slow pace",     1000) \
	X(DRAINED,         "an operator drains a carrier for a while",     5) \
	X(CANCEL,          "client cancels a message",                   600) \
	X(QUIET,           "quiet hours",                               1000) \
	X(SEND_LATER,      "message is for later",                       300) \
	X(ARRIVE_BY,       "message is rather sent twice than late",     200) \
	X(CLIENT_TWICE,    "client posts twice",                        400) \
	X(SAME_WORDS,      "two texts of the same words",               400)
/* clang-format on */

enum fault {
#define X(name, words, most) FAULT_##name,
	FAULTS(X)
#undef X
		FAULT_KINDS
};

/* Guards outside of the production code that a run may leave out: `sim --without NAME`. */
#define GUARDS(X)                                                                                  \
	X(FENCE, "fence", "at most one attempt is live, and only the last claim opens one")        \
	X(STOP_CHECK, "stop_check", "opening an attempt reads the opt-out")                        \
	X(STOP_LOCK, "stop_lock", "... under a lock that STOP takes too")                          \
	X(STOP_FIRST, "stop_first", "a STOP is committed before its 200")                          \
	X(INTENT, "intent", "an attempt's row is committed before a byte leaves")                  \
	X(DEADLINE, "deadline", "the body is handed over only before write_by")                    \
	X(VALIDITY, "validity", "past the validity period Twilio drops a text")                    \
	X(LOOK_COMPLETE, "look_complete", "a look-up after dead_at shows every text")              \
	X(NEVER_WRITTEN, "never_written",                                                          \
	  "an own attempt is closed when its second run may not send it")                          \
	X(SAID_SENT, "said_sent", "what was reported as sent moves on to no other carrier")        \
	X(RANK, "rank", "a message's rank only rises")                                             \
	X(REPLY_ONCE, "reply_once", "a guest's text is put into its thread once")                  \
	X(SIGNATURE, "signature", "a callback that the carrier did not sign is refused")           \
	X(RERUN, "rerun", "a statement that is run twice leaves what one run leaves")

enum guard {
	GUARD_NONE,
#define X(name, word, promise) GUARD_##name,
	GUARDS(X)
#undef X
		GUARD_NUM
};

struct fault_kind {
	const char *name, *words;
	unsigned most; /* its rate is drawn from 0 to this, of 1000 */
};

struct guard_kind {
	const char *word, *promise;
};

extern const struct fault_kind fault_kinds[FAULT_KINDS];
extern const struct guard_kind guard_kinds[GUARD_NUM];
extern enum guard without; /* the one that is left out of this run */

#endif
