/* vault.c - read once, at the start: a change takes effect as processes are replaced. */
#include "vault.h"

#include <string.h>

#include "seal.h"

/* Written by vault_read() alone, before there is a second thread. */
static struct {
	struct arena *arena;
	struct opened {
		const char *name, *value;
		struct opened *next;
	} * first;
} vault;

bool vault_open(struct arena *a, const struct token_keys *keys, const struct db_result *r, int row,
		struct str *value)
{
	for (size_t i = 0; i < keys->num; i++)
		if (str_eq(keys->keys[i].id, db_get(r, row, 1)))
			return seal_open(a, keys->keys[i].key, db_get(r, row, 0), db_get(r, row, 2),
					 value);
	return false;
}

static void read_rows(const struct token_keys *keys, const struct db_result *r,
		      struct buf *problems)
{
	for (int row = 0; row < db_rows(r); row++) {
		struct opened *o = arena_zero(vault.arena, sizeof(*o));
		struct str value;

		if (!vault_open(vault.arena, keys, r, row, &value)) {
			buf_printf(problems,
				   STR_FMT " is sealed with the key " STR_FMT
					   ", which SEAL_KEYS lacks, or it was changed.\n",
				   STR_ARG(db_get(r, row, 0)), STR_ARG(db_get(r, row, 1)));
			continue;
		}
		o->name = arena_cstr(vault.arena, db_get(r, row, 0));
		o->value = value.p;
		o->next = vault.first;
		vault.first = o;
	}
}

static void ask(struct inspection *i, const struct token_keys *keys, struct buf *problems)
{
	struct schema_gap gap;
	struct db_result r;
	struct str why;

	if (inspect_schema(i, &gap, &why) && gap.missing.len)
		return; /* that is told elsewhere */
	if (inspect_ask(i, SQL_SEALED_LIST, &r, &why))
		read_rows(keys, &r, problems);
	else
		buf_printf(problems, "The sealed settings cannot be read: " STR_FMT "\n",
			   STR_ARG(why));
}

void vault_read(config_source *get, struct buf *problems)
{
	const char *setting = get("SEAL_KEYS"), *direct = get("DATABASE_DIRECT_URL");
	const char *url = direct && *direct ? direct : get("DATABASE_URL");
	struct token_keys keys;
	struct inspection *i;
	struct str why;

	if (!setting || !*setting || !url || !*url || vault.arena)
		return;
	vault.arena = arena_new();
	if (!token_keys_read(&keys, vault.arena, "SEAL_KEYS", str_of(setting), problems))
		return;
	i = inspect_open(vault.arena, url, &why);
	if (i)
		ask(i, &keys, problems);
	else
		buf_printf(problems, "The sealed settings cannot be read: " STR_FMT "\n",
			   STR_ARG(why));
	inspect_close(i);
}

const char *vault_get(const char *name)
{
	for (const struct opened *o = vault.first; o; o = o->next)
		if (strcmp(o->name, name) == 0)
			return o->value;
	return NULL;
}
