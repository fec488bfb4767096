/* metrics_process.c - what Linux says of this process: processor time, memory, descriptors. */
#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "metrics_read.h"

static int64_t started_ms; /* as near as one gets: set before main() */

__attribute__((constructor)) static void note_start(void)
{
	started_ms = clock_wall_ms();
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* The second number of /proc/self/statm: pages in memory. */
static double resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	char line[128] = "";
	long long pages = 0;

	if (!f)
		return 0;
	struct str rest = str_of(fgets(line, sizeof(line), f));

	fclose(f);
	str_cut(&rest, ' ');
	str_number(str_cut(&rest, ' '), &pages);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	double n = -3; /* itself, "." and ".." */

	if (!d)
		return 0;
	/* cppcheck-suppress readdirCalled; a stream of our own is safe */
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

void metrics_process(struct metrics *all)
{
	struct rusage used;
	struct rlimit files;

	if (!getrusage(RUSAGE_SELF, &used))
		metrics_put(all, METRIC_CPU, NO_LABELS,
			    seconds(used.ru_utime) + seconds(used.ru_stime));
	metrics_put(all, METRIC_RSS, NO_LABELS, resident_bytes());
	metrics_put(all, METRIC_OPEN_FDS, NO_LABELS, open_files());
	if (!getrlimit(RLIMIT_NOFILE, &files))
		metrics_put(all, METRIC_MAX_FDS, NO_LABELS, (double)files.rlim_cur);
	metrics_put(all, METRIC_STARTED, NO_LABELS, (double)started_ms / 1000);
}
