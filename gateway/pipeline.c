/* pipeline.c - starts them from the first to the last, then waits for each. */
#include "pipeline.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define STAGES_MAX 4

extern char **environ;

static pid_t start(const struct stage *s, int in, int out)
{
	posix_spawn_file_actions_t files;
	pid_t pid;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	int failed = posix_spawnp(&pid, s->argv[0], &files, NULL, (char *const *)s->argv, environ);

	posix_spawn_file_actions_destroy(&files);
	if (!failed)
		return pid;
	fprintf(stderr, "maitred: %s cannot be run: %s. apt-get install %s\n", s->argv[0],
		strerror(failed), s->package);
	return -1;
}

static bool ended_well(const struct stage *s, pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		assert(errno == EINTR);
	if (WIFSIGNALED(status))
		fprintf(stderr, "maitred: %s was ended by signal %d.\n", s->argv[0],
			WTERMSIG(status));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int pipeline_run(const struct stage *stages, size_t num, int in, int out)
{
	pid_t pids[STAGES_MAX];
	size_t started = 0;
	int from = in;
	bool well = true;

	assert(num && num <= STAGES_MAX);
	for (; started < num && well; started++) {
		int ends[2] = { -1, out };

		if (started + 1 < num && pipe2(ends, O_CLOEXEC)) {
			perror("maitred: pipe");
			break;
		}
		pids[started] = start(&stages[started], from, ends[1]);
		well = pids[started] >= 0;
		if (from != in)
			close(from);
		if (ends[1] != out)
			close(ends[1]);
		from = ends[0];
	}
	well &= started == num;
	if (from >= 0 && from != in)
		close(from);
	for (size_t i = 0; i < started; i++)
		well &= pids[i] >= 0 && ended_well(&stages[i], pids[i]);
	return well ? EX_OK : EX_UNAVAILABLE;
}
