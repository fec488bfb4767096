/* sql_carriers.c - carrier_sync, carrier_change, carrier_unheard and quarantine on the tables. */
#include "sql.h"

#define PROBE_MS 15000

static bool is_wanted(struct str wanted, const struct line *l)
{
	while (wanted.len) {
		struct str operation = str_cut(&wanted, ',');
		struct str provider = str_cut(&operation, ' ');

		if (str_is(provider, l->provider) && str_is(operation, l->operation))
			return true;
	}
	return false;
}

static void put_line(const struct args *a, const struct line *l, bool may_try, struct rows *out)
{
	put_text(out, str_of(l->provider));
	put_text(out, str_of(l->operation));
	put_text(out, l->open ? STR("open") : STR("closed"));
	if (l->has_until)
		put_int(out, l->open_until - a->now_ms);
	else
		put_text(out, (struct str){ 0 });
	put_int(out, l->times);
	put_int(out, l->shift);
	put_int(out, l->version);
	put_int(out, may_try);
	put_int(out, l->drained);
	put_int(out, tables.epoch);
}

void sql_carrier_sync(const struct args *a, struct rows *out)
{
	out->columns = 10;
	tables.epoch++;
	for (int i = 0; i < LINES; i++) {
		struct line *l = &tables.lines[i];
		bool may_try = l->open && l->open_until <= a->now_ms &&
			       l->probe_until <= a->now_ms && is_wanted(arg_text(a, 3), l);

		if (may_try)
			l->probe_until = a->now_ms + PROBE_MS;
		if (l->known)
			put_line(a, l, may_try, out);
		l->known = true;
	}
}

void sql_carrier_change(const struct args *a, struct rows *out)
{
	out->columns = 2;
	for (int i = 0; i < LINES; i++) {
		struct line *l = &tables.lines[i];

		if (!l->known || !str_is(arg_text(a, 1), l->provider) ||
		    !str_is(arg_text(a, 2), l->operation) || l->version != arg_int(a, 3))
			continue;
		l->open = str_is(arg_text(a, 4), "open");
		l->open_until = a->now_ms + arg_int(a, 5);
		l->has_until = true;
		l->times = arg_int(a, 6);
		l->shift = arg_int(a, 7);
		l->probe_until = 0;
		put_int(out, ++l->version);
		put_text(out, STR(""));
		story("database", "breaker of %s, %s: " STR_FMT, l->provider, l->operation,
		      STR_ARG(arg_text(a, 9)));
		vdb_notify("maitred_carriers");
	}
}

/* Nothing that a history looks at follows from it. */
void sql_carrier_unheard(const struct args *a, struct rows *out)
{
	(void)arg_int(a, 2);
	out->columns = 1;
}

/* The virtual database forgets nothing, so nobody may think so. */
void sql_quarantine(const struct args *a, struct rows *out)
{
	(void)out;
	violation("history counts as lost: the epoch %lld was seen, and it is %lld",
		  (long long)arg_int(a, 1), (long long)tables.epoch);
}
