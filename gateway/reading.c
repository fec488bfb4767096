/* reading.c - runs a statement for the caller and passes its JSON on; pages by cursor. */
#include "reading.h"

#include "auth.h"
#include "form.h"
#include "id.h"
#include "reply.h"
#include "worker.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX 200
#define QUERY_FIELDS_MAX 8

void reading_done(void *ctx, const struct db_result *r)
{
	struct exchange *x = ctx;

	if (r->status != DB_OK) {
		reply_problem(x, r->status == DB_AWAY ? ERR_UNAVAILABLE : ERR_DATABASE, NULL, NULL);
		return;
	}
	struct str json = db_get(r, 0, 1);
	if (!str_is(db_get(r, 0, 0), "t"))
		reply_problem(x, ERR_UNAUTHORIZED, NULL, "This API key is not one of ours.");
	else if (!json.p)
		reply_problem(x, ERR_NOT_FOUND, "id", "This account has nothing with this id.");
	else
		reply_json(x, 200, arena_copy(x->arena, json));
}

struct page {
	struct str cursor;
	int64_t limit;
};

static bool read_limit(struct exchange *x, struct str text, struct page *p)
{
	long long limit = LIMIT_DEFAULT;

	if (text.p && (!str_number(text, &limit) || limit < 1 || limit > LIMIT_MAX)) {
		reply_problem(x, ERR_INVALID_FIELD, "limit", "It must be a number from 1 to 200.");
		return false;
	}
	p->limit = limit;
	return true;
}

/* ?limit=50&cursor=msg_...: the id that ended the page before. */
static bool read_page(struct exchange *x, struct page *p)
{
	struct form query;

	if (!form_parse(x->arena, x->query, QUERY_FIELDS_MAX, &query)) {
		reply_problem(x, ERR_BAD_REQUEST, NULL, "The query of the URL cannot be read.");
		return false;
	}
	p->cursor = form_get(&query, "cursor");
	if (p->cursor.len && !id_valid(p->cursor, "msg")) {
		reply_problem(x, ERR_INVALID_FIELD, "cursor",
			      "Pass next_cursor of the page before.");
		return false;
	}
	return read_limit(x, form_get(&query, "limit"), p);
}

static void read_list(struct exchange *x, enum statement statement, struct str id)
{
	struct page page;
	struct str key_hash;

	if (!auth_key(x, &key_hash) || !read_page(x, &page))
		return;
	const struct db_param params[] = {
		db_text(key_hash),
		db_text_or_null(page.cursor),
		db_int(page.limit),
		db_text(id),
	};
	db_query(worker_of(x)->db, DB_API, statement, (struct db_params){ params, id.len ? 4 : 3 },
		 reading_done, x);
}

bool reading_id_fits(struct exchange *x, const char *prefix)
{
	if (id_valid(x->params[0], prefix))
		return true;
	reply_problem(x, ERR_NOT_FOUND, "id", "This account has nothing with this id.");
	return false;
}

void reading_messages(struct exchange *x)
{
	read_list(x, SQL_MESSAGE_LIST, STR(""));
}

void reading_conversations(struct exchange *x)
{
	read_list(x, SQL_CONVERSATION_LIST, STR(""));
}

void reading_conversation(struct exchange *x)
{
	if (reading_id_fits(x, "cnv"))
		read_list(x, SQL_CONVERSATION_MESSAGES, x->params[0]);
}

static void read_one(struct exchange *x, enum statement statement, const char *prefix)
{
	struct str key_hash;

	if (!auth_key(x, &key_hash) || !reading_id_fits(x, prefix))
		return;
	const struct db_param params[] = { db_text(key_hash), db_text(x->params[0]) };

	db_query(worker_of(x)->db, DB_API, statement, DB_PARAMS(params), reading_done, x);
}

void reading_message(struct exchange *x)
{
	read_one(x, SQL_MESSAGE_GET, "msg");
}

void reading_consent(struct exchange *x)
{
	read_one(x, SQL_CONVERSATION_CONSENT, "cnv");
}

void reading_carriers(struct exchange *x)
{
	struct str key_hash;

	if (!auth_key(x, &key_hash))
		return;
	const struct db_param params[] = { db_text(key_hash) };

	db_query(worker_of(x)->db, DB_API, SQL_CARRIER_LIST, DB_PARAMS(params), reading_done, x);
}
