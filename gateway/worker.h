/*
 * worker.h - one thread and all that is its own: loop, listener, database connections, HTTP client,
 * flows. Workers share nothing that changes.
 */
#ifndef WORKER_H
#define WORKER_H

#include "analytics.h"
#include "backfill.h"
#include "batch.h"
#include "billing.h"
#include "carrier.h"
#include "chores.h"
#include "config.h"
#include "crew.h"
#include "db.h"
#include "dispatch.h"
#include "dogstatsd.h"
#include "exchange.h"
#include "export.h"
#include "hanging_up.h"
#include "health.h"
#include "hooks.h"
#include "inbound.h"
#include "limiter.h"
#include "mailing.h"
#include "measuring.h"
#include "server.h"
#include "status_page.h"
#include "stream.h"
#include "tls.h"
#include "token.h"

struct worker {
	const struct config *config;	       /* const after start */
	const struct carrier_list *carriers;   /* const after start */
	const struct token_keys *session_keys; /* const after start */
	const struct signing_keys *signing;    /* const after start */
	const struct recurly *recurly;	       /* NULL: no billing; const after start */
	const struct db_privacy *privacy;      /* borrowed */
	unsigned connections;		       /* to the database */
	bool serves;			       /* answers HTTP; else it only works */
	bool first;			       /* of its process: it does what one of them does */
	bool tells_agent;		       /* Datadog's, of all workers' metrics */
	char who[64];			       /* host, process, worker: in rows that it claims */

	struct loop *loop;
	struct db *db;
	struct http_client *http;	/* to carriers */
	struct http_client *hooks_http; /* to customers' own systems */
	struct server *server;		/* NULL unless it serves */
	struct streams *streams;
	struct exports *exports;
	struct limiter *limiter;  /* of each caller; NULL: no limit */
	struct limiter *accounts; /* of all who are signed in at one account; NULL likewise */
	struct tls *tls;	  /* NULL: in the clear */
	struct health *health;
	struct dispatch *dispatch;
	struct inbound *inbound;
	struct backfill *backfill;
	struct hanging_up *hanging_up;
	struct analytics *analytics; /* NULL: Amplitude is told nothing */
	struct billing *billing;     /* NULL: there is none, or another worker does it */
	struct mailing *mailing;
	struct chores *chores;
	struct status *status;	     /* what GET /status says */
	unsigned doctors;	     /* rounds of GET /doctor */
	struct measuring *measuring; /* while it runs */
	struct dogstatsd *dogstatsd; /* NULL unless it tells the agent */
	bool stopping;
	struct crew *crew; /* hashes passwords */
	struct hooks *hooks;
	struct db_batch *accept;  /* messages, before their 202 */
	struct db_batch *journal; /* callbacks, before their 200 */
	int64_t stop_by_ms;
	unsigned linger_ms;
	struct timer watch_stop, watch_start;
	struct task stop;
	void (*on_ready)(struct worker *w); /* once, when the database is there; may be NULL */
	/* the database may forget what it commits: it is not used. May be NULL */
	void (*on_forgetful)(const char *setting);
};

/* Makes all of it; false, errno set, when the port cannot be had. */
bool worker_open(struct worker *w);
/* Runs until worker_stop(), finishing what is in flight for at most 25 s. */
void worker_run(struct worker *w);
/*
 * From any thread, once. It claims no more work, and says so at /readyz; for so long it still takes
 * requests, until load balancers have turned to others.
 */
void worker_stop(struct worker *w, unsigned linger_ms);
void worker_close(struct worker *w);

/* The worker that answers this exchange. */
static inline struct worker *worker_of(const struct exchange *x)
{
	return x->context;
}

#endif
