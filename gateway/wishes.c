/*
 * wishes.c - `maitred wishes`: the journal of guests who are to be forgotten, or not to be texted.
 * After a restore its lines, kept beside the backups, say what is to be done again.
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
#include "wishes.h"

#define HASH_HEX 64
#define FILE_BYTES_MAX (64 * 1024 * 1024)

static const char help[] =
	"Examples:\n"
	"  maitred wishes > wishes.txt\n"
	"  maitred wishes --since 2026-11-21T18:00:00Z\n"
	"  maitred wishes --replay wishes.txt\n"
	"  grep '\"event\":\"erased\"' log | maitred wishes --replay -\n"
	"\n"
	"Prints what guests wished for: account, keyed hash of the number, time, what\n"
	"(erased; stop, start, flag, clear: about being texted), and by whom.\n"
	"A backup that is restored knows nothing of those that came after it: --replay does\n"
	"them again, but not for who came back or spoke since. It takes such lines, or\n"
	"the log's; the gateway may run meanwhile. PRIVACY_KEY must be the one of then.\n";

struct wish {
	struct str account, hash, what, by;
	int64_t at_ms; /* Unix time; INT64_MAX: not known */
};

struct replay {
	struct loop *loop;
	struct db *db;
	const struct wish *all;
	size_t num, at, done;
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

static bool is_said(struct str word)
{
	return str_is(word, "stop") || str_is(word, "start") || str_is(word, "flag") ||
	       str_is(word, "clear") || str_is(word, "text");
}

/* Account, hash (or a text's id), time, what and by whom, whatever stands around them. */
static bool read_line(struct str line, struct wish *out)
{
	struct str other = { 0 };

	*out = (struct wish){ .what = STR("erased"), .by = STR("staff"), .at_ms = INT64_MAX };
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
		else if (is_said(word))
			out->what = word;
		else if (provider_find(word))
			out->by = word;
		else if (!rfc3339_parse(word, &out->at_ms) && !other.len)
			other = word;
	}
	if (str_is(out->what, "text"))
		out->hash = other;
	return out->account.len && out->hash.len;
}

static int complain(int status, const char *sentence)
{
	fprintf(stderr, "maitred wishes: %s\n", sentence);
	return status;
}

static int read_lines(struct arena *a, struct str text, struct replay *r)
{
	struct str rest = text;
	size_t lines = 1, number = 0;

	for (size_t i = 0; i < text.len; i++)
		lines += text.p[i] == '\n';
	struct wish *all = arena_alloc(a, lines * sizeof(*all));

	while (rest.len) {
		struct str line = str_trim(str_cut(&rest, '\n'));

		number++;
		if (line.len && !read_line(line, &all[r->num])) {
			fprintf(stderr,
				"maitred wishes: line %zu has no account and hash in it; nothing "
				"was done.\n",
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
		fprintf(stderr, "maitred wishes: %s cannot be read: %s.\n", path, strerror(errno));
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

/* ---- doing them again, one by one ---- */

static void on_done(void *ctx, const struct db_result *result);

static void replay_next(struct replay *r)
{
	if (r->at == r->num) {
		r->ok = true;
		loop_stop(r->loop);
		return;
	}
	struct id id = id_new("ers", clock_wall_ms());
	const struct wish *e = &r->all[r->at];
	const struct db_param params[] = {
		db_text(e->account),
		db_text(e->hash),
		e->at_ms < INT64_MAX ? db_int(e->at_ms) : db_text_or_null(STR("")),
		db_text(id_str(&id)),
		db_text(e->what),
		db_text(e->by),
	};

	db_query(r->db, DB_WORK, SQL_WISH_REPLAY, DB_PARAMS(params), on_done, r);
}

static void on_done(void *ctx, const struct db_result *result)
{
	struct replay *r = ctx;

	if (result->status != DB_OK) {
		loop_stop(r->loop);
		return;
	}
	r->done += (size_t)db_get_int(result, 0, 0);
	r->at++;
	replay_next(r);
}

static int replay(const struct gateway *g, struct replay *r)
{
	const struct db_settings settings = { .url = g->config.database_url.p,
					      .direct_url = g->config.database_direct_url.p,
					      .connections = DB_ONE,
					      .waiting_max = 10,
					      .patience_ms = 10000,
					      .privacy = g->privacy };

	r->loop = loop_new();
	r->db = db_new(r->loop, &settings);
	replay_next(r);
	if (!r->ok)
		loop_run(r->loop);
	db_free(r->db);
	loop_free(r->loop);
	printf("%zu of %zu wishes were forgotten, and hold again.\n", r->done, r->at);
	return r->ok ? EX_OK : complain(EX_UNAVAILABLE, "The database went away; run it again.");
}

int wishes_replay(const struct gateway *g, const char *path)
{
	struct arena *a = arena_new();
	struct replay r = { 0 };
	int status = read_file(a, path, &r);

	if (status == EX_OK)
		status = replay(g, &r);
	arena_free(a);
	return status;
}

static int replay_file(const char *path)
{
	struct gateway g = { 0 };
	int status = gateway_configure(&g, gateway_environment);

	if (status == EX_OK)
		status = wishes_replay(&g, path);
	gateway_free(&g);
	return status;
}

static int tell(void *ctx, const struct db_result *r)
{
	FILE *out = ctx;

	for (int i = 0; i < db_rows(r); i++)
		fprintf(out, STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT "\n",
			STR_ARG(db_get(r, i, 0)), STR_ARG(db_get(r, i, 1)),
			STR_ARG(db_get(r, i, 2)), STR_ARG(db_get(r, i, 3)),
			STR_ARG(db_get(r, i, 4)));
	return EX_OK;
}

int wishes_write(FILE *out, int64_t since_ms)
{
	const struct db_param params[] = { db_int(since_ms) };

	return once(SQL_WISH_LIST, DB_PARAMS(params), tell, out);
}

int wishes_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "replay", required_argument, NULL, 'r' },
		{ "since", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *path = NULL;
	int64_t since_ms = 0;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'r') {
			path = optarg;
		} else if (c != 's') {
			fputs(help, c == 'h' ? stdout : stderr);
			return c == 'h' ? EX_OK : EX_USAGE;
		} else if (!rfc3339_parse(str_of(optarg), &since_ms)) {
			return complain(EX_USAGE,
					"--since takes a time such as 2026-11-21T18:00:00Z.");
		}
	}
	if (optind < argc || (path && since_ms))
		return complain(EX_USAGE, "It takes --since TIME, --replay FILE, or nothing.");
	return path ? replay_file(path) : wishes_write(stdout, since_ms);
}
