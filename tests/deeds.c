/* deeds.c - the deeds, and their table. */
#include "deeds.h"

#include "testing.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

char deeds_inside[] = "/tmp/sandbox-XXXXXX", deeds_outside[] = "/tmp/outside-XXXXXX";
static char inside_file[64], outside_file[64], gone_file[64];

static int result(long n)
{
	return n < 0 ? errno : 0;
}

/* ---- what ends it ---- */

static int run_program(void)
{
	char *argv[] = { "true", NULL };

	return result(execv("/usr/bin/true", argv));
}

static int run_by_descriptor(void)
{
	char *argv[] = { "true", NULL };
	int fd = open("/usr/bin/true", O_RDONLY | O_CLOEXEC);

	return result(fexecve(fd, argv, environ));
}

static int make_process(void)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	return result(child);
}

static int make_process_old(void)
{
	long child = syscall(SYS_fork);

	if (!child)
		_exit(0);
	return result(child);
}

static int run_shell(void)
{
	FILE *f = popen("true", "r");

	return f ? pclose(f) : errno;
}

static int trace_parent(void)
{
	return result(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int read_parent(void)
{
	return result(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0));
}

static int kill_parent(void)
{
	return result(kill(getppid(), 0));
}

static int packets(void)
{
	return result(socket(AF_PACKET, SOCK_RAW, 0));
}

static int kernel_crypto(void)
{
	return result(socket(AF_ALG, SOCK_SEQPACKET, 0));
}

static int run_written_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int make_memory_run(void)
{
	void *p = mmap(NULL, 4096, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return result(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int new_namespace(void)
{
	return result(syscall(SYS_unshare, 0x10000000));
}

static int become_another(void)
{
	return result(setuid(1));
}

static int be_looked_into(void)
{
	return result(prctl(PR_SET_DUMPABLE, 1));
}

static int raise_core(void)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	return result(setrlimit(RLIMIT_CORE, &all));
}

static int make_folder(void)
{
	return result(mkdir(gone_file, 0700));
}

static int change_mode(void)
{
	return result(chmod(inside_file, 04755));
}

/* ---- what is refused ---- */

static int open_it(const char *path, int flags)
{
	return result(open(path, flags | O_CLOEXEC, 0600));
}

static int write_outside(void)
{
	return open_it(outside_file, O_WRONLY);
}

static int cut_outside(void)
{
	return open_it(outside_file, O_RDONLY | O_TRUNC);
}

static int create_outside(void)
{
	return open_it(gone_file, O_WRONLY | O_CREAT);
}

static int read_outside(void)
{
	return open_it(outside_file, O_RDONLY);
}

static int remove_outside(void)
{
	return result(unlink(outside_file));
}

static int move_outside(void)
{
	return result(rename(inside_file, gone_file));
}

static int write_program(void)
{
	return open_it("/usr/bin/true", O_WRONLY);
}

static int read_parents_environment(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)getppid());
	return open_it(path, O_RDONLY);
}

static int begin_ring(void)
{
	return result(syscall(SYS_io_uring_setup, 1, NULL));
}

/* ---- what goes on ---- */

static int write_inside(void)
{
	char other[80];
	int fd = open(inside_file, O_WRONLY | O_TRUNC | O_CLOEXEC);

	snprintf(other, sizeof(other), "%s.2", inside_file);
	return fd < 0 || write(fd, "x", 1) != 1 || rename(inside_file, other) || unlink(other) ?
		       errno :
		       0;
}

static int read_library(void)
{
	return open_it("/usr/lib/os-release", O_RDONLY);
}

static void *nothing(void *arg)
{
	free(malloc(1 << 20));
	return arg;
}

static int start_thread(void)
{
	pthread_t t;
	int err = pthread_create(&t, NULL, nothing, NULL);

	return err ? err : pthread_join(t, NULL);
}

static int resolve(void)
{
	struct addrinfo *all = NULL;
	int err = getaddrinfo("localhost", "80", NULL, &all);

	if (all)
		freeaddrinfo(all);
	return err ? EIO : 0;
}

static int connect_here(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int ears = socket(AF_INET, SOCK_STREAM, 0), mouth = socket(AF_INET, SOCK_STREAM, 0);

	return bind(ears, (void *)&at, len) || listen(ears, 1) ||
			       getsockname(ears, (void *)&at, &len) ||
			       connect(mouth, (void *)&at, len) || accept(ears, NULL, NULL) < 0 ?
		       errno :
		       0;
}

static int no_core(void)
{
	struct rlimit core;

	return getrlimit(RLIMIT_CORE, &core) || core.rlim_max ? EIO : 0;
}

/* ---- the table ---- */

/* clang-format off */
const struct deed deeds[] = {
	{ "execve", run_program, DEED_ENDS, "execve" },
	{ "execveat", run_by_descriptor, DEED_ENDS, "execveat" },
	{ "fork", make_process, DEED_ENDS, "clone" },
	{ "the old fork", make_process_old, DEED_ENDS, "fork" },
	{ "a shell", run_shell, DEED_ENDS, NULL }, /* libc blocks all signals there: no line */
	{ "ptrace", trace_parent, DEED_ENDS, "ptrace" },
	{ "another's memory", read_parent, DEED_ENDS, "process_vm_readv" },
	{ "a signal to another", kill_parent, DEED_ENDS, "kill" },
	{ "packets", packets, DEED_ENDS, "socket" },
	{ "the kernel's ciphers", kernel_crypto, DEED_ENDS, "socket" },
	{ "memory written and run", run_written_memory, DEED_ENDS, "mmap" },
	{ "memory written, then run", make_memory_run, DEED_ENDS, "mprotect" },
	{ "a namespace", new_namespace, DEED_ENDS, "unshare" },
	{ "another user", become_another, DEED_ENDS, "setuid" },
	{ "to be looked into", be_looked_into, DEED_ENDS, "prctl" },
	{ "a core", raise_core, DEED_ENDS, "prlimit64" },
	{ "a set-user-id file", change_mode, DEED_ENDS, "chmod" },
	{ "writing outside", write_outside, EACCES, NULL },
	{ "cutting outside", cut_outside, EACCES, NULL },
	{ "creating outside", create_outside, EACCES, NULL },
	{ "reading outside", read_outside, EACCES, NULL },
	{ "a folder outside", make_folder, EACCES, NULL },
	{ "removing outside", remove_outside, EACCES, NULL },
	{ "moving outside", move_outside, EACCES, NULL },
	{ "writing a program", write_program, EACCES, NULL },
	{ "another's environment", read_parents_environment, EACCES, NULL },
	{ "io_uring", begin_ring, ENOSYS, NULL },
	{ "writing inside", write_inside, DEED_GOES, NULL },
	{ "reading a library", read_library, DEED_GOES, NULL },
	{ "a thread", start_thread, DEED_GOES, NULL },
	{ "a name", resolve, DEED_GOES, NULL },
	{ "a connection", connect_here, DEED_GOES, NULL },
	{ "no core", no_core, DEED_GOES, NULL },
	{ 0 },
};
/* clang-format on */

void touch(char *path, size_t size, const char *in, const char *name)
{
	snprintf(path, size, "%s/%s", in, name);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

void deeds_again(void)
{
	touch(inside_file, sizeof(inside_file), deeds_inside, "kept");
}

void deeds_begin(void)
{
	assert_non_null(mkdtemp(deeds_inside));
	assert_non_null(mkdtemp(deeds_outside));
	deeds_again();
	touch(outside_file, sizeof(outside_file), deeds_outside, "secret");
	snprintf(gone_file, sizeof(gone_file), "%s/new", deeds_outside);
}

void deeds_end(void)
{
	unlink(inside_file);
	unlink(outside_file);
	rmdir(deeds_inside);
	rmdir(deeds_outside);
}
