/*
 * test_crash_report.c - a failed assertion leaves one line and a file, from any thread; the status
 * of the process is what it would have been; the next start takes the file once.
 */
#include "testing.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crash_report.h"
#include "json.h"

static char dir[] = "/tmp/crash-XXXXXX";

static void *break_down(void *arg)
{
	crash_report_thread("worker");
	assert(arg);
	return NULL;
}

static void fail_in_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, break_down, NULL);
	pthread_join(thread, NULL);
}

/* Runs it in a process of its own; what that wrote to standard error, and its status. */
static struct str die(struct arena *a, void (*how)(void), bool json, int *status)
{
	const struct crash_settings settings = { STR("front desk"), STR("v7\"x"), json,
						 str_of(dir) };
	char *text = arena_alloc(a, 16384);
	struct str said = { text, 0 };
	int ends[2];
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	if (!fork()) {
		dup2(ends[1], STDERR_FILENO);
		crash_report_setup(&settings);
		how();
		_exit(0);
	}
	close(ends[1]);
	while ((n = read(ends[0], text + said.len, 16384 - said.len)) > 0)
		said.len += (size_t)n;
	close(ends[0]);
	wait(status);
	return said;
}

static struct str line_with(struct str text, const char *word)
{
	while (text.len) {
		struct str line = str_cut(&text, '\n');

		for (size_t i = 0; i < line.len; i++)
			if (str_starts(str_from(line, i), str_of(word)))
				return line;
	}
	return text;
}

static void assertions(void **state)
{
	struct arena *a = arena_new();
	const char *why = "";
	int status;
	struct str said = die(a, fail_in_thread, true, &status);
	const struct json *j = json_parse(a, line_with(said, "\"event\""), &why);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_non_null(j);
	assert_true(line_with(said, "Assertion").len > 0);
	assert_true(str_is(json_str(j, "signal"), "SIGABRT"));
	assert_true(str_is(json_str(j, "thread"), "worker"));
	assert_true(str_is(json_str(j, "service"), "front_desk"));
	assert_true(str_is(json_str(j, "version"), "v7_x"));
	assert_int_equal(json_str(j, "build").len, 40);
	assert_int_equal(json_str(j, "timestamp").len, sizeof("2026-02-02T02:50:02.148Z") - 1);
	assert_true(line_with(json_str(j, "frames"), "0x").len > 0);
	struct str kept = crash_report_take(a, str_of(dir));

	assert_true(str_is(json_str(json_parse(a, kept, &why), "signal"), "SIGABRT"));
	assert_int_equal(crash_report_take(a, str_of(dir)).len, 0);
	assert_int_equal(crash_report_take(a, STR("")).len, 0);
	assert_int_equal(crash_report_take(a, STR("/nowhere")).len, 0);
	arena_free(a);
}

static void readable(void **state)
{
	struct arena *a = arena_new();
	int status;
	struct str said = die(a, abort, false, &status);
	struct str line = line_with(said, " error crash signal=SIGABRT thread=main ");

	(void)state;
	assert_true(line.len > 0);
	assert_true(line_with(line, " frames=").len > 0);
	assert_int_equal(WTERMSIG(status), SIGABRT);
	arena_free(a);
}

static void quiet(void)
{
}

static void nothing(void **state)
{
	struct arena *a = arena_new();
	int status;

	(void)state;
	crash_report_take(a, str_of(dir));
	assert_int_equal(die(a, quiet, true, &status).len, 0);
	assert_int_equal(status, 0);
	assert_int_equal(crash_report_take(a, str_of(dir)).len, 0);
	arena_free(a);
}

static int make_dir(void **state)
{
	(void)state;
	return !mkdtemp(dir);
}

static int remove_dir(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/crash.told", dir);
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(assertions),
		cmocka_unit_test(readable),
		cmocka_unit_test(nothing),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
