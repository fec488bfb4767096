/* doctor_queue.c - what waits, and how the carriers are, as the database has it. */
#include "doctor_probe.h"
#include "inspect.h"

#define QUEUE_WARN_S 60
#define QUEUE_FAIL_S 300 /* as the alarm MaitredQueueStuck */
#define CALLBACKS_WARN_S 60
#define UNKNOWN_WARN_S 900

static const struct str nothing = STR("");

/* db/sql/metrics_read.sql, without labels. */
struct waiting {
	int64_t messages, oldest_s, unknown, callbacks, callbacks_oldest_s;
};

static bool read_waiting(struct inspection *i, struct waiting *out, struct str *why)
{
	const struct {
		const char *name;
		int64_t *to;
	} all[] = {
		{ "maitred_queue_messages", &out->messages },
		{ "maitred_queue_oldest_age_seconds", &out->oldest_s },
		{ "maitred_messages_unknown", &out->unknown },
		{ "maitred_callbacks_pending", &out->callbacks },
		{ "maitred_callbacks_oldest_age_seconds", &out->callbacks_oldest_s },
	};
	struct db_result r;

	if (!inspect_ask(i, SQL_METRICS_READ, &r, why))
		return false;
	for (int row = 0; row < db_rows(&r); row++)
		for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++)
			if (str_is(db_get(&r, row, 0), all[k].name))
				*all[k].to = db_get_int(&r, row, 3);
	return true;
}

static void judge_gateways(struct probe *p, int64_t connections)
{
	if (connections)
		probe_found(p, DOCTOR_OK, "gateways", STR("One or more are at work."), nothing);
	else
		probe_found(p, DOCTOR_WARN, "gateways",
			    STR("None is connected to this database: nothing is sent."),
			    STR("maitred serve; on Heroku: heroku ps:scale web=1"));
}

static void judge_queue(struct probe *p, const struct waiting *w, bool anybody)
{
	enum doctor_level level = w->oldest_s > QUEUE_FAIL_S ? DOCTOR_FAIL :
				  w->oldest_s > QUEUE_WARN_S ? DOCTOR_WARN :
							       DOCTOR_OK;

	if (level == DOCTOR_OK)
		probe_found(p, level, "queue",
			    arena_printf(p->arena, "It moves; %lld in it.", (long long)w->messages),
			    nothing);
	else
		probe_found(
			p, level, "queue",
			arena_printf(p->arena,
				     "The oldest of %lld messages should have left " STR_FMT
				     " ago%s",
				     (long long)w->messages, STR_ARG(probe_age(p, w->oldest_s)),
				     anybody ? "." : ", and no gateway works."),
			anybody ? STR("Are the carriers out or drained? Does a number send more "
				      "than its pace? GET /v1/messages/{id} says why one waits.") :
				  STR("maitred serve, or maitred work"));
	if (w->callbacks_oldest_s > CALLBACKS_WARN_S)
		probe_found(p, DOCTOR_WARN, "callbacks",
			    arena_printf(p->arena,
					 "The oldest of %lld batches was not applied for " STR_FMT
					 ".",
					 (long long)w->callbacks,
					 STR_ARG(probe_age(p, w->callbacks_oldest_s))),
			    STR("Look for statement_refused in the log. Is a gateway at work?"));
	else
		probe_found(p, DOCTOR_OK, "callbacks", STR("They are applied as they come."),
			    nothing);
}

static void judge_unknown(struct probe *p, const struct waiting *w, int64_t oldest_s)
{
	if (oldest_s > UNKNOWN_WARN_S)
		probe_found(
			p, DOCTOR_WARN, "queue.unknown",
			arena_printf(p->arena,
				     "Of %lld messages it is not known whether they were sent, of "
				     "the oldest for " STR_FMT ".",
				     (long long)w->unknown, STR_ARG(probe_age(p, oldest_s))),
			STR("Look at the carrier's status page. Staff see each one, and may "
			    "send it again."));
	else
		probe_found(
			p, DOCTOR_OK, "queue.unknown",
			STR("Of each message it is known whether it was sent, or soon will be."),
			nothing);
}

/* ---- the carriers ---- */

static const char *check_of(struct probe *p, struct str provider)
{
	return arena_printf(p->arena, STR_FMT ".state", STR_ARG(provider)).p;
}

static void judge_carrier(struct probe *p, struct str what, struct str provider, struct str value)
{
	const char *check = check_of(p, provider);

	if (str_is(what, "drained"))
		probe_found(p, DOCTOR_WARN, check,
			    arena_printf(p->arena, "Somebody took it out: " STR_FMT,
					 STR_ARG(arena_copy(p->arena, value))),
			    arena_printf(p->arena, "When that is over: maitred undrain " STR_FMT,
					 STR_ARG(provider)));
	else if (str_is(what, "silent"))
		probe_found(p, DOCTOR_WARN, check,
			    STR("Texts arrive, but none of its callbacks do."),
			    STR("Does PUBLIC_URL lead here from outside? maitred doctor "
				"--set-webhooks"));
	else if (str_is(value, "send"))
		probe_found(
			p, DOCTOR_WARN, check,
			STR("It fails, so it is left alone for a while, and tried again with one "
			    "message."),
			STR("Look at the carrier's status page; GET /v1/carriers has the reason."));
}

static bool judge_carriers(struct probe *p, struct inspection *i, int64_t *unknown_s,
			   struct str *why)
{
	const struct carrier_list *carriers = p->of->carriers;
	bool told[CARRIERS_MAX] = { false };
	struct db_result r;
	long long n;

	if (!inspect_ask(i, SQL_DOCTOR_QUEUE, &r, why))
		return false;
	for (int row = 0; row < db_rows(&r); row++) {
		struct str what = db_get(&r, row, 0), provider = db_get(&r, row, 1);
		struct str value = db_get(&r, row, 2);

		if (str_is(what, "unknown_s") && str_number(value, &n))
			*unknown_s = n;
		for (size_t k = 0; k < carriers->num; k++) {
			if (!str_is(provider, carriers->at[k].provider->name))
				continue;
			told[k] |= !str_is(what, "out") || str_is(value, "send");
			judge_carrier(p, what, str_of(carriers->at[k].provider->name), value);
		}
	}
	for (size_t k = 0; k < carriers->num; k++)
		if (!told[k])
			probe_found(p, DOCTOR_OK,
				    check_of(p, str_of(carriers->at[k].provider->name)),
				    STR("It is in use."), nothing);
	return true;
}

void doctor_queue(struct probe *p, struct inspection *i, int64_t connections)
{
	struct waiting w = { 0 };
	int64_t unknown_s = 0;
	struct str why;

	judge_gateways(p, connections);
	if (!read_waiting(i, &w, &why) || !judge_carriers(p, i, &unknown_s, &why)) {
		probe_found(p, DOCTOR_FAIL, "queue",
			    arena_printf(p->arena, "It cannot be read: " STR_FMT, STR_ARG(why)),
			    STR("maitred migrate; then look whether the database is busy."));
		return;
	}
	judge_queue(p, &w, connections);
	judge_unknown(p, &w, unknown_s);
}
