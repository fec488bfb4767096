/*
 * sandbox_calls.h - the system calls that the gateway and its libraries make once it has begun.
 * All others end it: a new one is seen as a crash's line with `syscall=`, and belongs here or not.
 */
#ifndef SANDBOX_CALLS_H
#define SANDBOX_CALLS_H

#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* clang-format off */
#define SANDBOX_CALL(name) SCMP_SYS(name),
#define SANDBOX_CALLS(X) \
	/* descriptors */ \
	X(read) X(write) X(readv) X(writev) X(pread64) X(pwrite64) X(preadv) X(pwritev) X(lseek) \
	X(close) X(close_range) X(dup) X(dup2) X(dup3) X(fcntl) X(pipe) X(pipe2) X(eventfd2) \
	X(poll) X(ppoll) X(select) X(pselect6) \
	X(epoll_create) X(epoll_create1) X(epoll_ctl) X(epoll_wait) X(epoll_pwait) X(epoll_pwait2) \
	/* files: which, landlock says */ \
	X(open) X(openat) X(stat) X(lstat) X(fstat) X(newfstatat) X(statx) X(statfs) X(fstatfs) \
	X(access) X(faccessat) X(readlink) X(readlinkat) X(getdents) X(getdents64) X(getcwd) \
	X(fadvise64) X(rename) X(renameat) X(renameat2) X(unlink) X(unlinkat) X(fsync) \
	X(fdatasync) X(mkdir) X(mkdirat) \
	/* sockets, once there */ \
	X(connect) X(bind) X(listen) X(accept) X(accept4) X(shutdown) \
	X(getsockname) X(getpeername) X(getsockopt) X(setsockopt) \
	X(sendto) X(recvfrom) X(sendmsg) X(recvmsg) X(sendmmsg) X(recvmmsg) \
	/* memory */ \
	X(brk) X(munmap) X(mremap) X(madvise) X(mincore) X(mlock) X(munlock) X(membarrier) \
	/* threads and signals of our own */ \
	X(futex) X(set_robust_list) X(rseq) X(sched_yield) X(sched_getaffinity) X(getcpu) \
	X(gettid) X(getpid) X(getppid) X(exit) X(exit_group) X(restart_syscall) \
	X(rt_sigaction) X(rt_sigprocmask) X(rt_sigreturn) X(rt_sigtimedwait) X(rt_sigpending) \
	X(sigaltstack) \
	/* clocks, and what is known of us and the machine */ \
	X(clock_gettime) X(clock_getres) X(clock_nanosleep) X(nanosleep) X(gettimeofday) X(time) \
	X(getuid) X(geteuid) X(getgid) X(getegid) X(getresuid) X(getresgid) X(getgroups) \
	X(getrlimit) X(getrusage) X(times) X(uname) X(sysinfo) X(getrandom)

/* Their callers do without them. The first one's arguments no filter can read. */
#define SANDBOX_CALLS_ABSENT(X) \
	X(clone3) X(openat2) X(faccessat2) X(keyctl) X(add_key) X(request_key) X(futex_waitv) \
	X(io_uring_setup) X(io_uring_enter) X(io_uring_register)
/* clang-format on */

static const int sandbox_allowed[] = { SANDBOX_CALLS(SANDBOX_CALL) };
static const int sandbox_absent[] = { SANDBOX_CALLS_ABSENT(SANDBOX_CALL) };

#define SANDBOX_ALLOWED (sizeof(sandbox_allowed) / sizeof(*sandbox_allowed))
#define SANDBOX_ABSENT (sizeof(sandbox_absent) / sizeof(*sandbox_absent))

#endif
