/* crash.c - ends, or freezes, a test's gateway at the point, and the time, that CRASH_AT=point:n or
 * FREEZE_AT=point:n names. */
#include "crash.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KILLED 137 /* what a shell says after kill -9 */

static const char *const names[] = {
#define CRASH_STRING(name) #name,
	CRASH_POINTS(CRASH_STRING)
#undef CRASH_STRING
};

void crash_at(enum crash_point p)
{
	static unsigned times; /* tests that use it have one worker */
	const char *wanted = getenv("CRASH_AT"), *number;
	bool freeze = !wanted;
	size_t len = strlen(names[p]);

	if (freeze) /* for so long that others take over, until SIGCONT */
		wanted = getenv("FREEZE_AT");

	if (!wanted || strncmp(wanted, names[p], len) != 0 || wanted[len] != ':')
		return;
	number = wanted + len + 1;
	if (++times != strtoul(number, NULL, 10))
		return;
	if (freeze)
		raise(SIGSTOP);
	else
		_exit(KILLED);
}
