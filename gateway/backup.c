/*
 * backup.c - `maitred backup`: what pg_dump makes of the database, into a folder, by way of age
 * when it is to be encrypted; beside it what guests wished for; and what is too old goes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "pg_environment.h"
#include "pipeline.h"
#include "str.h"
#include "wishes.h"

#define DAY_MS INT64_C(86400000)
#define KEEP_DAYS 7
#define KEEP_DAYS_MAX 3650
#define PREFIX "maitred-"
#define NAME_FORMAT PREFIX "%Y%m%dT%H%M%SZ.dump"
#define STAMP_BYTES (sizeof(PREFIX) - 1 + 16) /* "maitred-20261121T180000Z" */
#define WISHES "wishes.txt"
#define WISHES_PART "wishes.part"
#define DUMP_PART "dump.part"

static const char help[] =
	"Examples:\n"
	"  maitred backup /var/backups/maitred\n"
	"  maitred backup /var/backups/maitred --encrypt-to age1... --keep 14\n"
	"  maitred backup /var/backups/maitred --wishes\n"
	"\n"
	"Writes the database into the folder, and deletes backups of more than 7 days (--keep),\n"
	"the newest aside. Beside them wishes.txt says which guests were erased or said STOP,\n"
	"without their numbers: write it every minute (--wishes: only that), for a restore\n"
	"needs those that came after the backup. --encrypt-to takes an age recipient; the\n"
	"identity to read it with belongs elsewhere.\n";

struct backup {
	const char *folder, *recipient; /* recipient NULL: not encrypted */
	long keep_days;
	bool only_wishes;
	int dir; /* the folder, open */
	char name[64];
	off_t bytes;
};

static int complain(int status, const char *sentence)
{
	fprintf(stderr, "maitred backup: %s\n", sentence);
	return status;
}

static int complain_of(const char *name)
{
	fprintf(stderr, "maitred backup: %s cannot be written: %s.\n", name, strerror(errno));
	return EX_CANTCREAT;
}

/* ---- one file, whole or not at all ---- */

/* -1, errno set: also when another process writes it just now. */
static int open_part(const struct backup *b, const char *part)
{
	int fd = openat(b->dir, part, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB) && !ftruncate(fd, 0))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static int keep_part(const struct backup *b, int fd, const char *part, const char *name)
{
	if (fsync(fd) || renameat(b->dir, part, b->dir, name) || fsync(b->dir))
		return complain_of(name);
	return EX_OK;
}

static int write_wishes(const struct backup *b)
{
	int64_t since_ms = clock_wall_ms() - (b->keep_days + 2) * DAY_MS;
	int fd = open_part(b, WISHES_PART), status;
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (!out)
		return complain_of(WISHES);
	status = wishes_write(out, since_ms);
	if (status == EX_OK)
		status = fflush(out) ? complain_of(WISHES) : keep_part(b, fd, WISHES_PART, WISHES);
	fclose(out);
	return status;
}

/* ---- the database ---- */

static int dump(const struct backup *b, int fd)
{
	const char *loud = isatty(STDERR_FILENO) ? "--verbose" : NULL; /* progress: each table */
	const struct stage stages[] = {
		{ { "pg_dump", "--format=custom", "--enable-row-security", "--no-password", loud },
		  "postgresql-client-15" },
		{ { "age", "--recipient", b->recipient }, "age" },
	};

	return pipeline_run(stages, b->recipient ? 2 : 1, STDIN_FILENO, fd);
}

/* Its table of contents is read again; what is encrypted only who has the identity can read. */
static int look_at(const struct backup *b, int fd)
{
	const struct stage list = { { "pg_restore", "--list" }, "postgresql-client-15" };
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC), status = EX_OK;

	if (!b->recipient && lseek(fd, 0, SEEK_SET) == 0)
		status = pipeline_run(&list, 1, fd, nowhere);
	close(nowhere);
	return status;
}

static int write_dump(struct backup *b)
{
	time_t now = (time_t)(clock_wall_ms() / 1000);
	int fd = open_part(b, DUMP_PART);
	struct tm utc;
	struct stat st;

	if (fd < 0)
		return complain_of(b->folder);
	gmtime_r(&now, &utc);
	strftime(b->name, sizeof(b->name) - 4, NAME_FORMAT, &utc);
	if (b->recipient)
		memcpy(b->name + strlen(b->name), ".age", 5);
	int status = dump(b, fd);

	if (status == EX_OK)
		status = look_at(b, fd);
	if (status == EX_OK)
		status = keep_part(b, fd, DUMP_PART, b->name);
	b->bytes = fstat(fd, &st) ? 0 : st.st_size;
	close(fd);
	return status;
}

/* ---- what is too old ---- */

static bool is_backup(const char *name)
{
	const char *end = name + STAMP_BYTES;

	return strlen(name) > STAMP_BYTES && str_starts(str_of(name), STR(PREFIX)) &&
	       (strcmp(end, ".dump") == 0 || strcmp(end, ".dump.age") == 0);
}

/* The time is in the name: copying the folder elsewhere and back changes nothing. */
static unsigned delete_old(const struct backup *b)
{
	time_t then = (time_t)((clock_wall_ms() - b->keep_days * DAY_MS) / 1000);
	char oldest[64];
	unsigned gone = 0;
	struct tm utc;
	DIR *d = fdopendir(dup(b->dir));

	gmtime_r(&then, &utc);
	strftime(oldest, sizeof(oldest), NAME_FORMAT, &utc);
	/* cppcheck-suppress readdirCalled; a stream of our own is safe */
	for (struct dirent *e; d && (e = readdir(d));)
		if (is_backup(e->d_name) && strncmp(e->d_name, oldest, STAMP_BYTES) < 0 &&
		    strcmp(e->d_name, b->name) != 0)
			gone += unlinkat(b->dir, e->d_name, 0) == 0;
	if (d)
		closedir(d);
	return gone;
}

/* ---- the whole ---- */

static int run(struct backup *b)
{
	const char *url = gateway_database_url();
	char why[600];

	umask(0077);
	if (mkdir(b->folder, 0700) && errno != EEXIST)
		return complain_of(b->folder);
	b->dir = open(b->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->dir < 0)
		return complain_of(b->folder);
	if (!url || !*url)
		return complain(EX_CONFIG, "DATABASE_URL is missing.");
	if (!pg_environment(url, why, sizeof(why)))
		return complain(EX_CONFIG, why);
	int status = b->only_wishes ? EX_OK : write_dump(b);

	if (status == EX_OK)
		status = write_wishes(b);
	if (status == EX_OK && !b->only_wishes) {
		unsigned gone = delete_old(b);

		printf("%s/%s: %lld bytes; %u deleted that were older than %ld days.\n", b->folder,
		       b->name, (long long)b->bytes, gone, b->keep_days);
	}
	close(b->dir);
	return status;
}

static bool read_days(const char *text, long *days)
{
	long long n;

	if (!str_number(str_of(text), &n) || n < 1 || n > KEEP_DAYS_MAX)
		return false;
	*days = (long)n;
	return true;
}

int backup_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "encrypt-to", required_argument, NULL, 'e' },
		{ "keep", required_argument, NULL, 'k' },
		{ "wishes", no_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct backup b = { .keep_days = KEEP_DAYS };
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'e') {
			b.recipient = optarg;
		} else if (c == 'w') {
			b.only_wishes = true;
		} else if (c != 'k') {
			fputs(help, c == 'h' ? stdout : stderr);
			return c == 'h' ? EX_OK : EX_USAGE;
		} else if (!read_days(optarg, &b.keep_days)) {
			return complain(EX_USAGE, "--keep takes a number of days, 1 to 3650.");
		}
	}
	if (optind + 1 != argc)
		return complain(EX_USAGE, "It takes one folder. Try: maitred backup --help");
	b.folder = argv[optind];
	return run(&b);
}
