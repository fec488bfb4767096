/* query.c - makes queries and keeps them in lists. */
#include "query.h"

#include <assert.h>
#include <libpq-fe.h>
#include <stdlib.h>

#define TRIES_MAX 4

struct query *query_new(enum statement statement, const struct db_param *params, int param_num)
{
	size_t size = 0, at = 0;

	assert(param_num <= QUERY_PARAMS_MAX);
	for (int i = 0; i < param_num; i++)
		size += (size_t)params[i].len;
	struct query *q = malloc(sizeof(*q) + size + 1);
	assert(q);
	*q = (struct query){ .statement = statement, .param_num = param_num };
	for (int i = 0; i < param_num; i++) {
		const void *from = params[i].is_int ? &params[i].big_endian : params[i].bytes;

		q->lens[i] = params[i].len;
		q->values[i] = from ? q->bytes + at : NULL;
		if (from && params[i].len)
			memcpy(q->bytes + at, from, (size_t)params[i].len);
		at += (size_t)params[i].len;
	}
	return q;
}

void query_list_init(struct query_list *l)
{
	*l = (struct query_list){ .last = &l->first };
}

void query_list_push(struct query_list *l, struct query *q)
{
	q->next = NULL;
	*l->last = q;
	l->last = &q->next;
	l->num++;
}

struct query *query_list_pop(struct query_list *l)
{
	struct query *q = l->first;

	if (!q)
		return NULL;
	l->first = q->next;
	if (!l->first)
		l->last = &l->first;
	l->num--;
	return q;
}

void query_list_prepend(struct query_list *l, struct query_list *front)
{
	if (!front->first)
		return;
	*front->last = l->first;
	if (!l->first)
		l->last = front->last;
	l->first = front->first;
	l->num += front->num;
}

/* Deadlock victims and serialization failures are class 40. */
bool query_worth_repeating(const struct query *q)
{
	const char *state = PQresultErrorField(q->rows, PG_DIAG_SQLSTATE);

	return state && strncmp(state, "40", 2) == 0 && q->tries < TRIES_MAX;
}

/*
 * Whose fault: the statement's and its rows', or the server's for now, which is read-only,
 * deadlocked, locked, out of disk, memory or connections, told to stop, or has I/O errors.
 */
enum db_status query_blame(const struct query *q)
{
	static const char *const for_now[] = { "25", "40", "55", "53", "57", "58" };
	const char *state = PQresultErrorField(q->rows, PG_DIAG_SQLSTATE);

	for (size_t i = 0; state && i < sizeof(for_now) / sizeof(*for_now); i++)
		if (strncmp(state, for_now[i], 2) == 0)
			return DB_AWAY;
	return DB_REFUSED;
}

void query_end(struct query *q, enum db_status status)
{
	struct db_result r = { .status = status, .rows = q->rows };

	if (status == DB_REFUSED)
		r.sqlstate = PQresultErrorField(q->rows, PG_DIAG_SQLSTATE);
	q->done(q->ctx, &r);
	PQclear(q->rows);
	free(q);
}
