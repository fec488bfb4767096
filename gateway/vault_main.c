/*
 * vault_main.c - `maitred secret`: keeps secret settings sealed in the database, so that a new
 * value needs no new environment on any machine.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "gateway.h"
#include "seal.h"
#include "vault.h"

#define PROBLEMS_MAX 2000

static const char help[] =
	"Usage:\n"
	"  maitred secret set TELNYX_API_KEY < file\n"
	"  maitred secret list\n"
	"  maitred secret remove TELNYX_API_KEY\n"
	"  maitred secret reseal\n"
	"\n"
	"Keeps secret settings in the database, sealed with the first of SEAL_KEYS. A\n"
	"gateway opens them when it starts; one that is in its environment as well wins.\n"
	"`reseal` seals all with that key, after which the others may go.\n";

struct safe {
	struct arena *arena;
	struct inspection *db;
	struct token_keys keys;
};

static int complain(int status, struct str why)
{
	fprintf(stderr, "maitred secret: " STR_FMT "\n", STR_ARG(why));
	return status;
}

static int put(struct safe *s, struct str name, struct str value)
{
	const struct token_key *key = &s->keys.keys[0];
	struct str sealed = seal_close(s->arena, key->key, name, value), why;
	const char *const texts[] = { arena_cstr(s->arena, name), arena_cstr(s->arena, key->id),
				      arena_cstr(s->arena, sealed) };
	struct db_result r;

	if (!inspect_tell(s->db, SQL_SEALED_PUT, (struct texts){ texts, 3 }, &r, &why))
		return complain(EX_UNAVAILABLE, why);
	printf(STR_FMT " is sealed with the key " STR_FMT ".\n", STR_ARG(name), STR_ARG(key->id));
	return EX_OK;
}

/* Any that may be a secret, but those that are needed to read it. */
static bool sealable(const char *name)
{
	return config_is_secret(name) && strcmp(name, "DATABASE_URL") != 0 &&
	       strcmp(name, "SEAL_KEYS") != 0;
}

static int set(struct safe *s, const char *name)
{
	static char text[SEAL_TEXT_MAX + 2];
	size_t n = fread(text, 1, sizeof(text) - 1, stdin);
	struct str value = str_trim((struct str){ text, n });

	if (!sealable(name))
		return complain(EX_USAGE,
				STR("This is no secret setting that can be sealed; "
				    "`maitred config --table` marks those that are secret."));
	if (!value.len || value.len > SEAL_TEXT_MAX || memchr(value.p, '\0', value.len))
		return complain(EX_DATAERR,
				STR("Give the value on standard input: 1 to 16,384 bytes "
				    "of text."));
	return put(s, str_of(name), value);
}

static int list(struct safe *s)
{
	struct db_result r;
	struct str why;

	if (!inspect_ask(s->db, SQL_SEALED_LIST, &r, &why))
		return complain(EX_UNAVAILABLE, why);
	for (int row = 0; row < db_rows(&r); row++)
		printf(STR_FMT "\t" STR_FMT "\t" STR_FMT "\n", STR_ARG(db_get(&r, row, 0)),
		       STR_ARG(db_get(&r, row, 1)), STR_ARG(db_get(&r, row, 3)));
	return EX_OK;
}

static int remove_one(struct safe *s, const char *name)
{
	const char *const texts[] = { name };
	struct db_result r;
	struct str why;

	if (!inspect_tell(s->db, SQL_SEALED_REMOVE, (struct texts){ texts, 1 }, &r, &why))
		return complain(EX_UNAVAILABLE, why);
	if (!db_rows(&r))
		return complain(EX_DATAERR, STR("None of that name is sealed."));
	printf("%s is gone from the database.\n", name);
	return EX_OK;
}

/* All are opened before one is sealed: a key that is missing changes nothing. */
static int reseal(struct safe *s)
{
	struct db_result r;
	struct str why, *names, *values;
	int num, status = EX_OK;

	if (!inspect_ask(s->db, SQL_SEALED_LIST, &r, &why))
		return complain(EX_UNAVAILABLE, why);
	num = db_rows(&r);
	names = arena_zero(s->arena, (size_t)num * sizeof(*names) + 1);
	values = arena_zero(s->arena, (size_t)num * sizeof(*values) + 1);
	for (int row = 0; row < num; row++) {
		names[row] = arena_copy(s->arena, db_get(&r, row, 0));
		if (!vault_open(s->arena, &s->keys, &r, row, &values[row]))
			return complain(EX_CONFIG,
					arena_printf(s->arena,
						     STR_FMT
						     " cannot be opened by any of SEAL_KEYS.",
						     STR_ARG(names[row])));
	}
	for (int row = 0; row < num && status == EX_OK; row++)
		status = put(s, names[row], values[row]);
	return status;
}

static int run(struct safe *s, int argc, char **argv)
{
	if (strcmp(argv[1], "set") == 0)
		return set(s, argv[2]);
	if (strcmp(argv[1], "remove") == 0)
		return remove_one(s, argv[2]);
	return strcmp(argv[1], "list") == 0 ? list(s) : reseal(s);
}

static int open_safe(struct safe *s)
{
	const char *url = gateway_database_url();
	struct str setting = str_of(gateway_environment("SEAL_KEYS")), why;
	struct buf problems = buf_new(s->arena, PROBLEMS_MAX);

	if (!url || !setting.len)
		return complain(EX_CONFIG, STR("DATABASE_URL and SEAL_KEYS have to be set."));
	if (!token_keys_read(&s->keys, s->arena, "SEAL_KEYS", setting, &problems))
		return complain(EX_CONFIG, buf_str(&problems));
	s->db = inspect_open(s->arena, url, &why);
	return s->db ? EX_OK : complain(EX_UNAVAILABLE, why);
}

static bool understood(int argc, char **argv)
{
	static const struct {
		const char *word;
		int argc;
	} rows[] = { { "set", 3 }, { "remove", 3 }, { "list", 2 }, { "reseal", 2 } };

	for (size_t i = 0; argc > 1 && i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(argv[1], rows[i].word) == 0)
			return argc == rows[i].argc;
	return false;
}

int secret_main(int argc, char **argv)
{
	struct safe s = { 0 };
	int status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(help, stdout);
		return EX_OK;
	}
	if (!understood(argc, argv)) {
		fputs(help, stderr);
		return EX_USAGE;
	}
	s.arena = arena_new();
	status = open_safe(&s);
	if (status == EX_OK)
		status = run(&s, argc, argv);
	inspect_close(s.db);
	arena_free(s.arena);
	return status;
}
