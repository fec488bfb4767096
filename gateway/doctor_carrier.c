/* doctor_carrier.c - compares our numbers with those of a carrier, and tells what differs. */
#include "doctor_carrier.h"

#include "callback.h"
#include "json.h"

#define NAMES_MAX 600 /* of a sentence; more are left out */

static const struct str nothing = STR("");

static const char *check(struct probe *p, const char *what)
{
	return arena_printf(p->arena, "%s.%s", p->carrier->provider->name, what).p;
}

/* ---- asking ---- */

static void refused(struct probe *p, const struct http_response *r, struct str mend)
{
	const struct json *j = json_parse(p->arena, r->body, NULL);
	const struct json *first = json_at(json_get(j, "errors"), 0);
	struct str said = json_str(j, "message").len ? json_str(j, "message") :
						       json_str(first, "title");
	bool credentials = r->status == 401 || r->status == 403;

	probe_found(p, DOCTOR_FAIL, p->carrier->provider->name,
		    arena_printf(p->arena, "It %s: %d%s" STR_FMT ".",
				 credentials ? "does not take our credentials" :
					       "answers with an error",
				 r->status, said.len ? ", " : "", STR_ARG(said)),
		    credentials ? mend : STR("Look at the carrier's status page, and try again."));
}

bool carrier_ask(struct probe *p, const struct http_request *request, struct http_response *out,
		 struct str mend)
{
	if (!probe_ask(p, request, out)) {
		probe_found(
			p, DOCTOR_FAIL, p->carrier->provider->name,
			arena_printf(p->arena, "It cannot be reached: %s.", out->error),
			STR("Look at its status page, and whether this machine reaches it: name, "
			    "route, firewall. The other carrier takes over meanwhile."));
		return false;
	}
	if (out->status == 200)
		return true;
	refused(p, out, mend);
	return false;
}

/* ---- comparing ---- */

bool carrier_begin(struct probe *p, struct carrier_found *out)
{
	const struct our_numbers *all = p->numbers;
	struct str name = str_of(p->carrier->provider->name);
	struct our_number *ours = arena_zero(p->arena, (all->num + 1) * sizeof(*ours));

	*out = (struct carrier_found){ .ours = ours,
				       .there = arena_zero(p->arena, all->num + 1),
				       .mute = buf_new(p->arena, NAMES_MAX),
				       .elsewhere = buf_new(p->arena, NAMES_MAX),
				       .lazy = buf_new(p->arena, NAMES_MAX),
				       .loose = buf_new(p->arena, NAMES_MAX) };
	for (size_t i = 0; i < all->num; i++)
		if (str_eq(all->at[i].provider, name))
			ours[out->num++] = all->at[i];
	if (!all->known)
		return false;
	if (!out->num)
		probe_found(p, DOCTOR_WARN, check(p, "numbers"), STR("We have no number there."),
			    arena_printf(p->arena, "maitred number add " STR_FMT " NUMBER",
					 STR_ARG(name)));
	return out->num;
}

const struct our_number *carrier_take(struct carrier_found *f, struct str phone)
{
	for (size_t i = 0; i < f->num; i++) {
		if (!str_eq(f->ours[i].phone, phone))
			continue;
		f->seen += !f->there[i];
		f->there[i] = true;
		return &f->ours[i];
	}
	return NULL;
}

bool carrier_has_all(const struct carrier_found *f)
{
	return f->seen == f->num;
}

void carrier_note(struct buf *names, struct str name)
{
	buf_printf(names, "%s" STR_FMT, names->len ? ", " : "", STR_ARG(name));
}

/* ---- where they lead ---- */

static struct str address(struct str url)
{
	return str_cut(&url, '#');
}

static bool is_ours(const struct carrier_webhook *w)
{
	return w->post && str_eq(address(w->url), address(w->ours));
}

/* Ours, and the carrier does not come back when we are down; others say so behind a #. */
static bool is_lazy(const struct carrier_webhook *w)
{
	return is_ours(w) && address(w->ours).len < w->ours.len &&
	       address(w->url).len == w->url.len;
}

bool carrier_to_set(const struct probe *p, const struct carrier_webhook *w)
{
	return p->of->set_webhooks && doctor_url_usable(p) && (!is_ours(w) || is_lazy(w));
}

void carrier_webhook_found(struct probe *p, struct carrier_found *f,
			   const struct carrier_webhook *w)
{
	struct str url = address(w->url);

	if (!doctor_url_usable(p))
		return; /* it is not known where they should go */
	f->webhooks++;
	if (w->set) {
		probe_found(p, DOCTOR_SET, check(p, "webhooks"),
			    is_lazy(w) ? arena_printf(p->arena,
						      "%s of " STR_FMT
						      " are tried again now when we are down.",
						      w->what, STR_ARG(w->of)) :
					 arena_printf(p->arena,
						      "%s of " STR_FMT
						      " come here now. They went %s" STR_FMT ".",
						      w->what, STR_ARG(w->of),
						      url.len ? "to " : "nowhere",
						      STR_ARG(probe_place(p, url))),
			    nothing);
	} else if (!is_ours(w)) {
		buf_printf(&f->elsewhere, "%s%s of " STR_FMT " go %s" STR_FMT "%s%s",
			   f->elsewhere.len ? "; " : "", w->what, STR_ARG(w->of),
			   url.len ? "to " : "nowhere", STR_ARG(probe_place(p, url)),
			   url.len && !w->post ? " by GET" : "",
			   w->refused ? " (which we may not change)" : "");
	} else if (is_lazy(w)) {
		carrier_note(&f->lazy, w->of);
	}
}

/* ---- telling ---- */

static void tell_numbers(struct probe *p, struct carrier_found *f, const char *console)
{
	struct buf missing = buf_new(p->arena, NAMES_MAX);

	for (size_t i = 0; i < f->num && !f->cut; i++)
		if (!f->there[i])
			carrier_note(&missing, f->ours[i].phone);
	if (missing.len)
		probe_found(
			p, DOCTOR_FAIL, check(p, "numbers"),
			arena_printf(p->arena, "Not in our account there: " STR_FMT ".",
				     STR_ARG(buf_str(&missing))),
			arena_printf(p->arena,
				     "Buy or port it at %s, or take it out of the table numbers.",
				     console));
	if (f->mute.len)
		probe_found(p, DOCTOR_FAIL, check(p, "numbers"),
			    arena_printf(p->arena, "Cannot text: " STR_FMT ".",
					 STR_ARG(buf_str(&f->mute))),
			    arena_printf(p->arena, "Take another number at %s.", console));
	if (f->cut && !carrier_has_all(f))
		probe_found(p, DOCTOR_WARN, check(p, "numbers"),
			    arena_printf(p->arena,
					 "%zu of our %zu were seen; there are too many to look "
					 "at.",
					 f->seen, f->num),
			    arena_printf(p->arena, "Look for the others at %s.", console));
	else if (!missing.len && !f->mute.len)
		probe_found(p, DOCTOR_OK, check(p, "numbers"),
			    arena_printf(p->arena, "%zu of %zu %s there.", f->seen, f->num,
					 f->num == 1 ? "is" : "are"),
			    nothing);
}

void carrier_tell(struct probe *p, struct carrier_found *f, const char *console)
{
	tell_numbers(p, f, console);
	if (f->loose.len)
		probe_found(p, DOCTOR_FAIL, check(p, "webhooks"),
			    arena_printf(p->arena, STR_FMT ".", STR_ARG(buf_str(&f->loose))),
			    arena_printf(p->arena,
					 "Assign it at %s; then: maitred doctor --set-webhooks",
					 console));
	if (f->elsewhere.len)
		probe_found(p, DOCTOR_FAIL, check(p, "webhooks"),
			    arena_printf(p->arena, "Not to this gateway: " STR_FMT ".",
					 STR_ARG(buf_str(&f->elsewhere))),
			    STR("maitred doctor --set-webhooks"));
	if (f->lazy.len)
		probe_found(
			p, DOCTOR_WARN, check(p, "webhooks"),
			arena_printf(
				p->arena,
				"It does not try again when we are down (no #rc=5&rp=all): " STR_FMT
				".",
				STR_ARG(buf_str(&f->lazy))),
			STR("maitred doctor --set-webhooks"));
	if (f->webhooks && !f->elsewhere.len && !f->lazy.len && !f->loose.len)
		probe_found(p, DOCTOR_OK, check(p, "webhooks"),
			    STR("Texts and calls of guests come here."), nothing);
}
