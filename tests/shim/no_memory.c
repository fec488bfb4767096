/*
 * no_memory.c - preloaded into a gateway by a test: after SIGUSR2 the NO_MEMORY_AT-th allocation
 * fails, and so do the next ones, NO_MEMORY_NUM in all. It says so once.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t num, size_t size);
void *__libc_realloc(void *p, size_t size);

static const char said[] = "no memory\n";
static unsigned long first, after;
static atomic_bool armed;
static atomic_ulong count;

static void arm(int signal)
{
	(void)signal;
	armed = true;
}

__attribute__((constructor)) static void set_up(void)
{
	const char *at = getenv("NO_MEMORY_AT"), *num = getenv("NO_MEMORY_NUM");

	first = at ? strtoul(at, NULL, 10) : 0;
	after = first + (num ? strtoul(num, NULL, 10) : 1);
	signal(SIGUSR2, arm);
}

static bool is_out(void)
{
	unsigned long n;

	if (!armed)
		return false;
	n = atomic_fetch_add(&count, 1) + 1;
	if (n < first || n >= after)
		return false;
	if (n == first && write(STDERR_FILENO, said, sizeof(said) - 1) < 0)
		return true;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return is_out() ? NULL : __libc_malloc(size);
}

void *calloc(size_t num, size_t size)
{
	return is_out() ? NULL : __libc_calloc(num, size);
}

void *realloc(void *p, size_t size)
{
	return is_out() ? NULL : __libc_realloc(p, size);
}
