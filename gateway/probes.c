/* probes.c - alive: this thread answers; ready: it may be given work. */
#include "probes.h"

#include "reply.h"
#include "worker.h"

void probes_alive(struct exchange *x)
{
	reply_json(x, 200, STR("{\"status\":\"ok\"}"));
}

void probes_ready(struct exchange *x)
{
	const struct worker *w = worker_of(x);

	if (w->stopping)
		reply_problem(x, ERR_UNAVAILABLE, NULL, "This process is stopping.");
	else if (!db_up(w->db))
		reply_problem(x, ERR_UNAVAILABLE, NULL, "The database is not connected.");
	else
		reply_json(x, 200, STR("{\"status\":\"ready\"}"));
}
