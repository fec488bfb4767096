/*
 * inspect.h - one connection for `maitred doctor` and `maitred secret`: it works on any PostgreSQL,
 * also when the schema is behind or somebody holds it up. It blocks, each call for a few seconds at
 * most: for a crew's thread, or a command.
 */
#ifndef INSPECT_H
#define INSPECT_H

#include "arena.h"
#include "db.h"

struct inspection;

/*
 * Connects; NULL when that fails, `*why` being one line in the arena, without secrets. It sees the
 * rows of all accounts.
 */
struct inspection *inspect_open(struct arena *a, const char *url, struct str *why);
/* The same through what may be a pooler: of session settings it is told none. */
struct inspection *inspect_open_pooled(struct arena *a, const char *url, struct str *why);
void inspect_close(struct inspection *i); /* NULL is harmless */

/*
 * Runs a statement without parameters. False when it failed or took too long, with `*why` as above:
 * then nothing else is to be asked. `out`, read by db_rows() and db_get(), lasts until the next
 * call.
 */
bool inspect_ask(struct inspection *i, enum statement statement, struct db_result *out,
		 struct str *why);

/* The same with parameters: texts that end with NUL. */
struct texts {
	const char *const *at;
	int num;
};
bool inspect_tell(struct inspection *i, enum statement statement, struct texts params,
		  struct db_result *out, struct str *why);

bool inspect_tls(const struct inspection *i);
bool inspect_local(const struct inspection *i);	 /* a Unix socket, or an address of this machine */
int inspect_version(const struct inspection *i); /* 150006 */

/*
 * The server process that answers now, and whether it is another than the one that the connection
 * was greeted by: a pooler stands between. False as inspect_ask().
 */
bool inspect_process(struct inspection *i, int64_t *pid, bool *pooled, struct str *why);

/* What the schema lacks ("0011_hang_ups, 0012_alerts"), and what it has that we do not know. */
struct schema_gap {
	struct str missing, unknown; /* in the arena */
};

/* False as inspect_ask(). Without our tables everything is missing. */
bool inspect_schema(struct inspection *i, struct schema_gap *out, struct str *why);

#endif
