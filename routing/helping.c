/* helping.c - whose turn it is to answer, and the row of help_queue.sql. */
#include "helping.h"

#include "clock.h"
#include "consent.h"
#include "id.h"
#include "segment.h"

const char *helping_where(const struct provider *p, const struct event *e)
{
	const char *word = NULL;

	if (e->consent != CONSENT_UNSAID ||
	    consent_read(e->body, e->consent, &word) != CONSENT_HELP)
		return NULL;
	return p == &telnyx && str_is(STR("INFO"), word) ? "any" : "toll_free";
}

struct db_batch *helping_batch(struct db *db, struct loop *l)
{
	/* account, message, phone, number, body, encoding, segments */
	return db_batch_new(db, l, DB_WORK, SQL_HELP_QUEUE, "tttttti");
}

void helping_add(struct db_batch *b, const struct help *h, db_row_done *done, void *ctx)
{
	struct segments s = segment_count(h->answer);
	struct id message = id_new("msg", clock_wall_ms());
	const struct db_param row[] = {
		db_text(h->account_id), db_text(id_str(&message)),
		db_text(h->phone),	db_text(h->number),
		db_text(h->answer),	db_text(str_of(encoding_name(s.encoding))),
		db_int(s.segments),
	};

	db_batch_add(b, row, done, ctx);
}
