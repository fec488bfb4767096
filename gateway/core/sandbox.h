/*
 * sandbox.h - what this process gives up once it has begun, so that who takes it over gets little:
 * no program is started, no process is made or traced, no socket is opened but of the Internet and
 * of this machine; files are read where they are needed, and written in the folders that are
 * configured; nobody may look into its memory, and it leaves no core. Who tries all the same ends
 * it with SIGSYS, and a crash's line that names the call (crash_report.h). Needs no rights.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include "arena.h"

#define SANDBOX_PATHS_MAX 32

struct sandbox_path {
	const char *path;
	bool write; /* a folder, to make and replace files in */
};

struct sandbox {
	struct sandbox_path paths[SANDBOX_PATHS_MAX];
	size_t num;
	bool traced; /* by itself: what a sanitizer does to look for leaks */
};

/* What is beneath a folder, or one file. The path is borrowed; what is not there is left out. */
void sandbox_read(struct sandbox *s, const char *path);
void sandbox_write(struct sandbox *s, const char *folder);
/*
 * A file that may be replaced while we run, by a rename or by a link that points elsewhere: all
 * that stands beside it, and beside what it is a link to. Copied into `a`.
 */
void sandbox_read_beside(struct sandbox *s, struct arena *a, struct str file);

/* What holds, for the log. */
struct sandbox_state {
	bool calls;	 /* only known system calls: seccomp */
	int files;	 /* version of landlock's interface; 0: the kernel has none */
	const char *why; /* not all of it: static; else NULL */
};

/* This thread and those that it starts from here on. It cannot be undone. */
struct sandbox_state sandbox_enter(const struct sandbox *s);

/* "execve", or "?" for one unknown; safe in a signal's handler, after sandbox_enter(). */
const char *sandbox_call_name(int number);

#endif
