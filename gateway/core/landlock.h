/*
 * landlock.h - the kernel's landlock, for which libc has no functions yet: a process names the
 * files that it needs, and gets no others. Rules hold for the thread that ends them, and those that
 * it starts.
 */
#ifndef LANDLOCK_H
#define LANDLOCK_H

#include <stdbool.h>
#include <stdint.h>

int landlock_version(void);	       /* of the interface; below 1: the kernel has none */
uint64_t landlock_rights(int version); /* all that it can take away */
int landlock_begin(int version, uint64_t rights); /* a descriptor, or -1 */
/* What is beneath `fd` may be read, and with `write` made and replaced. Does nothing on errors. */
void landlock_allow(int rules, uint64_t rights, int fd, bool write);
bool landlock_end(int rules); /* true when the kernel refuses */

#endif
