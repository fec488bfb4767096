/* doctor_database.c - the database: reached, safe, up to date, with room; and what it knows. */
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "clock.h"
#include "doctor_probe.h"
#include "inspect.h"
#include "load.h"

#define LEAST_VERSION 150000
#define OLD_TRANSACTION_S 600
#define SPARE_CONNECTIONS 2 /* for a command, and this */

static const struct str nothing = STR("");

/* db/sql/doctor_server.sql: names and values. */
struct facts {
	struct str text[32][2];
	int num;
};

static struct str fact(const struct facts *f, const char *name)
{
	for (int i = 0; i < f->num; i++)
		if (str_is(f->text[i][0], name))
			return f->text[i][1];
	return nothing;
}

static int64_t number(const struct facts *f, const char *name, int64_t otherwise)
{
	long long n;

	return str_number(fact(f, name), &n) ? n : otherwise;
}

static bool is(const struct facts *f, const char *name, const char *value)
{
	return str_is(fact(f, name), value);
}

static void away(struct probe *p, struct str why)
{
	if (strstr(arena_cstr(p->arena, why), "unsupported startup parameter")) {
		probe_found(p, DOCTOR_FAIL, "database",
			    arena_printf(p->arena, "It is a pooler: " STR_FMT, STR_ARG(why)),
			    STR("Set DATABASE_DIRECT_URL to the PostgreSQL behind it."));
		return;
	}
	probe_found(
		p, DOCTOR_FAIL, "database",
		arena_printf(p->arena, "It cannot be asked: " STR_FMT, STR_ARG(why)),
		STR("Is it running, and is DATABASE_URL right? psql \"$DATABASE_URL\" -c 'SELECT "
		    "1'"));
}

static bool read_facts(struct probe *p, struct inspection *i, struct facts *out, int64_t *took_ms)
{
	int64_t asked_ms = clock_wall_ms(), mono_ms = clock_mono_ms();
	struct db_result r;
	struct str why;

	*out = (struct facts){ 0 };
	if (!inspect_ask(i, SQL_DOCTOR_SERVER, &r, &why)) {
		away(p, why);
		return false;
	}
	*took_ms = clock_mono_ms() - mono_ms;
	for (int row = 0; row < db_rows(&r) && row < 32; row++, out->num++)
		for (int c = 0; c < 2; c++)
			out->text[row][c] = arena_copy(p->arena, db_get(&r, row, c));
	p->skew = (struct skew){ p->title, number(out, "clock_ms", 0) - asked_ms - *took_ms / 2 };
	return true;
}

/* ---- the server ---- */

static void judge_server(struct probe *p, const struct inspection *i, const struct facts *f,
			 int64_t took_ms)
{
	struct str rest = fact(f, "server_version"), version = str_cut(&rest, ' ');

	if (is(f, "standby", "true"))
		probe_found(p, DOCTOR_FAIL, "database",
			    STR("It is a standby: it takes no writes, so nothing is accepted."),
			    STR("Lead DATABASE_URL to the primary, or promote this one: SELECT "
				"pg_promote()"));
	else if (inspect_version(i) < LEAST_VERSION)
		probe_found(p, DOCTOR_FAIL, "database",
			    arena_printf(p->arena, "PostgreSQL " STR_FMT " is too old.",
					 STR_ARG(version)),
			    STR("Upgrade it to 15 or later."));
	else
		probe_found(p, DOCTOR_OK, "database",
			    arena_printf(p->arena, "PostgreSQL " STR_FMT ", " STR_FMT ", %lld ms.",
					 STR_ARG(version), STR_ARG(fact(f, "size")),
					 (long long)took_ms),
			    nothing);
}

static void judge_durability(struct probe *p, const struct facts *f)
{
	static const char *const names[] = { "fsync", "full_page_writes", "synchronous_commit" };
	bool told_to = str_is(p->of->config->unsafe_database, "yes"), safe = true;

	for (size_t i = 0; i < 3; i++) {
		if (!is(f, names[i], "off"))
			continue;
		safe = false;
		probe_found(
			p, told_to ? DOCTOR_WARN : DOCTOR_FAIL, "database.durability",
			arena_printf(p->arena,
				     "%s is off: what was acknowledged is lost when the server "
				     "crashes.",
				     names[i]),
			arena_printf(p->arena,
				     "ALTER SYSTEM SET %s = on; SELECT pg_reload_conf(); unless a "
				     "role or database sets it: \\drds",
				     names[i]));
	}
	if (safe)
		probe_found(p, DOCTOR_OK, "database.durability",
			    STR("What is committed stays: fsync, full_page_writes, "
				"synchronous_commit."),
			    nothing);
}

static void judge_tls(struct probe *p, const struct inspection *i)
{
	bool tls = inspect_tls(i), local = inspect_local(i);

	if (tls || local)
		probe_found(p, DOCTOR_OK, "database.tls",
			    tls ? STR("The connection is encrypted.") :
				  STR("It is on this machine."),
			    nothing);
	else
		probe_found(
			p, DOCTOR_WARN, "database.tls",
			STR("The connection is not encrypted: guests' numbers can be read on the "
			    "way."),
			STR("Add sslmode=verify-full (or require) to DATABASE_URL."));
}

static void judge_connections(struct probe *p, const struct facts *f)
{
	int64_t most = number(f, "max_connections", 0) -
		       number(f, "superuser_reserved_connections", 0);
	int64_t limit = number(f, "limit", most), others = number(f, "others", 0);
	struct buf scratch = buf_new(p->arena, 1024); /* what is wrong with it is said elsewhere */
	const struct config *c = p->of->config;
	unsigned each = budget_direct(c, budget_share(c, &scratch));
	int64_t need = c->processes * c->workers * (int64_t)each + SPARE_CONNECTIONS;

	if (limit < most)
		most = limit;
	if (need + others <= most) {
		probe_found(p, DOCTOR_OK, "database.connections",
			    arena_printf(p->arena,
					 "%lld of %lld for PROCESSES=%ld gateways; they have %lld "
					 "now, others %lld.",
					 (long long)need, (long long)most, c->processes,
					 (long long)number(f, "ours", 0), (long long)others),
			    nothing);
		return;
	}
	probe_found(
		p, need > most ? DOCTOR_FAIL : DOCTOR_WARN, "database.connections",
		arena_printf(p->arena,
			     "We need %lld connections (%u for each of PROCESSES=%ld times "
			     "WORKERS=%ld), others have %lld, and the server gives %lld.",
			     (long long)need, each, c->processes, c->workers, (long long)others,
			     (long long)most),
		STR("DATABASE_CONNECTIONS says what there is, and each worker takes fewer; or "
		    "more: ALTER SYSTEM SET max_connections, and a restart; at a host, a larger "
		    "plan."));
}

/* What keeps vacuum from cleaning up: the queue's tables grow, and claims get slow. */
static void judge_vacuum(struct probe *p, const struct facts *f)
{
	int64_t oldest_s = number(f, "oldest_s", 0);

	if (fact(f, "slot").len)
		probe_found(
			p, DOCTOR_WARN, "database.vacuum",
			arena_printf(p->arena,
				     "The replication slot " STR_FMT
				     " is far behind: dead rows cannot be cleaned up.",
				     STR_ARG(fact(f, "slot"))),
			arena_printf(
				p->arena,
				"When nobody needs it: SELECT pg_drop_replication_slot('" STR_FMT
				"')",
				STR_ARG(fact(f, "slot"))));
	else if (oldest_s > OLD_TRANSACTION_S)
		probe_found(p, DOCTOR_WARN, "database.vacuum",
			    arena_printf(p->arena,
					 "A transaction of '" STR_FMT "' has been open for " STR_FMT
					 ": dead rows cannot be cleaned up.",
					 STR_ARG(fact(f, "oldest_name")),
					 STR_ARG(probe_age(p, oldest_s))),
			    arena_printf(p->arena, "SELECT pg_terminate_backend(" STR_FMT ")",
					 STR_ARG(fact(f, "oldest_pid"))));
	else
		probe_found(p, DOCTOR_OK, "database.vacuum",
			    STR("No old transaction keeps dead rows."), nothing);
}

/* ---- our schema ---- */

static bool judge_schema(struct probe *p, struct inspection *i)
{
	struct schema_gap gap;
	struct str why;

	if (!inspect_schema(i, &gap, &why)) {
		away(p, why);
		return false;
	}
	if (gap.missing.len)
		probe_found(p, DOCTOR_FAIL, "database.schema",
			    arena_printf(p->arena, "It lacks " STR_FMT ".", STR_ARG(gap.missing)),
			    STR("maitred migrate"));
	else if (gap.unknown.len)
		probe_found(p, DOCTOR_WARN, "database.schema",
			    arena_printf(p->arena,
					 "It is of a later version than this program: " STR_FMT ".",
					 STR_ARG(gap.unknown)),
			    STR("Deploy that version."));
	else
		probe_found(p, DOCTOR_OK, "database.schema", STR("It is up to date."), nothing);
	return !gap.missing.len;
}

static void judge_role(struct probe *p, const struct facts *f)
{
	bool app = is(f, "app", "true"), around = is(f, app ? "app_bypasses" : "we_bypass", "true");

	if (around)
		probe_found(
			p, DOCTOR_FAIL, "database.role",
			STR("Row-level security does not bind the role that the gateway works "
			    "as: accounts are not walled off."),
			app ? STR("ALTER ROLE maitred_app NOBYPASSRLS NOSUPERUSER") :
			      STR("Connect as a role that is no superuser (DATABASE_URL), then: "
				  "maitred migrate"));
	else if (!app)
		probe_found(
			p, DOCTOR_WARN, "database.role",
			STR("We may not take the role maitred_app, so a mistake of ours could "
			    "change tables."),
			STR("As a superuser: CREATE ROLE maitred_app NOLOGIN; GRANT maitred_app TO "
			    "the role of DATABASE_URL. Then: maitred migrate"));
	else
		probe_found(
			p, DOCTOR_OK, "database.role",
			STR("The gateway works as maitred_app, which row-level security binds."),
			nothing);
	if (fact(f, "unguarded").len)
		probe_found(
			p, DOCTOR_FAIL, "database.walls",
			arena_printf(p->arena, "Without row-level security: " STR_FMT ".",
				     STR_ARG(fact(f, "unguarded"))),
			STR("For each: SELECT guard_account_table('the table'). Then find out who "
			    "took it off."));
	else
		probe_found(p, DOCTOR_OK, "database.walls",
			    STR("Every table of accounts has row-level security."), nothing);
}

/* ---- all of it ---- */

static void read_numbers(struct probe *p, struct inspection *i)
{
	struct our_number *at;
	struct db_result r;
	struct str why;

	if (!inspect_ask(i, SQL_DOCTOR_NUMBERS, &r, &why))
		return;
	at = arena_zero(p->arena, (size_t)(db_rows(&r) + 1) * sizeof(*at));
	for (int row = 0; row < db_rows(&r); row++)
		at[row] = (struct our_number){ arena_copy(p->arena, db_get(&r, row, 0)),
					       arena_copy(p->arena, db_get(&r, row, 1)),
					       db_get_int(&r, row, 2) };
	p->own_numbers = (struct our_numbers){ at, (size_t)db_rows(&r), true };
}

static void look(struct probe *p, struct inspection *i)
{
	struct facts f;
	int64_t took_ms = 0;

	if (!read_facts(p, i, &f, &took_ms))
		return;
	judge_server(p, i, &f, took_ms);
	judge_durability(p, &f);
	judge_tls(p, i);
	judge_connections(p, &f);
	judge_vacuum(p, &f);
	doctor_pooler(p, i);
	if (!judge_schema(p, i))
		return;
	judge_role(p, &f);
	read_numbers(p, i);
	doctor_queue(p, i, number(&f, "ours", 0));
}

void doctor_database(struct probe *p)
{
	const struct config *c = p->of->config;
	struct str url = c->database_direct_url.len ? c->database_direct_url : c->database_url, why;
	struct inspection *i;

	if (!url.len)
		return; /* a problem of the configuration, which was told */
	i = inspect_open(p->arena, arena_cstr(p->arena, url), &why);
	if (i)
		look(p, i);
	else
		away(p, why);
	inspect_close(i);
}
