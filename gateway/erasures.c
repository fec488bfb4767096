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

#define HASH_HEX 64
#define FILE_BYTES_MAX (64 * 1024 * 1024)

static const char help[] =
	"Examples:\n"
	"  maitred erasures > erasures.txt\n"
	"  maitred erasures --replay erasures.txt\n"
	"  grep '\"event\":\"erased\"' log | maitred erasures --replay -\n"
	"\n"
	"Prints the journal of erasures: account and keyed hash of the guest's number.\n"
	"A backup that is restored has guests again who were erased after it was made:\n"
	"--replay erases again those who are still there. It takes such lines, or the\n"
	"log's; the gateway may run meanwhile. PRIVACY_KEY must be the one of then.\n";

struct erasure {
	struct str account, hash;
};

struct replay {
	struct loop *loop;
	struct db *db;
	const struct erasure *all;
	size_t num, at, erased;
	bool ok;
};

/* ---- the lines ---- */

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* An account's id and a hash, whatever stands around them. */
static bool read_line(struct str line, struct erasure *out)
{
	size_t digits = 0;

	*out = (struct erasure){ 0 };
	for (size_t i = 0; i < line.len; i++) {
		struct str id = str_from(line, i);

		id.len = id.len < ID_BYTES ? id.len : ID_BYTES;
		if (id_valid(id, "acc"))
			out->account = id;
		digits = is_hex(line.p[i]) ? digits + 1 : 0;
		if (digits == HASH_HEX)
			out->hash = (struct str){ line.p + i + 1 - HASH_HEX, HASH_HEX };
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
	const struct db_param params[] = { db_text(r->all[r->at].account),
					   db_text(r->all[r->at].hash), db_text(id_str(&id)) };

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
		printf(STR_FMT " " STR_FMT "\n", STR_ARG(db_get(r, i, 0)),
		       STR_ARG(db_get(r, i, 1)));
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
