/* batch.c - collects rows, flushes them as arrays in PostgreSQL's binary format, one at a time. */
#include "batch.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>

#include "clock.h"
#include "id.h"

#define ROWS_PER_FLUSH 500
#define TEXT_OID 25
#define INT8_OID 20
#define WAITING_MAX 20000

struct row {
	struct row *next;
	db_row_done *done;
	void *ctx;
	const void *values[BATCH_COLUMNS_MAX]; /* NULL: SQL's NULL; else into bytes */
	int lens[BATCH_COLUMNS_MAX];
	char bytes[];
};

struct array {
	char *p;
	size_t len, cap;
};

struct db_batch {
	struct db *db;
	struct loop *loop;
	enum db_lane lane;
	enum statement statement;
	const char *columns;
	unsigned column_num, limit;
	struct row *waiting, **last;
	struct row *flying; /* in the flush that is on its way, in order */
	unsigned waiting_num, flying_num;
	unsigned one_by_one; /* so many of `waiting` come from a refused flush */
	struct task flush;
	struct array arrays[BATCH_COLUMNS_MAX];
};

/* ---- binary arrays: ndim, flags, element type, length, lower bound; then length and bytes ---- */

static void array_put(struct array *a, const void *bytes, size_t len)
{
	if (a->len + len > a->cap) {
		a->cap = (a->len + len) * 2;
		a->p = realloc(a->p, a->cap);
		assert(a->p);
	}
	if (len)
		memcpy(a->p + a->len, bytes, len);
	a->len += len;
}

static void array_put_int(struct array *a, uint32_t v)
{
	uint32_t big_endian = htonl(v);

	array_put(a, &big_endian, sizeof(big_endian));
}

static void array_begin(struct array *a, char type, unsigned num)
{
	a->len = 0;
	array_put_int(a, 1);
	array_put_int(a, 1); /* there may be NULLs */
	array_put_int(a, type == 'i' ? INT8_OID : TEXT_OID);
	array_put_int(a, num);
	array_put_int(a, 1);
}

static void array_add(struct array *a, const void *bytes, int len)
{
	array_put_int(a, bytes ? (uint32_t)len : UINT32_MAX);
	if (bytes)
		array_put(a, bytes, (size_t)len);
}

/* ---- flushing ---- */

static void on_flushed(void *ctx, const struct db_result *result);

static struct row *take(struct db_batch *b, unsigned num)
{
	struct row *first = b->waiting, **end = &first;

	for (unsigned i = 0; i < num; i++)
		end = &(*end)->next;
	b->waiting = *end;
	*end = NULL;
	if (!b->waiting)
		b->last = &b->waiting;
	b->waiting_num -= num;
	return first;
}

static unsigned flush_size(struct db_batch *b)
{
	if (!b->one_by_one)
		return b->waiting_num < b->limit ? b->waiting_num : b->limit;
	b->one_by_one--;
	return 1;
}

static void flush(struct task *t)
{
	struct db_batch *b = container_of(t, struct db_batch, flush);

	if (b->flying || !b->waiting)
		return;
	b->flying_num = flush_size(b);
	b->flying = take(b, b->flying_num);

	int64_t now = clock_wall_ms();
	struct id id = id_new("bat", now);
	struct db_param params[BATCH_COLUMNS_MAX + 2] = { db_text(id_str(&id)), db_int(now) };

	for (unsigned i = 0; i < b->column_num; i++) {
		struct array *a = &b->arrays[i];

		array_begin(a, b->columns[i], b->flying_num);
		for (const struct row *r = b->flying; r; r = r->next)
			array_add(a, r->values[i], r->lens[i]);
		params[i + 2] = (struct db_param){ .bytes = a->p, .len = (int)a->len };
	}
	db_query(b->db, b->lane, b->statement, (struct db_params){ params, (int)b->column_num + 2 },
		 on_flushed, b);
}

static int row_of(const struct db_result *result, int *at, int ordinal)
{
	/* rows mostly come in the order of their ordinals: look where the last one stood first */
	for (int n = db_rows(result), i = 0; i < n; i++) {
		int row = (*at + i) % n;

		if (db_get_int(result, row, 0) == ordinal) {
			*at = row + 1;
			return row;
		}
	}
	return -1;
}

static void retry_one_by_one(struct db_batch *b, struct row *rows, unsigned num)
{
	struct row **end = &rows;

	while (*end)
		end = &(*end)->next;
	*end = b->waiting;
	if (!b->waiting)
		b->last = end;
	b->waiting = rows;
	b->waiting_num += num;
	b->one_by_one += num;
}

static void refuse_waiting(struct db_batch *b)
{
	const struct db_row away = { .status = DB_AWAY, .row = -1 };
	struct row *rows = take(b, b->waiting_num);

	b->one_by_one = 0;
	while (rows) {
		struct row *r = rows;

		rows = r->next;
		r->done(r->ctx, &away);
		free(r);
	}
}

static void on_flushed(void *ctx, const struct db_result *result)
{
	struct db_batch *b = ctx;
	struct row *rows = b->flying;
	unsigned num = b->flying_num;
	int at = 0, ordinal = 1;

	b->flying = NULL;
	b->flying_num = 0;
	if (result->status == DB_REFUSED && num > 1) {
		retry_one_by_one(b, rows, num);
		rows = NULL;
	}
	if (result->status == DB_AWAY) /* what waited behind it would wait as long again */
		refuse_waiting(b);
	else
		flush(&b->flush); /* before the rest is told: the database has work meanwhile */
	while (rows) {
		struct row *r = rows;
		struct db_row view = { .status = result->status, .result = result };

		rows = r->next;
		view.row = row_of(result, &at, ordinal++);
		r->done(r->ctx, &view);
		free(r);
	}
}

void db_batch_add(struct db_batch *b, const struct db_param *values, db_row_done *done, void *ctx)
{
	size_t size = 0, at = 0;

	for (unsigned i = 0; i < b->column_num; i++)
		size += (size_t)values[i].len;
	struct row *r = malloc(sizeof(*r) + size + 1);
	assert(r);
	*r = (struct row){ .done = done, .ctx = ctx };
	for (unsigned i = 0; i < b->column_num; i++) {
		const void *from = values[i].is_int ? &values[i].big_endian : values[i].bytes;

		r->lens[i] = values[i].len;
		r->values[i] = from ? r->bytes + at : NULL;
		if (from && values[i].len)
			memcpy(r->bytes + at, from, (size_t)values[i].len);
		at += (size_t)values[i].len;
	}
	*b->last = r;
	b->last = &r->next;
	b->waiting_num++;
	loop_defer(b->loop, &b->flush);
}

bool db_batch_full(const struct db_batch *b)
{
	return b->waiting_num >= WAITING_MAX;
}

unsigned db_batch_pending(const struct db_batch *b)
{
	return b->waiting_num + b->flying_num;
}

void db_batch_limit(struct db_batch *b, unsigned rows_per_flush)
{
	b->limit = rows_per_flush;
}

struct db_batch *db_batch_new(struct db *d, struct loop *l, enum db_lane lane,
			      enum statement statement, const char *columns)
{
	struct db_batch *b = calloc(1, sizeof(*b));

	assert(b && strlen(columns) <= BATCH_COLUMNS_MAX);
	b->db = d;
	b->loop = l;
	b->lane = lane;
	b->statement = statement;
	b->columns = columns;
	b->column_num = (unsigned)strlen(columns);
	b->limit = ROWS_PER_FLUSH;
	b->last = &b->waiting;
	b->flush.run = flush;
	return b;
}

void db_batch_free(struct db_batch *b)
{
	assert(!b->flying); /* free the database first: that completes the flush */
	refuse_waiting(b);
	loop_cancel(b->loop, &b->flush);
	for (unsigned i = 0; i < b->column_num; i++)
		free(b->arrays[i].p);
	free(b);
}
