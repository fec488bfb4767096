/*
 * crash_report.h - one last line when the process dies of a signal that it did not ask for: a wild
 * pointer, a failed assertion. It says when, of what, in which thread, and the addresses of the
 * calls, counted from where the program was loaded: `addr2line -e maitred 0x1234` names the line.
 * Nothing of a guest is in it. Then the process ends as it would have without.
 */
#ifndef CRASH_REPORT_H
#define CRASH_REPORT_H

#include "arena.h"

struct crash_settings {
	struct str service, version; /* of the line */
	bool json;		     /* else readable */
	struct str dir; /* an existing folder that keeps the last one; empty: none does */
};

/* Before any thread is started. What a sanitizer watches itself is left to it. */
void crash_report_setup(const struct crash_settings *s);

/* At the start of each thread: its name in the line, static, and a stack for the handler. */
void crash_report_thread(const char *name);
void crash_report_thread_end(void);

/* Signals that a thread must not block: one that is blocked ends the process without a word. */
struct crash_signals {
	const int *at;
	size_t num;
};

struct crash_signals crash_report_signals(void);

/*
 * Takes the last crash out of the folder: its line of JSON, in the arena, once for all processes
 * that share the folder. Empty: there was none.
 */
struct str crash_report_take(struct arena *a, struct str dir);

#endif
