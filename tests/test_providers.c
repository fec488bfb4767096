/* test_providers.c - runs each case in fixtures/{twilio,telnyx}; a new one needs no C. */
#include "testing.h"

#include <dirent.h>
#include <stdlib.h>

#include "case_file.h"

/* Prints what differs, line by line, and fails. */
static void check_text(struct arena *a, const char *section, struct str want, struct str got)
{
	struct buf b = buf_new(a, 200000);

	while (str_ends(got, STR("\n")))
		got.len--;
	if (str_eq(want, got))
		return;
	while (want.len || got.len) {
		struct str w = str_cut(&want, '\n'), g = str_cut(&got, '\n');

		if (str_eq(w, g)) {
			buf_printf(&b, "  " STR_FMT "\n", STR_ARG(w));
			continue;
		}
		if (w.len)
			buf_printf(&b, "- " STR_FMT "\n", STR_ARG(w));
		if (g.len)
			buf_printf(&b, "+ " STR_FMT "\n", STR_ARG(g));
	}
	print_error("[%s] - expected, + got:\n" STR_FMT, section, STR_ARG(buf_str(&b)));
	fail();
}

static void check_wrong(const char *wrong)
{
	if (wrong)
		fail_msg("the case itself: %s", wrong);
}

static const struct outbound *way_of(const struct case_file *c)
{
	return case_is_call(c) ? c->provider->calls : c->provider->texts;
}

static void check_sending(struct arena *a, const struct case_file *c,
			  const struct carrier_account *account)
{
	struct str want = case_section(c, "expect request");
	struct outgoing text;
	struct http_request made;

	if (!want.p)
		return;
	check_wrong(case_text(a, c, &text));
	way_of(c)->build_send(a, account, &text, &made);
	check_text(a, "expect request", want, case_show_request(a, &made));
}

static void check_answer(struct arena *a, const struct case_file *c)
{
	struct str want = case_section(c, "expect result");
	struct http_response answer;
	struct send_result result;

	if (!want.p)
		return;
	check_wrong(case_response(a, c, &answer));
	way_of(c)->parse_send(a, &answer, &result);
	check_text(a, "expect result", want, case_show_result(a, &result));
}

static void check_fetched(struct arena *a, const struct case_file *c)
{
	struct str want = case_section(c, "expect fetched");
	struct http_response answer;
	struct event e;

	if (!want.p)
		return;
	check_wrong(case_response(a, c, &answer));
	check_text(a, "expect fetched", want,
		   way_of(c)->parse_fetch(a, &answer, &e) ? case_show_event(a, &e) :
							    STR("nothing"));
}

/* What a webhook is, to whom: parse_webhook() or parse_call(). */
typedef bool show_fn(struct arena *, const struct provider *, const struct http_request *,
		     struct str *out, const char **why);

static bool show_event(struct arena *a, const struct provider *p, const struct http_request *r,
		       struct str *out, const char **why)
{
	struct event e;

	if (!p->parse_webhook(a, r, &e, why))
		return false;
	*out = case_show_event(a, &e);
	return true;
}

static bool show_question(struct arena *a, const struct provider *p, const struct http_request *r,
			  struct str *out, const char **why)
{
	struct call_question q;

	if (!p->parse_call(a, r, &q, why))
		return false;
	*out = case_show_question(a, &q);
	return true;
}

static struct str meaning(struct arena *a, const struct provider *p,
			  const struct carrier_account *account, const struct http_request *r,
			  show_fn *show)
{
	static const char *const verdicts[] = { "valid", "forged", "stale" };
	enum webhook_verdict verdict;
	const char *why = NULL;
	struct str shown;

	verdict = p->verify_webhook(a, account, r, CASE_NOW_S, &why);
	if (verdict != WEBHOOK_VALID)
		return arena_printf(a, "verdict = %s\nwhy = %s", verdicts[verdict], why);
	if (!show(a, p, r, &shown, &why))
		return arena_printf(a, "verdict = valid\nunreadable = %s", why);
	return arena_printf(a, "verdict = valid\n" STR_FMT, STR_ARG(shown));
}

static void check_webhook(struct arena *a, const struct case_file *c,
			  const struct carrier_account *account, const char *section, show_fn *show)
{
	struct str want = case_section(c, section);
	struct http_request r;

	if (!want.p)
		return;
	check_wrong(case_request(a, c, account, &r));
	check_text(a, section, want, meaning(a, c->provider, account, &r, show));
}

static void check_script(struct arena *a, const struct case_file *c)
{
	struct str want = case_section(c, "expect script");
	struct call_script script;

	if (!want.p)
		return;
	check_wrong(case_script(a, c, &script));
	check_text(a, "expect script", want, c->provider->write_script(a, &script));
}

static bool expects_something(const struct case_file *c)
{
	for (size_t i = 0; i < c->num; i++)
		if (str_starts(c->sections[i].name, STR("expect ")))
			return true;
	return false;
}

static void run_case(void **state)
{
	const char *path = *state;
	struct arena *a = arena_new();
	struct carrier_account account;
	struct case_file c = { .provider = strstr(path, "/twilio/") ? &twilio : &telnyx };

	check_wrong(case_read(a, read_file(a, path), &c));
	if (!strstr(path, c.provider->name))
		fail_msg("no such carrier");
	check_wrong(case_account(a, &c, &account));
	if (!expects_something(&c))
		fail_msg("the case expects nothing");
	check_sending(a, &c, &account);
	check_answer(a, &c);
	check_fetched(a, &c);
	check_webhook(a, &c, &account, "expect event", show_event);
	check_webhook(a, &c, &account, "expect question", show_question);
	check_script(a, &c);
	arena_free(a);
}

static void registry(void **state)
{
	(void)state;
	check("twilio", provider_find(STR("twilio")) == &twilio);
	check("telnyx", provider_find(STR("telnyx")) == &telnyx);
	check("none", !provider_find(STR("acme")) && !provider_find(STR("")));
	for (size_t i = 0; providers[i]; i++) {
		const struct provider *p = providers[i];

		check(p->name, p->texts->build_send && p->texts->parse_send && p->verify_webhook);
		check(p->name, p->parse_webhook && p->title && p->ack_type.len);
		check(p->name, p->texts->build_lookup && p->texts->parse_lookup);
		check(p->name, provider_on(p, CHANNEL_SMS) == p->texts);
		check(p->name, provider_on(p, CHANNEL_VOICE) == p->calls);
		check(p->name, p->calls->build_send && p->calls->parse_send);
		check(p->name, p->calls->build_lookup && p->calls->parse_lookup);
		check(p->name, p->calls->build_fetch && p->calls->parse_fetch);
		check(p->name, p->parse_call && p->write_script && p->voice_type.len);
	}
	check_str("TwiML", twilio.ack_body,
		  STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>"));
	check_str("JSON", telnyx.ack_type, STR("application/json"));
}

static int is_case(const struct dirent *entry)
{
	return str_ends(str_of(entry->d_name), STR(".case"));
}

static size_t add_cases(struct arena *a, const char *carrier, struct CMUnitTest *tests)
{
	const char *folder = arena_printf(a, "fixtures/%s", carrier).p;
	struct dirent **entries;
	int num = scandir(folder, &entries, is_case, alphasort);

	for (int i = 0; i < num; i++) {
		const char *file = entries[i]->d_name;

		tests[i] = (struct CMUnitTest){
			.name = arena_printf(a, "%s/%s", carrier, file).p,
			.test_func = run_case,
			.initial_state = arena_cstr(a, arena_printf(a, "%s/%s", folder, file)),
		};
		free(entries[i]);
	}
	if (num >= 0)
		free(entries);
	return num < 0 ? 0 : (size_t)num;
}

int main(void)
{
	static struct CMUnitTest tests[1000];
	struct arena *a = arena_new();
	size_t num = 0;
	int failed;

	tests[num++] = (struct CMUnitTest)cmocka_unit_test(registry);
	for (size_t i = 0; providers[i]; i++) {
		size_t more = add_cases(a, providers[i]->name, tests + num);

		if (!more)
			print_error("no cases in fixtures/%s\n", providers[i]->name);
		num += more;
	}
	failed = _cmocka_run_group_tests("providers", tests, num, NULL, NULL);
	arena_free(a);
	return failed || num < 3;
}
