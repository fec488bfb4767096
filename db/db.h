/*
 * db.h - the database as the rest of maitred sees it: run a named statement, get its rows. Only
 * db/ knows libpq.
 *
 * Every statement in db/sql/ is idempotent: run twice with the same parameters it leaves what one
 * run leaves. That is why a statement whose outcome was lost with its connection is simply run
 * again.
 */
#ifndef DB_H
#define DB_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"
#include "privacy.h"
#include "statements.h"
#include "str.h"

struct db;

/*
 * Each lane is one pipelined connection: a slow list does not hold up a callback, and group commit
 * wants few of them. Staff's and the door have two; with few, the first three lanes share one.
 */
enum db_lane {
	DB_JOURNAL, /* callbacks, before their 200 */
	DB_ACCEPT,  /* messages, before their 202 */
	DB_WORK,    /* dispatch and inbound */
	DB_DOOR,    /* who comes in, or calls: before an account is known */
	DB_API,	    /* what staff do, each as themselves: db_query_as() */
	DB_LANES
};
/* Connections for DB_WORK alone; with the door; with staff; and as many as are of use. */
enum { DB_ONE = 1, DB_FOR_WORK = 2, DB_FOR_STAFF = 3, DB_CONNECTIONS_MAX = 7 };
struct db_settings {
	const char *url;	/* a libpq connection string */
	const char *direct_url; /* `url` is a pooler's: DB_WORK goes past it. NULL: it is none */
	unsigned connections;	/* DB_ONE or more */
	unsigned waiting_max;	/* per lane; more are refused at once */
	unsigned patience_ms;	/* how long one may wait for a connection */
	void (*on_notify)(void *ctx, const char *channel, const char *payload); /* may be NULL */
	/* The server may forget what it has committed (fsync, full_page_writes or
	 * synchronous_commit is off): such a connection is not used. NULL: it is, unasked. */
	void (*on_forgetful)(void *ctx, const char *setting);
	const char *const *channels; /* to LISTEN on, ends with NULL */
	struct db_privacy privacy;   /* keys borrowed */
	struct str public_url;	     /* for guest_link(): where guests reach us. Borrowed */
	bool billing;		     /* for barred(): there is any */
	void *ctx;
};

struct db *db_new(struct loop *l, const struct db_settings *s);
void db_free(struct db *d);		 /* what waits completes as DB_AWAY */
bool db_up(const struct db *d);		 /* every lane is connected */
unsigned db_pending(const struct db *d); /* statements waiting or running */

/* A parameter, in binary: the statement must cast it, $1::text or $1::bigint. */
struct db_param {
	const void *bytes; /* borrowed; NULL: SQL's NULL, or an integer, which `big_endian` holds */
	int len;
	uint64_t big_endian;
	bool is_int;
};

struct db_params {
	const struct db_param *at;
	int num;
};

#define DB_PARAMS(array) ((struct db_params){ (array), (int)(sizeof(array) / sizeof(*(array))) })
#define DB_NO_PARAMS ((struct db_params){ 0 })

struct db_param db_text(struct str s);	       /* text or bytea; an empty string is not NULL */
struct db_param db_text_or_null(struct str s); /* NULL when empty */
struct db_param db_int(int64_t v);	       /* bigint */

enum db_status {
	DB_OK,
	DB_REFUSED, /* the database does not take these rows; it was logged */
	DB_AWAY,    /* not connected, too slow, or full: it may work later; nothing is known */
};

struct db_result {
	enum db_status status;
	void *rows;	      /* libpq's, for the functions below */
	const char *sqlstate; /* DB_REFUSED: "23505"; MT...: see db_query_as() */
};

/* `result` is borrowed: gone when `done` returns. Called exactly once, never before db_query(). */
typedef void db_done(void *ctx, const struct db_result *result);

/* Runs a statement in a transaction of its own; parameters are copied. */
void db_query(struct db *d, enum db_lane lane, enum statement statement, struct db_params params,
	      db_done *done, void *ctx);

/* Who asks; an empty string is NULL. Copied. See enter() in migration 0004. */
struct db_caller {
	struct str kind, id; /* "session" and its id, or "key" and its SHA-256 */
	struct str account;  /* that the session is for */
	struct str needs;    /* read, write, work or manage */
	struct str ip, request;
	struct str key, hash; /* Idempotency-Key, and of the request */
};

/*
 * Runs a statement on the rows of the caller's account, and no others, in one transaction with the
 * check of who it is. When that says no it is DB_REFUSED, with an sqlstate of enter()'s: MT401...
 */
void db_query_as(struct db *d, const struct db_caller *caller, enum statement statement,
		 struct db_params params, db_done *done, void *ctx);

/* Rows of a DB_OK result; 0 for any other. Values are borrowed like the result. */
int db_rows(const struct db_result *r);
struct str db_get(const struct db_result *r, int row, int column);  /* p == NULL: SQL's NULL */
int64_t db_get_int(const struct db_result *r, int row, int column); /* 0 for NULL */

#endif
