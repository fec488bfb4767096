/*
 * test_sandbox.c - in a process of its own each: what a gateway that was taken over would try is
 * refused, or ends it with a line that names the call; what it needs goes on working.
 */
#include "testing.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crash_report.h"
#include "deeds.h"
#include "sandbox.h"

static void in_child(const struct deed *r, int out)
{
	struct sandbox s = { .num = 0 };
	struct sandbox_state is;

	dup2(out, STDERR_FILENO);
	for (const char *const *p = (const char *const[]){ "/usr", "/lib", "/lib64", "/etc", NULL };
	     *p; p++)
		sandbox_read(&s, *p);
	sandbox_write(&s, deeds_inside);
	signal(SIGSYS, SIG_DFL); /* cmocka has a handler of its own */
	crash_report_setup(&(struct crash_settings){ STR("maitred"), STR("v1"), true, STR("") });
	is = sandbox_enter(&s);
	_exit(!is.calls || is.why ? 255 : r->act());
}

static void judge(const struct deed *r, int status, const char *said)
{
	char call[64];

	if (r->how != DEED_ENDS) {
		check(r->name, WIFEXITED(status));
		if (WEXITSTATUS(status) != r->how)
			fail_msg("row '%s': %s, expected %s", r->name,
				 strerror(WEXITSTATUS(status)), strerror(r->how));
		return;
	}
	snprintf(call, sizeof(call), "\"syscall\":\"%s\"", r->call ? r->call : "");
	check(r->name, WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	if (r->call && !(strstr(said, "\"signal\":\"SIGSYS\"") && strstr(said, call)))
		fail_msg("row '%s': %s is not in: %s", r->name, call, said);
}

static void each_thing(void **state)
{
	(void)state;
	deeds_begin();
	for (const struct deed *r = deeds; r->name; r++) {
		char said[8192] = "";
		int ends[2], status;
		ssize_t n;

		deeds_again();
		assert_int_equal(pipe(ends), 0);
		pid_t child = fork();
		if (!child)
			in_child(r, ends[1]);
		close(ends[1]);
		for (size_t at = 0; (n = read(ends[0], said + at, sizeof(said) - 1 - at)) > 0;)
			at += (size_t)n;
		close(ends[0]);
		assert_int_equal(waitpid(child, &status, 0), child);
		judge(r, status, said);
	}
}

/* ---- files that are replaced ---- */

static bool named(const struct sandbox *s, const char *path)
{
	for (size_t i = 0; i < s->num; i++)
		if (strcmp(s->paths[i].path, path) == 0 && !s->paths[i].write)
			return true;
	return false;
}

/* As certbot has it: live/cert.pem is a link to archive/cert1.pem, and next month to cert2.pem. */
static void replaced(void **state)
{
	char live[64], link[80], real[64];
	struct arena *a = arena_new();
	struct sandbox s = { .num = 0 };

	(void)state;
	snprintf(live, sizeof(live), "%s/live", deeds_inside);
	assert_int_equal(mkdir(live, 0700), 0);
	snprintf(link, sizeof(link), "%s/cert.pem", live);
	touch(real, sizeof(real), deeds_outside, "cert1.pem");
	assert_int_equal(symlink(real, link), 0);
	sandbox_read_beside(&s, a, str_of(link));
	assert_true(named(&s, live) && named(&s, deeds_outside));
	sandbox_read_beside(&s, a, STR(""));
	assert_int_equal(s.num, 2);
	sandbox_read_beside(&s, a, STR("/vmlinuz"));
	assert_true(named(&s, "/"));
	unlink(link);
	unlink(real);
	rmdir(live);
	arena_free(a);
	deeds_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_thing),
		cmocka_unit_test(replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
