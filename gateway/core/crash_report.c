/*
 * crash_report.c - the handler, which calls nothing that is not safe in one, and what it needs to
 * know, gathered before.
 */
#include "crash_report.h"

#include <assert.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sandbox.h"

#define WORD_MAX 64
#define PATH_BYTES 512
#define LINE_MAX_BYTES 4096
#define FRAMES_MAX 48
#define MODULES_MAX 48
#define STACK_BYTES 65536
#define OWN_FRAMES 2 /* the handler, and what the kernel returns to */

/* A part of the process: the program, or a library. */
struct module {
	uintptr_t start, end, base;
	char name[WORD_MAX]; /* empty: the program */
};

static struct {
	char service[WORD_MAX], version[WORD_MAX], build[WORD_MAX];
	char path[PATH_BYTES]; /* empty: no file */
	bool json;
	struct module modules[MODULES_MAX];
	size_t module_num;
	atomic_flag dying;
} known = { .dying = ATOMIC_FLAG_INIT };

static __thread const char *thread_name = "main";
static __thread void *thread_stack;

/* SIGSYS: a system call that the sandbox does not know. */
static const int signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGSYS };

struct crash_signals crash_report_signals(void)
{
	return (struct crash_signals){ signals, sizeof(signals) / sizeof(*signals) };
}

/* ---- the line: no call here may allocate, lock, or format ---- */

struct crash {
	int signal, num;
	const char *call; /* SIGSYS: the system call; else NULL */
	struct timespec at;
	void *frames[FRAMES_MAX];
};

struct line {
	char p[LINE_MAX_BYTES];
	size_t len;
};

static void put(struct line *l, const char *s)
{
	while (*s && l->len < sizeof(l->p))
		l->p[l->len++] = *s++;
}

static void put_number(struct line *l, uint64_t n, unsigned base, unsigned digits)
{
	char text[24];
	size_t at = sizeof(text);

	text[--at] = '\0';
	do {
		text[--at] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n || sizeof(text) - 1 - at < digits);
	put(l, text + at);
}

/* "2026-02-02T02:50:02.148Z". Days to a date: Howard Hinnant, civil_from_days. */
static void put_time(struct line *l, struct timespec now)
{
	uint64_t second = (uint64_t)now.tv_sec % 86400,
		 days = (uint64_t)now.tv_sec / 86400 + 719468;
	uint64_t era = days / 146097, of_era = days % 146097;
	uint64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	uint64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	uint64_t shifted = (5 * of_year + 2) / 153,
		 month = shifted < 10 ? shifted + 3 : shifted - 9;

	put_number(l, year + era * 400 + (month <= 2), 10, 4);
	put(l, "-");
	put_number(l, month, 10, 2);
	put(l, "-");
	put_number(l, of_year - (153 * shifted + 2) / 5 + 1, 10, 2);
	put(l, "T");
	put_number(l, second / 3600, 10, 2);
	put(l, ":");
	put_number(l, second / 60 % 60, 10, 2);
	put(l, ":");
	put_number(l, second % 60, 10, 2);
	put(l, ".");
	put_number(l, (uint64_t)now.tv_nsec / 1000000, 10, 3);
	put(l, "Z");
}

static const char *signal_name(int number)
{
	switch (number) {
	case SIGSEGV:
		return "SIGSEGV";
	case SIGBUS:
		return "SIGBUS";
	case SIGABRT:
		return "SIGABRT";
	case SIGILL:
		return "SIGILL";
	case SIGSYS:
		return "SIGSYS";
	default:
		return "SIGFPE";
	}
}

/* "0x1234" of the program, "libc.so.6+0x1234" of a library. */
static void put_frame(struct line *l, uintptr_t at)
{
	const struct module *m = known.modules, *end = m + known.module_num;

	while (m < end && (at < m->start || at >= m->end))
		m++;
	if (m < end && *m->name) {
		put(l, m->name);
		put(l, "+");
	}
	put(l, "0x");
	put_number(l, m < end ? at - m->base : at, 16, 1);
}

static void put_frames(struct line *l, const struct crash *c)
{
	for (int i = OWN_FRAMES; i < c->num; i++) {
		if (i > OWN_FRAMES)
			put(l, " ");
		put_frame(l, (uintptr_t)c->frames[i]);
	}
}

/* A name and a value; values are our own words. */
static void put_pair(struct line *l, bool json, const char *name, const char *value)
{
	put(l, json ? "\"" : " ");
	put(l, name);
	put(l, json ? "\":\"" : "=");
	put(l, value);
	put(l, json ? "\"," : "");
}

static void write_line(struct line *l, bool json, const struct crash *c)
{
	put(l, json ? "{\"timestamp\":\"" : "");
	put_time(l, c->at);
	put(l, json ? "\",\"status\":\"error\"," : " error crash");
	if (json) {
		put_pair(l, json, "service", known.service);
		put_pair(l, json, "message", "crash");
		put_pair(l, json, "event", "crash");
	}
	put_pair(l, json, "signal", signal_name(c->signal));
	if (c->call)
		put_pair(l, json, "syscall", c->call);
	put_pair(l, json, "thread", thread_name);
	put_pair(l, json, "version", known.version);
	put_pair(l, json, "build", known.build);
	put(l, json ? "\"frames\":\"" : " frames=");
	put_frames(l, c);
	put(l, json ? "\"}\n" : "\n");
}

static void send_line(int fd, const struct line *l)
{
	ssize_t written = fd < 0 ? 0 : write(fd, l->p, l->len);

	(void)written; /* nowhere left to complain */
}

/* ---- the handler ---- */

static void on_crash(int number, siginfo_t *info, void *machine)
{
	static struct line line; /* only one thread gets here */
	struct crash c = { .signal = number };
	sigset_t this_one;

	(void)machine;
	if (number == SIGSYS)
		c.call = sandbox_call_name(info->si_syscall);
	if (atomic_flag_test_and_set(&known.dying))
		poll(NULL, 0, 1000); /* another thread is dying: let it say so */
	else {
		int fd = -1;

		c.num = backtrace(c.frames, FRAMES_MAX);
		clock_gettime(CLOCK_REALTIME, &c.at);
		write_line(&line, known.json, &c);
		send_line(STDERR_FILENO, &line);
		if (*known.path)
			fd = open(known.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		line.len = 0;
		write_line(&line, true, &c);
		send_line(fd, &line);
	}
	signal(number, SIG_DFL);
	sigemptyset(&this_one);
	sigaddset(&this_one, number);
	raise(number);
	pthread_sigmask(SIG_UNBLOCK, &this_one, NULL); /* here it ends */
}

/* ---- what it has to know ---- */

/* Anything but plain letters would have to be escaped. */
static void keep_word(char out[WORD_MAX], struct str s)
{
	size_t n = 0;

	for (; n < s.len && n < WORD_MAX - 1; n++)
		out[n] = s.p[n] > ' ' && s.p[n] <= '~' && !strchr("\"\\", s.p[n]) ? s.p[n] : '_';
	out[n] = '\0';
}

static void keep_build(const struct dl_phdr_info *info, const ElfW(Phdr) * part)
{
	const char *at = (const char *)(info->dlpi_addr + part->p_vaddr), *end = at + part->p_memsz;

	while (at + sizeof(ElfW(Nhdr)) <= end) {
		const ElfW(Nhdr) *note = (const void *)at;
		size_t name = (note->n_namesz + 3u) & ~3u, text = (note->n_descsz + 3u) & ~3u;
		const unsigned char *id = (const unsigned char *)(note + 1) + name;

		if (note->n_type == NT_GNU_BUILD_ID)
			for (size_t i = 0; i < note->n_descsz && 2 * i + 3 < WORD_MAX; i++)
				snprintf(known.build + 2 * i, 3, "%02x", id[i]);
		at = (const char *)id + text;
	}
}

static int keep_module(struct dl_phdr_info *info, size_t size, void *first)
{
	bool program = !known.module_num && first;
	const char *slash = strrchr(info->dlpi_name, '/');
	struct module m = { .start = UINTPTR_MAX, .base = info->dlpi_addr };

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + part->p_vaddr;

		if (part->p_type == PT_NOTE && program)
			keep_build(info, part);
		if (part->p_type != PT_LOAD)
			continue;
		m.start = start < m.start ? start : m.start;
		m.end = start + part->p_memsz > m.end ? start + part->p_memsz : m.end;
	}
	if (!program)
		keep_word(m.name, str_of(slash ? slash + 1 : info->dlpi_name));
	if (known.module_num < MODULES_MAX)
		known.modules[known.module_num++] = m;
	return 0;
}

static void keep_path(struct str dir)
{
	int n = snprintf(known.path, sizeof(known.path), STR_FMT "/crash", STR_ARG(dir));

	if (!dir.len || n >= (int)sizeof(known.path))
		known.path[0] = '\0';
}

void crash_report_setup(const struct crash_settings *s)
{
	struct sigaction on = { .sa_sigaction = on_crash, .sa_flags = SA_ONSTACK | SA_SIGINFO },
			 now;
	void *frame;

	keep_word(known.service, s->service);
	keep_word(known.version, s->version);
	keep_path(s->dir);
	known.json = s->json;
	known.module_num = 0;
	dl_iterate_phdr(keep_module, &known); /* the program comes first */
	backtrace(&frame, 1);		      /* loads what it needs: not in a handler */
	crash_report_thread(thread_name);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		if (!sigaction(signals[i], NULL, &now) && now.sa_handler == SIG_DFL)
			sigaction(signals[i], &on, NULL);
}

void crash_report_thread(const char *name)
{
	stack_t stack = { .ss_size = STACK_BYTES }, now;

	thread_name = name;
	if (thread_stack || sigaltstack(NULL, &now) || !(now.ss_flags & SS_DISABLE))
		return; /* it has one: of ours, or of a sanitizer's */
	stack.ss_sp = thread_stack = malloc(STACK_BYTES);
	assert(thread_stack);
	sigaltstack(&stack, NULL);
}

void crash_report_thread_end(void)
{
	const stack_t none = { .ss_flags = SS_DISABLE };

	if (!thread_stack)
		return;
	sigaltstack(&none, NULL);
	free(thread_stack);
	thread_stack = NULL;
}

/* ---- the next start ---- */

struct str crash_report_take(struct arena *a, struct str dir)
{
	const char *path = arena_printf(a, STR_FMT "/crash", STR_ARG(dir)).p;
	const char *told = arena_printf(a, "%s.told", path).p;
	char *text = arena_alloc(a, LINE_MAX_BYTES);
	struct str line = { text, 0 };
	FILE *file;

	if (!dir.len || rename(path, told)) /* who gets it tells it */
		return STR("");
	file = fopen(told, "re");
	if (!file)
		return STR("");
	line.len = fread(text, 1, LINE_MAX_BYTES, file);
	fclose(file);
	return str_trim(line);
}
