/*
 * vault.h - settings that are sealed in the database instead of standing in the environment: what
 * `maitred secret` puts there, and SEAL_KEYS opens. The environment wins.
 */
#ifndef VAULT_H
#define VAULT_H

#include "config.h"
#include "inspect.h"
#include "token.h"

/*
 * Opens all of them, once, before the first vault_get(). Without SEAL_KEYS, or before the schema is
 * there, there are none. It blocks, for seconds at most. A line in `problems` for each that cannot
 * be opened.
 */
void vault_read(config_source *get, struct buf *problems);

/* NULL when there is none of that name. It lasts until the process ends. */
const char *vault_get(const char *name);

/* Opens a row of SQL_SEALED_LIST with the key that it names. False: we lack it, or it fits not. */
bool vault_open(struct arena *a, const struct token_keys *keys, const struct db_result *r, int row,
		struct str *value);

#endif
