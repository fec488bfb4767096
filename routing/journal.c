/* journal.c - the row of callback_journal.sql. */
#include "journal.h"

#include "clock.h"
#include "consent.h"
#include "id.h"
#include "revocation.h"

#define LATE_MS 60000

struct db_batch *journal_batch(struct db *db, struct loop *l)
{
	/* provider, target, content type, body, action, word, phone, number, event id,
	 * conversation, said */
	return db_batch_new(db, l, DB_JOURNAL, SQL_CALLBACK_JOURNAL, "tttttttttti");
}

int64_t journal_said_ms(const struct event *e, int64_t received_ms)
{
	bool late = e->occurred_ms > 0 && received_ms - e->occurred_ms > LATE_MS;

	return late ? e->occurred_ms : received_ms;
}

struct opinion {
	struct str action, words; /* empty: nothing about being texted */
};

static struct opinion opinion_of(struct arena *a, const struct event *e)
{
	const char *word = NULL;
	enum carrier_consent said = consent_read(e->body, e->consent, &word);

	if (said != CONSENT_UNSAID)
		return (struct opinion){ str_of(consent_name(said)), str_of(word) };
	struct str words = revocation_words(a, e->body);
	return (struct opinion){ words.len ? STR("flag") : STR(""), words };
}

void journal_add(struct db_batch *b, struct arena *a, const struct journalled *j, db_row_done *done,
		 void *ctx)
{
	const struct event *e = j->event;
	bool reply = e->kind == EVENT_REPLY;
	int64_t now = clock_wall_ms(), said_ms = journal_said_ms(e, now);
	struct id conversation = id_new("cnv", now);
	struct opinion o = { 0 };

	if (reply)
		o = opinion_of(a, e);
	const struct db_param row[] = {
		db_text(str_of(j->provider->name)),
		db_text(j->target),
		db_text(j->content_type),
		db_text(j->body),
		db_text_or_null(o.action),
		db_text_or_null(o.words),
		db_text_or_null(reply ? e->from : STR("")),
		db_text_or_null(reply ? e->to : STR("")),
		db_text_or_null(e->carrier_id), /* the same whichever way it came */
		db_text(id_str(&conversation)),
		said_ms < now ? db_int(said_ms) : db_text_or_null(STR("")),
	};

	db_batch_add(b, row, done, ctx);
}
