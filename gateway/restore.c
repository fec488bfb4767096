/*
 * restore.c - `maitred restore`: a backup into an empty database, this version's schema over it,
 * and then all that keeps the past from happening twice: restored.sql, attempt_open.sql.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "migrate.h"
#include "once.h"
#include "pg_environment.h"
#include "pipeline.h"
#include "wishes.h"

#define PATH_BYTES 4096
#define ENCRYPTED "age-encryption.org/"

static const char help[] =
	"Examples:\n"
	"  maitred restore /var/backups/maitred/maitred-20261121T020000Z.dump\n"
	"  maitred restore FILE.dump.age --identity key.txt\n"
	"  maitred restore --already --wishes wishes.txt\n"
	"  maitred restore --trust\n"
	"\n"
	"Brings a backup back into an empty database, then does again what guests had wished\n"
	"for after it: wishes.txt beside it, or --wishes FILE (--no-wishes: there is none, so\n"
	"guests who were erased since are back). Then start the gateway: it sends nothing until\n"
	"each carrier has told what guests wrote meanwhile, and asks the carriers for each text\n"
	"of the next hour before it is sent. When a carrier cannot tell, --trust lets texts go.\n"
	"Everybody signs in again.\n"
	"--already: the database was brought back in another way, as by its host; all the rest\n"
	"is done, before a gateway starts.\n";

static const char is_empty[] =
	"DO $$ BEGIN IF EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public') THEN "
	"RAISE EXCEPTION 'The database is not empty: restore into a new one.'; END IF; END $$";

struct restore {
	const char *file;     /* NULL: the database is there already */
	const char *identity; /* NULL: not encrypted */
	const char *wishes;   /* NULL: there are none */
	char beside[PATH_BYTES];
	struct gateway gateway;
};

static int complain(int status, const char *sentence)
{
	fprintf(stderr, "maitred restore: %s\n", sentence);
	return status;
}

static int complain_of(const char *file, const char *why)
{
	fprintf(stderr, "maitred restore: %s cannot be read: %s.\n", file, why);
	return EX_NOINPUT;
}

/* ---- before anything is touched ---- */

static int look_at_file(const struct restore *r, int fd)
{
	char head[sizeof(ENCRYPTED)] = "";
	ssize_t n = pread(fd, head, sizeof(head) - 1, 0);

	if (n < 0)
		return complain_of(r->file, strerror(errno));
	if (strcmp(head, ENCRYPTED) == 0 && !r->identity)
		return complain(EX_USAGE, "It is encrypted: give the key with --identity FILE.");
	return EX_OK;
}

static int look_at_wishes(const struct restore *r)
{
	if (!r->wishes || access(r->wishes, R_OK) == 0)
		return EX_OK;
	complain_of(r->wishes, strerror(errno));
	return complain(EX_NOINPUT,
			"Without it erased guests come back, and who said STOP since is "
			"texted again. Give --wishes FILE, or --no-wishes.");
}

static int look_at_database(const char *url)
{
	char why[600];

	if (!url || !*url)
		return complain(EX_CONFIG, "DATABASE_URL is missing.");
	if (!pg_environment(url, why, sizeof(why)))
		return complain(EX_CONFIG, why);
	return migrate_run(url, is_empty, why, sizeof(why)) ? EX_OK : complain(EX_UNAVAILABLE, why);
}

/* ---- the steps ---- */

/* In one transaction: all of it, or nothing. */
static int load(const struct restore *r, int fd)
{
	const char *loud = isatty(STDERR_FILENO) ? "--verbose" : NULL; /* progress: each table */
	const char *database = getenv("PGDATABASE");
	const struct stage stages[] = {
		{ { "age", "--decrypt", "--identity", r->identity }, "age" },
		{ { "pg_restore", "--dbname", database ? database : "", "--no-owner", "--no-acl",
		    "--no-password", "--single-transaction", "--exit-on-error", loud },
		  "postgresql-client-15" },
	};

	return r->identity ? pipeline_run(stages, 2, fd, STDOUT_FILENO) :
			     pipeline_run(stages + 1, 1, fd, STDOUT_FILENO);
}

static int bring_up(const char *url)
{
	char why[600];

	return migrate(url, why, sizeof(why)) ? EX_OK : complain(EX_UNAVAILABLE, why);
}

static int tell(void *ctx, const struct db_result *result)
{
	const struct restore *r = ctx;

	printf("%s is restored. What was done since " STR_FMT " is forgotten; " STR_FMT
	       " messages are in the queue.\n",
	       r->file ? r->file : "The database", STR_ARG(db_get(result, 0, 0)),
	       STR_ARG(db_get(result, 0, 1)));
	return EX_OK;
}

/* The file into the empty database. */
static int bring_back(const struct restore *r, const char *url)
{
	int fd = open(r->file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return complain_of(r->file, strerror(errno));
	int status = look_at_file(r, fd);

	if (status == EX_OK)
		status = look_at_wishes(r);
	if (status == EX_OK)
		status = look_at_database(url);
	if (status == EX_OK)
		status = load(r, fd);
	close(fd);
	return status;
}

static int run(struct restore *r)
{
	const char *url = gateway_database_url();
	int status = gateway_configure(&r->gateway, gateway_environment);

	if (status == EX_OK)
		status = r->file ? bring_back(r, url) : look_at_wishes(r);
	if (status == EX_OK)
		status = bring_up(url);
	if (status == EX_OK)
		status = once(SQL_RESTORED, DB_NO_PARAMS, tell, r);
	if (status == EX_OK && r->wishes)
		status = wishes_replay(&r->gateway, r->wishes);
	gateway_free(&r->gateway);
	return status;
}

static int told_trust(void *ctx, const struct db_result *result)
{
	(void)ctx;
	if (!db_rows(result)) {
		puts("Nothing waits because of a restore.");
		return EX_OK;
	}
	printf("Texts go, although a carrier has not told what guests wrote before " STR_FMT ".\n",
	       STR_ARG(db_get(result, 0, 0)));
	return EX_OK;
}

static void find_wishes(struct restore *r)
{
	char folder[PATH_BYTES - sizeof("/wishes.txt")];

	snprintf(folder, sizeof(folder), "%s", r->file);
	snprintf(r->beside, sizeof(r->beside), "%s/wishes.txt", dirname(folder));
	r->wishes = r->beside;
}

/* What the arguments ask for. */
struct asked {
	struct restore restore;
	bool no_wishes, already, trust, help, wrong;
};

static struct asked read_arguments(int argc, char **argv)
{
	static const struct option options[] = {
		{ "identity", required_argument, NULL, 'i' },
		{ "wishes", required_argument, NULL, 'w' },
		{ "no-wishes", no_argument, NULL, 'n' },
		{ "already", no_argument, NULL, 'a' },
		{ "trust", no_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct asked a = { .wrong = false };
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'i')
			a.restore.identity = optarg;
		if (c == 'w')
			a.restore.wishes = optarg;
		a.no_wishes |= c == 'n';
		a.already |= c == 'a';
		a.trust |= c == 't';
		a.help |= c == 'h';
		a.wrong |= c == '?';
	}
	a.restore.file = argv[optind];
	a.wrong |= (a.no_wishes && a.restore.wishes) || (a.restore.file && argv[optind + 1]) ||
		   (a.already || a.trust) == (a.restore.file != NULL) ||
		   (a.already && !a.no_wishes && !a.restore.wishes);
	return a;
}

int restore_main(int argc, char **argv)
{
	struct asked a = read_arguments(argc, argv);

	if (a.help)
		return fputs(help, stdout) < 0 ? EX_IOERR : EX_OK;
	if (a.wrong)
		return complain(EX_USAGE, "It takes one backup. Try: maitred restore --help");
	if (a.trust)
		return once(SQL_RESTORED_TRUST, DB_NO_PARAMS, told_trust, NULL);
	if (!a.no_wishes && !a.restore.wishes)
		find_wishes(&a.restore);
	return run(&a.restore);
}
