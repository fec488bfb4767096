/* doctor_pooler.c - a pooler: is it where the settings say, and in the mode that we need? */
#include "doctor_probe.h"
#include "inspect.h"

#define CHECK "database.pooler"
#define ROUNDS 3

static void cannot(struct probe *p, struct str why)
{
	probe_found(p, DOCTOR_FAIL, CHECK,
		    arena_printf(p->arena, "DATABASE_URL cannot be asked: " STR_FMT, STR_ARG(why)),
		    STR("Is the pooler running, and does it know the database and its user? It is "
			"asked for what DATABASE_DIRECT_URL has as well."));
}

/* What leads past a pooler leads to one. */
static bool astray(struct probe *p, struct inspection *direct)
{
	bool pooled = false, has_direct = p->of->config->database_direct_url.len;
	struct str why;
	int64_t pid;

	if (!inspect_process(direct, &pid, &pooled, &why))
		cannot(p, why);
	else if (pooled)
		probe_found(p, DOCTOR_FAIL, CHECK,
			    arena_printf(p->arena,
					 "%s leads to a pooler: what is prepared, listened to and "
					 "locked in a session gets lost there.",
					 has_direct ? "DATABASE_DIRECT_URL" : "DATABASE_URL"),
			    STR("Set DATABASE_DIRECT_URL to the PostgreSQL behind it."));
	return pooled;
}

/*
 * Two connections, asked in turn. In a pool of sessions each keeps a process of its own; in one of
 * transactions both are mostly answered by the same.
 */
static void judge_mode(struct probe *p, struct inspection *one, struct inspection *two)
{
	bool pooled = false, kept = true;
	int64_t pids[2] = { 0 }, pid;
	struct str why;

	for (int i = 0; i < 2 * ROUNDS; i++) {
		if (!inspect_process(i % 2 ? two : one, &pid, &pooled, &why)) {
			cannot(p, why);
			return;
		}
		kept &= i < 2 || pid == pids[i % 2];
		pids[i % 2] = pid;
	}
	if (!pooled)
		probe_found(p, DOCTOR_WARN, CHECK,
			    STR("DATABASE_DIRECT_URL is set, but there is no pooler at "
				"DATABASE_URL: every statement is planned anew for nothing."),
			    STR("Lead DATABASE_URL to the pooler, or unset DATABASE_DIRECT_URL."));
	else if (kept && pids[0] != pids[1])
		probe_found(p, DOCTOR_WARN, CHECK,
			    STR("The pooler at DATABASE_URL pools sessions: it saves no "
				"connections, as ours stay open."),
			    STR("In pgbouncer.ini: pool_mode = transaction. Then RELOAD."));
	else
		probe_found(p, DOCTOR_OK, CHECK,
			    STR("DATABASE_URL is a pooler of transactions, DATABASE_DIRECT_URL "
				"leads past it."),
			    STR(""));
}

void doctor_pooler(struct probe *p, struct inspection *direct)
{
	const struct config *c = p->of->config;
	const char *url = arena_cstr(p->arena, c->database_url);
	struct inspection *one = NULL, *two = NULL;
	struct str why;

	if (astray(p, direct) || !c->database_direct_url.len)
		return;
	if ((one = inspect_open_pooled(p->arena, url, &why)) &&
	    (two = inspect_open_pooled(p->arena, url, &why)))
		judge_mode(p, one, two);
	else
		cannot(p, why);
	inspect_close(one);
	inspect_close(two);
}
