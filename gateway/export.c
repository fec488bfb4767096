/*
 * export.c - one CSV file: it is begun, read and sent page by page, and ends. It is freed when its
 * client has gone and no statement of it is under way, whichever is last.
 */
#include "export.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "auth.h"
#include "clock.h"
#include "csv.h"
#include "fields.h"
#include "id.h"
#include "log.h"
#include "reply.h"
#include "router.h"
#include "staff.h"
#include "worker.h"

#define PAGE_ROWS 500
#define PAGE_MAX (16 << 20) /* bytes: rows have bounds, and fill no tenth of it */
#define TAKEN_WITHIN_MS 30000
#define CALLER_MAX 64 /* a SHA-256 in hexadecimal, or a session's id */
#define PLACE_MAX 64
#define CONTENT_TYPE STR("text/csv; charset=utf-8")

/* What a file holds, by the statement of its pages: the cells of the first line. */
static const struct sheet {
	enum statement pages;
	const char *name, *heading;
} sheets[] = {
	{ SQL_EXPORT_PARTIES, "parties",
	  "id,created_at,joined_at,ended_at,name,phone,size,language,source,state,ended_by,"
	  "quote_min,quote_max,quoted_at,notices,notified_at,asked_at,answered_at,wait_s,seat,tags,"
	  "booking_id" },
	{ SQL_EXPORT_BOOKINGS, "bookings",
	  "id,starts_at,created_at,ended_at,name,phone,size,language,source,state,ended_by,"
	  "asked_at,answered_at,tags,party_id" },
	{ SQL_EXPORT_MESSAGES, "messages",
	  "id,created_at,direction,channel,kind,phone,visit,segments,state,code,reason,carrier,"
	  "ended_at" },
};

struct exports {
	struct loop *loop;
	struct db *db;
	unsigned num;
	bool stopping;
	struct export *first;
};

struct export
{
	struct exports *set;
	struct export *next, **prev;
	struct exchange *x; /* NULL: the client has gone */
	const struct sheet *sheet;
	char caller[CALLER_MAX + 1], account[CALLER_MAX + 1]; /* as for enter() */
	bool is_key;					      /* the caller: else a session */
	bool asking;					      /* a statement is under way */
	bool begun;					      /* the answer has */
	bool last; /* nothing comes behind the page that is being sent */
	bool cut;
	int64_t since_ms, until_ms;
	char place[PLACE_MAX]; /* behind the last row that was read */
	struct arena *page;    /* what is being sent; NULL: nothing, or what is static */
	struct timer patience; /* with a client that does not read */
};

enum begin_column { STATUS, FAULT, SINCE, UNTIL, FIRST_DAY, LAST_DAY };

static void on_page(void *ctx, const struct db_result *r);

static void export_free(struct export *e)
{
	*e->prev = e->next;
	if (e->next)
		e->next->prev = e->prev;
	e->set->num--;
	free(e);
}

/* ---- reading ---- */

static void ask_page(struct export *e)
{
	const struct db_caller c = {
		.kind = e->is_key ? STR("key") : STR("session"),
		.id = str_of(e->caller),
		.account = str_of(e->account),
		.needs = STR("manage"),
	};
	const struct db_param params[] = {
		db_int(e->since_ms), db_int(e->until_ms), db_text_or_null(str_of(e->place)),
		db_int(PAGE_ROWS + 1), /* which says that there is another page */
	};

	e->asking = true;
	db_query_as(e->set->db, &c, e->sheet->pages, DB_PARAMS(params), on_page, e);
}

static void cut(struct export *e, const char *why)
{
	if (e->cut || !e->begun || !e->x)
		return;
	log_info("export_cut", "account=%s what=%s why=%s", e->account, e->sheet->name, why);
	e->cut = true;
	timer_stop(e->set->loop, &e->patience);
	exchange_stream_cut(e->x);
}

static void on_impatient(struct timer *t)
{
	cut(container_of(t, struct export, patience), "the client does not read");
}

static unsigned cells_of(const struct sheet *s)
{
	unsigned n = 1;

	for (const char *c = s->heading; *c; c++)
		n += *c == ',';
	return n;
}

/* The first page begins with the heading: so there is always something to send. */
static struct buf write_page(struct export *e, const struct db_result *r)
{
	struct buf b = buf_new(arena_new(), PAGE_MAX);
	int rows = db_rows(r) > PAGE_ROWS ? PAGE_ROWS : db_rows(r);
	int cells = (int)cells_of(e->sheet);

	if (!e->place[0]) {
		buf_put(&b, str_of(e->sheet->heading));
		csv_put_end(&b);
	}
	for (int row = 0; row < rows; row++) {
		for (int cell = 1; cell <= cells; cell++) {
			if (cell > 1)
				buf_char(&b, ',');
			csv_put(&b, db_get(r, row, cell));
		}
		csv_put_end(&b);
	}
	if (rows) {
		struct str place = db_get(r, rows - 1, 0);

		assert(place.len < sizeof(e->place));
		memcpy(e->place, place.p, place.len);
		e->place[place.len] = '\0';
	}
	return b;
}

static void send_page(struct export *e, const struct db_result *r)
{
	struct buf b = write_page(e, r);

	e->page = b.arena;
	e->last = db_rows(r) <= PAGE_ROWS;
	if (buf_full(&b)) {
		cut(e, "a page is too long");
		return;
	}
	timer_start(e->set->loop, &e->patience, TAKEN_WITHIN_MS, on_impatient);
	exchange_stream_send(e->x, buf_str(&b), e->last);
}

/* ---- sending ---- */

static void on_taken(void *owner)
{
	struct export *e = owner;

	timer_stop(e->set->loop, &e->patience);
	arena_free(e->page);
	e->page = NULL;
	if (!e->cut && !e->last)
		ask_page(e);
}

static void on_gone(void *owner)
{
	struct export *e = owner;

	e->x = NULL;
	timer_stop(e->set->loop, &e->patience);
	arena_free(e->page);
	e->page = NULL;
	if (!e->asking)
		export_free(e);
}

static const struct exchange_stream pages = { on_taken, on_gone };

/* False when the client has gone already. */
static bool begin_answer(struct export *e)
{
	e->begun = true;
	return exchange_stream(e->x, CONTENT_TYPE, &pages, e);
}

static void on_page(void *ctx, const struct db_result *r)
{
	struct export *e = ctx;

	e->asking = false;
	if (!e->begun && r->status != DB_OK) {
		auth_refuse(e->x, r);
		export_free(e);
	} else if (!e->x || (!e->begun && !begin_answer(e))) {
		export_free(e);
	} else if (r->status != DB_OK) {
		cut(e, "the database does not answer, or the caller may not any more");
	} else if (!e->cut) {
		send_page(e, r);
	}
}

/* ---- opening ---- */

static void name_file(struct export *e, const struct db_result *r)
{
	struct str first = db_get(r, 0, FIRST_DAY), last = db_get(r, 0, LAST_DAY);

	exchange_add_header(e->x, "content-disposition",
			    arena_printf(e->x->arena,
					 "attachment; filename=\"%s-" STR_FMT "-" STR_FMT ".csv\"",
					 e->sheet->name, STR_ARG(first), STR_ARG(last)));
}

static void on_begun(void *ctx, const struct db_result *r)
{
	struct export *e = ctx;

	e->asking = false;
	if (!db_rows(r) || db_get_int(r, 0, STATUS) != 200) {
		staff_done(e->x, r);
		export_free(e);
		return;
	}
	name_file(e, r);
	if (str_is(e->x->request.method, "HEAD")) {
		exchange_reply(e->x, 200, CONTENT_TYPE, STR(""));
		export_free(e);
		return;
	}
	e->since_ms = db_get_int(r, 0, SINCE);
	e->until_ms = db_get_int(r, 0, UNTIL);
	ask_page(e);
}

static struct export *export_new(struct exports *set, struct exchange *x, const struct db_caller *c)
{
	struct export *e = calloc(1, sizeof(*e));

	assert(e && c->id.len < sizeof(e->caller) && c->account.len < sizeof(e->account));
	e->set = set;
	e->x = x;
	for (size_t i = 0; i < sizeof(sheets) / sizeof(*sheets); i++)
		if (sheets[i].pages == x->route->statement)
			e->sheet = &sheets[i];
	assert(e->sheet);
	e->is_key = str_is(c->kind, "key");
	memcpy(e->caller, c->id.p, c->id.len);
	if (c->account.len)
		memcpy(e->account, c->account.p, c->account.len);
	e->next = set->first;
	e->prev = &set->first;
	if (e->next)
		e->next->prev = &e->next;
	set->first = e;
	set->num++;
	return e;
}

void export_open(struct exchange *x)
{
	struct exports *set = worker_of(x)->exports;
	struct id id = id_new("exp", clock_wall_ms());
	struct field_value query[FIELDS_MAX];
	struct db_param params[FIELDS_MAX + 2];
	struct db_caller c;

	if (!auth_caller(x, &c) || !fields_read_query(x, query))
		return;
	if (set->stopping || set->num >= EXPORTS_MAX) {
		reply_problem(x, ERR_UNAVAILABLE, NULL,
			      "Other files are being exported here; try again shortly.");
		return;
	}
	struct export *e = export_new(set, x, &c);
	int n = fields_params(x->route->query, query, params);

	params[n++] = db_text(str_of(e->sheet->name));
	params[n++] = db_text(id_str(&id));
	e->asking = true;
	db_query_as(set->db, &c, SQL_EXPORT_BEGIN, (struct db_params){ params, n }, on_begun, e);
}

/* ---- all of them ---- */

struct exports *exports_new(struct loop *l, struct db *d)
{
	struct exports *s = calloc(1, sizeof(*s));

	assert(s);
	s->loop = l;
	s->db = d;
	return s;
}

unsigned exports_num(const struct exports *s)
{
	return s->num;
}

void exports_stop(struct exports *s)
{
	s->stopping = true;
}

void exports_cut(struct exports *s)
{
	for (struct export *e = s->first; e; e = e->next)
		cut(e, "the process stops");
}

void exports_free(struct exports *s)
{
	assert(!s->num);
	free(s);
}
