/*
 * doctor_telnyx.c - our account at Telnyx: is the key right, are our numbers there, and do the
 * profile and the application that they belong to lead here. Source: Telnyx's OpenAPI document:
 * balance, phone_numbers, messaging_profiles, texml_applications; all of them are free.
 */
#include "doctor_carrier.h"
#include "json.h"
#include "requests.h"

#define PAGES_MAX 10
#define PROFILES_MAX 32
#define JSON_MAX 4096
#define PORTAL "https://portal.telnyx.com"

/* The messaging profiles that our numbers belong to. */
struct profiles {
	struct str at[PROFILES_MAX];
	size_t num;
};

static const struct json *get(struct probe *p, struct str path)
{
	struct http_request request;
	struct http_response r;

	telnyx_build_get(p->arena, &p->carrier->account, path, &request);
	if (!carrier_ask(p, &request, &r,
			 STR("Copy an API key from " PORTAL " to TELNYX_API_KEY.")))
		return NULL;
	return json_parse(p->arena, r.body, NULL);
}

static void set(struct probe *p, struct carrier_webhook *w, struct str path, struct str json)
{
	struct http_request request;
	struct http_response r;

	telnyx_build_post(p->arena, &p->carrier->account, path, json, &request);
	request.method = STR("PATCH");
	w->set = probe_ask(p, &request, &r) && r.status == 200;
	w->refused = !w->set;
}

/* ---- the account ---- */

static bool account_ok(struct probe *p)
{
	const struct json *data = json_get(get(p, STR("balance")), "data");
	struct str credit = json_str(data, "available_credit");

	if (!data)
		return false;
	if (!credit.len || (credit.p[0] != '-' && !str_is(credit, "0.00"))) {
		probe_found(p, DOCTOR_OK, "telnyx", STR("Our key is right, and there is credit."),
			    STR(""));
		return true;
	}
	probe_found(p, DOCTOR_FAIL, "telnyx", STR("There is no credit left: nothing is sent."),
		    STR("Top it up at " PORTAL "."));
	return true;
}

/* ---- profiles: texts ---- */

static void look_at_profile(struct probe *p, struct carrier_found *found, struct str id)
{
	struct str path = arena_printf(p->arena, "messaging_profiles/" STR_FMT, STR_ARG(id));
	const struct json *data = json_get(get(p, path), "data");
	struct carrier_webhook w = {
		.of = arena_printf(p->arena, "profile '" STR_FMT "'",
				   STR_ARG(json_str(data, "name"))),
		.what = "texts",
		.url = json_str(data, "webhook_url"),
		.ours = arena_printf(p->arena, STR_FMT "/webhooks/telnyx/messages",
				     STR_ARG(p->carrier->account.public_url)),
		.post = true,
	};
	struct buf b = buf_new(p->arena, JSON_MAX);

	if (!data)
		return;
	json_open(&b, NULL, '{');
	json_put_str(&b, "webhook_url", w.ours);
	json_put_str(&b, "webhook_api_version", STR("2")); /* what we read */
	json_close(&b, '}');
	if (carrier_to_set(p, &w))
		set(p, &w, path, buf_str(&b));
	carrier_webhook_found(p, found, &w);
}

/* ---- the application: calls ---- */

static void look_at_application(struct probe *p, struct carrier_found *found)
{
	const struct carrier_account *us = &p->carrier->account;
	struct str path = arena_printf(p->arena, "texml_applications/" STR_FMT,
				       STR_ARG(us->voice_app));
	const struct json *data = json_get(get(p, path), "data");
	struct carrier_webhook w = {
		.of = arena_printf(p->arena, "application '" STR_FMT "'",
				   STR_ARG(json_str(data, "friendly_name"))),
		.what = "calls",
		.voice = true,
		.url = json_str(data, "voice_url"),
		.ours = arena_printf(p->arena, STR_FMT "/webhooks/telnyx/voice",
				     STR_ARG(us->public_url)),
		.post = str_eq_fold(json_str(data, "voice_method"), STR("post")),
	};
	struct buf b = buf_new(p->arena, JSON_MAX);

	if (!data)
		return;
	json_open(&b, NULL, '{');
	json_put_str(&b, "friendly_name", json_str(data, "friendly_name")); /* it has to be there */
	json_put_str(&b, "voice_url", w.ours);
	json_put_str(&b, "voice_method", STR("post"));
	if (!json_str(data, "voice_fallback_url").len)
		json_put_str(&b, "voice_fallback_url",
			     arena_printf(p->arena, STR_FMT "-fallback", STR_ARG(w.ours)));
	json_close(&b, '}');
	if (carrier_to_set(p, &w))
		set(p, &w, path, buf_str(&b));
	carrier_webhook_found(p, found, &w);
}

/* ---- its numbers ---- */

static void add_profile(struct profiles *all, struct str id)
{
	for (size_t i = 0; i < all->num; i++)
		if (str_eq(all->at[i], id))
			return;
	if (all->num < PROFILES_MAX)
		all->at[all->num++] = id;
}

static void look_at_number(struct probe *p, struct carrier_found *found, struct profiles *profiles,
			   const struct json *number)
{
	const struct carrier_account *us = &p->carrier->account;
	const struct our_number *ours = carrier_take(found, json_str(number, "phone_number"));
	struct str profile = json_str(number, "messaging_profile_id");

	if (!ours)
		return;
	if (!profile.len)
		buf_printf(&found->loose, "%s" STR_FMT " belongs to no messaging profile",
			   found->loose.len ? "; " : "", STR_ARG(ours->phone));
	else if (!str_is(profile, "UNAVAILABLE"))
		add_profile(profiles, profile);
	if (ours->calls && us->voice_app.len &&
	    !str_eq(json_str(number, "connection_id"), us->voice_app))
		buf_printf(&found->loose, "%s" STR_FMT " does not belong to TELNYX_VOICE_APP",
			   found->loose.len ? "; " : "", STR_ARG(ours->phone));
}

static bool look_at_numbers(struct probe *p, struct carrier_found *found, struct profiles *profiles)
{
	int64_t pages = 1;

	for (int n = 1; n <= pages && !carrier_has_all(found); n++) {
		const struct json *j = get(
			p, arena_printf(p->arena,
					"phone_numbers?page%%5Bsize%%5D=250&page%%5Bnumber%%5D=%d",
					n));

		if (!j)
			return false;
		for (const struct json *at = json_at(json_get(j, "data"), 0); at; at = at->next)
			look_at_number(p, found, profiles, at);
		json_int(json_get(json_get(j, "meta"), "total_pages"), &pages);
		found->cut = pages > PAGES_MAX;
		pages = found->cut ? PAGES_MAX : pages;
	}
	return true;
}

void doctor_telnyx(struct probe *p)
{
	struct profiles profiles = { .num = 0 };
	struct carrier_found found;

	if (!account_ok(p) || !carrier_begin(p, &found) || !look_at_numbers(p, &found, &profiles))
		return;
	for (size_t i = 0; i < profiles.num; i++)
		look_at_profile(p, &found, profiles.at[i]);
	if (p->carrier->account.voice_app.len)
		look_at_application(p, &found);
	carrier_tell(p, &found, PORTAL);
}
