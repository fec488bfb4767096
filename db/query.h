/*
 * query.h - one statement on its way to the database, and lists of them. Private to db/.
 */
#ifndef QUERY_H
#define QUERY_H

#include "db.h"

#define QUERY_PARAMS_MAX 32

/* One statement to run: owned by the connection from conn_submit() until its done() was called. */
struct query {
	struct query *next;
	enum statement statement;
	enum db_lane lane;
	int64_t began_us; /* monotonic */
	db_done *done;
	void *ctx;
	int64_t give_up_ms; /* monotonic */
	unsigned tries;
	void *rows;    /* the first result, until the sync behind it */
	int heralds;   /* statements sent before it in its transaction whose result is to come */
	int enter_num; /* so many of them are for enter(), which runs before it; 0: it does not */
	int param_num;
	const char *values[QUERY_PARAMS_MAX];
	int lens[QUERY_PARAMS_MAX];
	char bytes[]; /* of the parameters */
};

struct query_list {
	struct query *first, **last;
	unsigned num;
};

/* Copies caller (or NULL) and parameters. Owned by whoever calls until conn_submit(). */
struct query *query_new(const struct db_caller *caller, enum statement statement,
			struct db_params params);
/* Forgets what was answered: it is to be sent again. */
void query_rewind(struct query *q);
/* When the rows are of one that was sent before it, all is well, and others will come. */
void query_heralded(struct query *q);
/* Nobody we know, or may not: an error that enter() raised. The caller's fault, not ours. */
bool query_turned_away(const struct query *q);

/* The SQLSTATE of an error: "23505"; empty when the server gave none. */
const char *query_state(const struct query *q);
/* Was refused without having done anything, and may be tried again. */
bool query_worth_repeating(const struct query *q);
/* What an error means: DB_REFUSED, or DB_AWAY when it says nothing about the rows. */
enum db_status query_blame(const struct query *q);
/* Tells done() and frees the query. */
void query_end(struct query *q, enum db_status status);

void query_list_init(struct query_list *l);
void query_list_push(struct query_list *l, struct query *q);
struct query *query_list_pop(struct query_list *l);			 /* NULL when empty */
void query_list_prepend(struct query_list *l, struct query_list *front); /* empties `front` */

#endif
