/*
 * erasures.c - `maitred erasures`: the journal of guests who were erased. After a restore its
 * lines, kept elsewhere or taken from the log, say who is to be erased again.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clock.h"
#include "id.h"
#include "once.h"
#include "rfc3339.h"

#define HASH_HEX 64
#define FILE_BYTES_MAX (64 * 1024 * 1024)

static const char help[] =
	"Examples:\n"
	"  maitred erasures > erasures.txt\n"
	"  maitred erasures --replay erasures.txt\n"
	"  grep '\"event\":\"erased\"' log | maitred erasures --replay -\n"
	"\n"
	"Prints the journal of erasures: account, keyed hash of the guest's number, time.\n"
	"A backup that is restored has guests again who were erased after it was made:\n"
	"--replay erases again those who are still there; not who came back after that\n"
	"time. It takes such lines, or the log's; the gateway may run meanwhile.\n"
	"PRIVACY_KEY must be the one of then.\n";

struct erasure {
	struct str account, hash;
	int64_t at_ms; /* Unix time; INT64_MAX: not known */
};

struct replay {
	struct loop *loop;
	struct db *db;
	const struct erasure *all;
	size_t num, at, erased;
	bool ok;
};

/* ---- the lines ---- */

static bool is_hash(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!strchr("0123456789abcdef", s.p[i]))
			return false;
	return s.len == HASH_HEX;
}

/* An account's id, a hash and a time, whatever stands around them. */
static bool read_line(struct str line, struct erasure *out)
{
	*out = (struct erasure){ .at_ms = INT64_MAX };
	while (line.len) {
		size_t n = 0;

		while (n < line.len && !strchr(" \t\"=,", line.p[n]))
			n++;
		struct str word = { line.p, n };

		line = str_from(line, n < line.len ? n + 1 : n);
		if (id_valid(word, "acc"))
			out->account = word;
		else if (is_hash(word))
			out->hash = word;
		else
			rfc3339_parse(word, &out->at_ms);
	}
	return out->account.len && out->hash.len;
}

static int complain(int status, const char *sentence)
{
	fprintf(stderr, "maitred erasures: %s\n", sentence);
	return status;
}

static int read_lines(struct arena *a, struct str text, struct replay *r)
{
	struct str rest = text;
	size_t lines = 1, number = 0;

	for (size_t i = 0; i < text.len; i++)
		lines += text.p[i] == '\n';
	struct erasure *all = arena_alloc(a, lines * sizeof(*all));

	while (rest.len) {
		struct str line = str_trim(str_cut(&rest, '\n'));

		number++;
		if (line.len && !read_line(line, &all[r->num])) {
			fprintf(stderr,
				"maitred erasures: line %zu has no account and hash in it; nothing "
				"was erased.\n",
				number);
			return EX_DATAERR;
		}
		r->num += line.len > 0;
	}
	r->all = all;
	return EX_OK;
}

static int read_file(struct arena *a, const char *path, struct replay *r)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	struct buf text = buf_new(a, FILE_BYTES_MAX);
	char piece[4096];
	size_t n;

	if (!f) {
		fprintf(stderr, "maitred erasures: %s cannot be read: %s.\n", path,
			strerror(errno));
		return EX_NOINPUT;
	}
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_put(&text, (struct str){ piece, n });
	bool failed = ferror(f);

	if (f != stdin)
		fclose(f);
	if (failed || buf_full(&text))
		return complain(EX_NOINPUT, "The file cannot be read, or is over 64 MiB.");
	return read_lines(a, buf_str(&text), r);
}

/* ---- erasing again, one by one ---- */

static void on_erased(void *ctx, const struct db_result *result);

static void erase_next(struct replay *r)
{
	if (r->at == r->num) {
		r->ok = true;
		loop_stop(r->loop);
		return;
	}
	struct id id = id_new("ers", clock_wall_ms());
	const struct erasure *e = &r->all[r->at];
	const struct db_param params[] = {
		db_text(e->account),
		db_text(e->hash),
		e->at_ms < INT64_MAX ? db_int(e->at_ms) : db_text_or_null(STR("")),
		db_text(id_str(&id)),
	};

	db_query(r->db, DB_WORK, SQL_ERASURE_REPLAY, DB_PARAMS(params), on_erased, r);
}

static void on_erased(void *ctx, const struct db_result *result)
{
	struct replay *r = ctx;

	if (result->status != DB_OK) {
		loop_stop(r->loop);
		return;
	}
	r->erased += (size_t)db_get_int(result, 0, 0);
	r->at++;
	erase_next(r);
}

static int replay(const struct gateway *g, struct replay *r)
{
	const struct db_settings settings = { .url = g->config.database_url.p,
					      .connections = DB_ONE,
					      .waiting_max = 10,
					      .patience_ms = 10000,
					      .privacy_key = g->privacy_key };

	r->loop = loop_new();
	r->db = db_new(r->loop, &settings);
	erase_next(r);
	if (!r->ok)
		loop_run(r->loop);
	db_free(r->db);
	loop_free(r->loop);
	printf("%zu of %zu were there again, and are erased.\n", r->erased, r->at);
	return r->ok ? EX_OK : complain(EX_UNAVAILABLE, "The database went away; run it again.");
}

static int replay_file(const char *path)
{
	struct arena *a = arena_new();
	struct gateway g = { 0 };
	struct replay r = { 0 };
	int status = read_file(a, path, &r);

	if (status == EX_OK) {
		status = gateway_configure(&g, gateway_environment);
		if (status == EX_OK)
			status = replay(&g, &r);
		gateway_free(&g);
	}
	arena_free(a);
	return status;
}

static int tell(void *ctx, const struct db_result *r)
{
	(void)ctx;
	for (int i = 0; i < db_rows(r); i++)
		printf(STR_FMT " " STR_FMT " " STR_FMT "\n", STR_ARG(db_get(r, i, 0)),
		       STR_ARG(db_get(r, i, 1)), STR_ARG(db_get(r, i, 2)));
	return EX_OK;
}

int erasures_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "replay", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *path = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c != 'r') {
			fputs(help, c == 'h' ? stdout : stderr);
			return c == 'h' ? EX_OK : EX_USAGE;
		}
		path = optarg;
	}
	if (optind < argc)
		return complain(EX_USAGE, "It takes --replay FILE, or nothing.");
	return path ? replay_file(path) : once(SQL_ERASURE_LIST, DB_NO_PARAMS, tell, NULL);
}
