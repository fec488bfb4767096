/* quarantine.c - runs quarantine.sql, and says what it came to. */
#include "quarantine.h"

#include <inttypes.h>

#include "clock.h"
#include "id.h"
#include "log.h"

void quarantine_log(const struct db_result *r)
{
	if (db_rows(r)) /* else another worker has seen to it */
		log_error("history_lost",
			  "in_doubt=%" PRId64 " why=the epoch fell: what was "
			  "committed last is gone; carriers are asked first",
			  db_get_int(r, 0, 0));
}

void quarantine_start(struct db *db, const struct quarantine *q, db_done *done, void *ctx)
{
	struct arena *a = arena_new();
	struct buf names = buf_new(a, 256);
	struct id event = id_new("evt", clock_wall_ms());

	carrier_names(q->carriers, &names);
	const struct db_param params[] = {
		db_int(q->epoch),	 db_int(q->dead_after_ms), db_text(buf_str(&names)),
		db_text(str_of(q->who)), db_text(id_str(&event)),
	};
	db_query(db, DB_WORK, SQL_QUARANTINE, DB_PARAMS(params), done, ctx);
	arena_free(a);
}
