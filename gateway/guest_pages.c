/*
 * guest_pages.c - from the row of a statement to a page in the guest's language. Templates and
 * words are in gateway/console/guest/.
 */
#include "guest_pages.h"

#include <assert.h>

#include "assets.h"
#include "form.h"
#include "mustache.h"
#include "reply.h"
#include "serve.h"

#define POLICY                                                                                     \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "                 \
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
#define FORM_FIELDS_MAX 16

/* ---- languages ---- */

/* "es" for "es-MX"; NULL for one that we do not speak. */
const char *guest_pages_language(struct str tag)
{
	static const char *const ours[] = { "en", "es", "fr" };
	struct str name = str_cut(&tag, '-');

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (str_eq_fold(str_trim(name), str_of(ours[i])))
			return ours[i];
	return NULL;
}

/* What the guest chose by ?lang=, or their browser's first that we speak; NULL: neither. */
const char *guest_pages_wanted(const struct exchange *x)
{
	struct str rest = exchange_header(x, "accept-language");
	struct form query;
	const char *found = NULL;

	if (form_parse(x->arena, x->query, FORM_FIELDS_MAX, &query))
		found = guest_pages_language(form_get(&query, "lang"));
	while (!found && rest.len) {
		struct str one = str_cut(&rest, ',');

		found = guest_pages_language(str_cut(&one, ';'));
	}
	return found;
}

/* Our words are part of the binary: they are JSON. */
const struct json *guest_pages_words(struct arena *a, const char *language)
{
	const struct asset *file = asset_find(arena_printf(a, "guest/%s.json", language).p);
	const char *why;

	assert(file);
	const struct json *words = json_parse(
		a, (struct str){ (const char *)file->bytes, file->len }, &why);
	assert(words);
	return words;
}

/* ---- pages ---- */

/* Words under another name: what template or state have in common is chosen here. */
void guest_pages_put(struct buf *b, const char *as, const struct json *words, struct str name)
{
	json_put_str(b, as, json_str(words, arena_cstr(b->arena, name)));
}

void guest_pages_reply(struct exchange *x, int status, const char *template,
		       const struct json *const parts[PARTS_MAX])
{
	const struct asset *file = asset_find(template);

	assert(file);
	exchange_add_header(x, "content-security-policy", STR(POLICY));
	exchange_add_header(x, "x-robots-tag", STR("noindex"));
	exchange_reply(x, status, STR("text/html; charset=utf-8"),
		       mustache_render(x->arena,
				       (struct str){ (const char *)file->bytes, file->len }, parts,
				       PARTS_MAX));
}

const struct json *guest_pages_close(struct buf *b)
{
	const char *why;

	json_close(b, '}');
	assert(!buf_full(b));
	return json_parse(b->arena, buf_str(b), &why);
}

/* A page of two sentences: the words of that name, and those with "_more" behind it. */
void guest_pages_message(struct exchange *x, int status, const char *what)
{
	const char *asked = guest_pages_wanted(x), *language = asked ? asked : "en";
	const struct json *words = guest_pages_words(x->arena, language);
	struct buf b = buf_new(x->arena, EXTRA_MAX);

	json_open(&b, NULL, '{');
	json_put_str(&b, "lang", str_of(language));
	guest_pages_put(&b, "headline", words, str_of(what));
	guest_pages_put(&b, "more", words, arena_printf(x->arena, "%s_more", what));
	guest_pages_reply(x, status, "guest/message.html",
			  (const struct json *[PARTS_MAX]){ words, guest_pages_close(&b) });
}

/* The answer of the database when it is one, with its status; else NULL, and a page was replied. */
const struct json *guest_pages_answer(struct exchange *x, const struct db_result *r, int *status)
{
	const char *why;

	if (r->status != DB_OK || !db_rows(r)) {
		bool away = r->status == DB_AWAY;

		guest_pages_message(x, away ? 503 : 500, away ? "away" : "odd");
		return NULL;
	}
	*status = (int)db_get_int(r, 0, 0);
	return json_parse(x->arena, arena_copy(x->arena, db_get(r, 0, 1)), &why);
}

bool guest_pages_own(const struct exchange *x)
{
	return str_starts(x->path, STR("/w/")) || str_starts(x->path, STR("/g/"));
}

void guest_pages_slow_down(struct exchange *x)
{
	exchange_add_header(x, "retry-after", STR("1"));
	guest_pages_message(x, 429, "slow");
}

void guest_pages_file(struct exchange *x)
{
	struct str file = x->params[0]; /* the rest of the folder is not for them as it is */

	if (str_is(file, "guest.css") || str_is(file, "operator.css") || str_is(file, "visit.js"))
		serve_asset(x, arena_printf(x->arena, "guest/" STR_FMT, STR_ARG(file)), POLICY);
	else
		reply_problem(x, ERR_NOT_FOUND, NULL, "There is no such file.");
}
