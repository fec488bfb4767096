/* sql_heard.c - heard_claim, heard_missing and heard_done on the tables. */
#include "sql.h"

#define FIRST_AFTER_MS 300000
#define AWAY_MS 60000

static struct heard *heard_of(struct str provider)
{
	return str_is(provider, tables.heard[0].provider) ? &tables.heard[0] : &tables.heard[1];
}

void sql_heard_claim(const struct args *a, struct rows *out)
{
	struct heard *h = heard_of(arg_text(a, 1));
	int64_t now = a->now_ms, known, since, until;

	out->columns = 3;
	if (!h->until) {
		h->until = now;
		h->due_at = now + FIRST_AFTER_MS;
		return;
	}
	if (arg_int(a, 2) && h->until >= now - AWAY_MS && h->due_at > h->until + AWAY_MS)
		h->due_at = h->until + AWAY_MS;
	if (h->leased_until >= now ||
	    !(h->due_at <= now || (arg_int(a, 2) && h->until < now - AWAY_MS)))
		return;
	h->leased_until = now + arg_int(a, 3);
	h->due_at = h->due_at < now ? h->due_at : now;
	known = h->until > now - arg_int(a, 6) ? h->until : now - arg_int(a, 6);
	since = known - arg_int(a, 4);
	until = known + arg_int(a, 5) < now ? known + arg_int(a, 5) : now;
	put_int(out, since > now - arg_int(a, 6) ? since : now - arg_int(a, 6));
	put_int(out, until);
	put_int(out, until < now);
}

static bool is_there(struct str provider, struct str id)
{
	for (size_t i = 0; i < tables.messages.num; i++) {
		const struct message *m = tables.messages.at[i];

		if (m->in && str_eq(m->provider, provider) && str_eq(m->carrier_id, id))
			return true;
	}
	return false;
}

void sql_heard_missing(const struct args *a, struct rows *out)
{
	struct str rest = arg_text(a, 2);

	while (rest.len) {
		struct str number = str_cut(&rest, ',');
		struct str id = str_cut(&number, ' ');

		if (number_is_ours(arg_text(a, 1), number) && !is_there(arg_text(a, 1), id))
			put_text(out, id);
	}
}

void sql_heard_done(const struct args *a, struct rows *out)
{
	struct heard *h = heard_of(arg_text(a, 1));

	h->until = h->until > arg_int(a, 2) ? h->until : arg_int(a, 2);
	h->leased_until = 0;
	h->due_at = a->now_ms + arg_int(a, 3);
	put_text(out, arg_text(a, 1));
}
