/* sandbox.c - seccomp for system calls, by libseccomp; landlock for files, where there is one. */
#include "sandbox.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "landlock.h"
#include "sandbox_calls.h"

#define CALLS_MAX 512
#define NAME_MAX_BYTES 24
#define WHOLE UINT64_MAX

static char call_names[CALLS_MAX][NAME_MAX_BYTES];

const char *sandbox_call_name(int number)
{
	bool known = number >= 0 && number < CALLS_MAX && *call_names[number];

	return known ? call_names[number] : "?";
}

static void keep_call_names(void)
{
	for (int i = 0; i < CALLS_MAX; i++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i);

		snprintf(call_names[i], NAME_MAX_BYTES, "%s", name ? name : "");
		free(name);
	}
}

/* ---- paths ---- */

static void add(struct sandbox *s, const char *path, bool write)
{
	assert(s->num < SANDBOX_PATHS_MAX);
	s->paths[s->num++] = (struct sandbox_path){ path, write };
}

void sandbox_read(struct sandbox *s, const char *path)
{
	add(s, path, false);
}

void sandbox_write(struct sandbox *s, const char *folder)
{
	add(s, folder, true);
}

static const char *folder_of(struct arena *a, const char *file)
{
	const char *slash = strrchr(file, '/');

	if (!slash)
		return ".";
	return slash == file ? "/" : arena_cstr(a, (struct str){ file, (size_t)(slash - file) });
}

void sandbox_read_beside(struct sandbox *s, struct arena *a, struct str file)
{
	const char *path = arena_cstr(a, file);
	char *real;

	if (!file.len)
		return;
	sandbox_read(s, folder_of(a, path));
	real = realpath(path, NULL);
	if (real)
		sandbox_read(s, folder_of(a, real));
	free(real);
}

/* ---- files ---- */

/* A file has fewer rights than a folder, and the kernel takes no others. */
static void allow_path(int rules, uint64_t handled, const struct sandbox_path *p)
{
	int fd = open(p->path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return;
	landlock_allow(rules, handled, fd, p->write);
	/* what /proc shows is made anew unless somebody holds it */
	if (!str_starts(str_of(p->path), STR("/proc/")))
		close(fd);
}

static int restrict_files(const struct sandbox *s)
{
	int version = landlock_version(), rules;
	uint64_t handled = landlock_rights(version);

	if (version < 1)
		return 0;
	rules = landlock_begin(version, handled);
	if (rules < 0)
		return 0;
	for (size_t i = 0; i < s->num; i++)
		allow_path(rules, handled, &s->paths[i]);
	if (landlock_end(rules))
		version = 0;
	close(rules);
	return version;
}

/* ---- system calls ---- */

static bool rule(scmp_filter_ctx f, uint32_t action, int call, const struct scmp_arg_cmp *arg)
{
	int err = arg ? seccomp_rule_add_array(f, action, call, 1, arg) :
			seccomp_rule_add_array(f, action, call, 0, NULL);

	return err == 0 || err == -EDOM; /* this machine's kind has no such call */
}

static bool rules(scmp_filter_ctx f, uint32_t action, const int *calls, size_t num)
{
	bool ok = true;

	for (size_t i = 0; i < num; i++)
		ok &= rule(f, action, calls[i], NULL);
	return ok;
}

/* Calls that depend on an argument. */
static bool conditions(scmp_filter_ctx f)
{
	const uint64_t us = (uint64_t)getpid();
	const struct {
		int call;
		unsigned arg; /* of its arguments */
		uint64_t mask, value;
	} rows[] = {
		{ SCMP_SYS(socket), 0, WHOLE, AF_INET },
		{ SCMP_SYS(socket), 0, WHOLE, AF_INET6 },
		{ SCMP_SYS(socket), 0, WHOLE, AF_UNIX },
		/* getaddrinfo() asks for our own addresses there */
		{ SCMP_SYS(socket), 0, WHOLE, AF_NETLINK },
		{ SCMP_SYS(socketpair), 0, WHOLE, AF_UNIX },
		/* a thread, not a process */
		{ SCMP_SYS(clone), 0, CLONE_THREAD, CLONE_THREAD },
		{ SCMP_SYS(kill), 0, WHOLE, us },
		{ SCMP_SYS(tgkill), 0, WHOLE, us },
		/* to read limits, not to set them */
		{ SCMP_SYS(prlimit64), 2, WHOLE, 0 },
		{ SCMP_SYS(prctl), 0, WHOLE, PR_SET_NAME },
		{ SCMP_SYS(ioctl), 1, WHOLE, FIONBIO },
		{ SCMP_SYS(ioctl), 1, WHOLE, FIONREAD },
		{ SCMP_SYS(ioctl), 1, WHOLE, TCGETS },
		{ SCMP_SYS(ioctl), 1, WHOLE, TIOCGWINSZ },
		/* memory is written or run, never both, and never first one, then the other */
		{ SCMP_SYS(mmap), 2, PROT_EXEC, 0 },
		{ SCMP_SYS(mmap), 2, PROT_EXEC | PROT_WRITE, PROT_EXEC },
		{ SCMP_SYS(mprotect), 2, PROT_EXEC, 0 },
	};
	bool ok = true;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		ok &= rule(f, SCMP_ACT_ALLOW, rows[i].call,
			   &(struct scmp_arg_cmp){ rows[i].arg, SCMP_CMP_MASKED_EQ, rows[i].mask,
						   rows[i].value });
	return ok;
}

/* A process that shares our memory, stops our threads, and ends. */
static bool tracing(scmp_filter_ctx f)
{
	const uint64_t flags = CLONE_VM | CLONE_UNTRACED;
	const struct scmp_arg_cmp helper = { 0, SCMP_CMP_MASKED_EQ, flags, flags };
	const int calls[] = { SCMP_SYS(ptrace), SCMP_SYS(wait4), SCMP_SYS(prctl) };

	return rules(f, SCMP_ACT_ALLOW, calls, sizeof(calls) / sizeof(*calls)) &&
	       rule(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), &helper);
}

static bool restrict_calls(const struct sandbox *s)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_TRAP);
	bool ok = f && rules(f, SCMP_ACT_ALLOW, sandbox_allowed, SANDBOX_ALLOWED) &&
		  rules(f, SCMP_ACT_ERRNO(ENOSYS), sandbox_absent, SANDBOX_ABSENT) &&
		  conditions(f) && (!s->traced || tracing(f)) && seccomp_load(f) == 0;

	if (f)
		seccomp_release(f);
	return ok;
}

struct sandbox_state sandbox_enter(const struct sandbox *s)
{
	const struct rlimit none = { 0, 0 };
	struct sandbox_state state = { 0 };

	keep_call_names();
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		state.why = "the kernel has no no_new_privs";
		return state;
	}
	state.files = restrict_files(s);
	state.calls = restrict_calls(s);
	if (!state.calls)
		state.why = "seccomp was refused";
	else if (!state.files)
		state.why = "the kernel has no landlock";
	return state;
}
