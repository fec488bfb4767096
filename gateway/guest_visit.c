/* guest_visit.c - a guest's own page: their place or their booking, and what they can do. */
#include "guest_pages.h"
#include "phone.h"
#include "router.h"
#include "worker.h"

static bool may(const struct json *page, const char *what)
{
	for (const struct json *at = json_get(page, "may") ? json_get(page, "may")->first : NULL;
	     at; at = at->next)
		if (str_is(at->text, what))
			return true;
	return false;
}

/* "(212) 555-0100", as the guest would dial it. */
static void put_phone(struct buf *b, struct str e164)
{
	struct phone_details details;
	struct phone phone;
	const char *why;

	if (!e164.len || !phone_parse(arena_cstr(b->arena, e164), "ZZ", &phone, &why))
		return;
	phone_describe(&phone, &details);
	json_put_str(b, "phone_shown", str_of(details.national));
}

/* The words for what it is and how it is with it. */
static void put_state(struct buf *b, const struct json *page, const struct json *words)
{
	struct arena *a = b->arena;
	struct str what = json_str(page, "what"), state = json_str(page, "state");
	static const char *const either[] = { "coming_button", "leave_button", "leave_question",
					      "leave_more",    "leave_yes",    "leave_no" };
	int64_t ahead, minutes;

	guest_pages_put(b, "headline", words,
			arena_printf(a, STR_FMT "_" STR_FMT, STR_ARG(what), STR_ARG(state)));
	guest_pages_put(
		b, "more", words,
		arena_printf(a, STR_FMT "_" STR_FMT "_more", STR_ARG(what), STR_ARG(state)));
	for (size_t i = 0; i < sizeof(either) / sizeof(*either); i++)
		guest_pages_put(b, either[i], words,
				arena_printf(a, STR_FMT "_%s", STR_ARG(what), either[i]));
	if (str_is(state, "notified"))
		json_put_str(b, "tone", STR("call"));
	if ((str_is(state, "waiting") || str_is(state, "almost")) &&
	    json_int(json_get(page, "ahead"), &ahead))
		guest_pages_put(b, "ahead_word", words,
				ahead > 1 ? STR("ahead_n") :
				ahead	  ? STR("ahead_1") :
					    STR("ahead_0"));
	if (json_int(json_get(page, "minutes"), &minutes))
		guest_pages_put(b, "ready_word", words,
				minutes > 0 ? STR("ready_in") : STR("ready_soon"));
}

static void on_visit(void *ctx, const struct db_result *r)
{
	struct exchange *x = ctx;
	int status;
	const struct json *page = guest_pages_answer(x, r, &status);

	if (!page)
		return;
	if (status >= 400) {
		guest_pages_message(x, status, "gone");
		return;
	}
	const char *spoken_there = guest_pages_language(json_str(page, "language"));
	const char *language = spoken_there ? spoken_there : "en";
	const struct json *words = guest_pages_words(x->arena, language);
	struct buf b = buf_new(x->arena, EXTRA_MAX);
	bool leaving = str_ends(x->path, STR("/leave")) && may(page, "leave");

	json_open(&b, NULL, '{');
	json_put_str(&b, "lang", str_of(language));
	json_put_str(&b, "token", x->params[0]);
	put_state(&b, page, words);
	put_phone(&b, json_str(json_get(page, "venue"), "phone"));
	json_put_bool(&b, "can_come", may(page, "coming"));
	json_put_bool(&b, "can_wait", may(page, "more_time"));
	json_put_bool(&b, "can_leave", may(page, "leave"));
	json_put_bool(&b, "live", may(page, "leave")); /* what has not ended can be left */
	guest_pages_reply(x, 200, leaving ? "guest/leave.html" : "guest/visit.html",
			  (const struct json *[PARTS_MAX]){ words, page, guest_pages_close(&b) });
}

void guest_pages_visit(struct exchange *x)
{
	const struct db_param token[] = { db_text(x->params[0]) };

	db_query(worker_of(x)->db, DB_DOOR, SQL_GUEST_VIEW, DB_PARAMS(token), on_visit, x);
}

/* What applies no more changes nothing: the page says how it is. */
static void on_act(void *ctx, const struct db_result *r)
{
	struct exchange *x = ctx;
	int status;

	if (!guest_pages_answer(x, r, &status))
		return;
	if (status == 404) {
		guest_pages_message(x, 404, "gone");
		return;
	}
	exchange_add_header(x, "location",
			    arena_printf(x->arena, "/g/" STR_FMT, STR_ARG(x->params[0])));
	exchange_reply(x, 303, STR("text/plain"), STR(""));
}

void guest_pages_act(struct exchange *x)
{
	const struct db_param token[] = { db_text(x->params[0]) };

	db_query(worker_of(x)->db, DB_DOOR, x->route->statement, DB_PARAMS(token), on_act, x);
}
