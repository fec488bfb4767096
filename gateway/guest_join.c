/* guest_join.c - the page where guests put themselves down: a form, and what is wrong with it. */
#include "clock.h"
#include "fields.h"
#include "form.h"
#include "guest_pages.h"
#include "id.h"
#include "route_fields.h"
#include "secret.h"
#include "worker.h"

#define FORM_FIELDS_MAX 16
#define TYPED_MAX 400  /* bytes of a field that are shown again */
#define TIME_DIGITS 10 /* of an id: 48 bits */
#define KEY_LIVES_MS (24LL * 60 * 60 * 1000)

/* Places in check_in_fields. */
enum { NAME, SIZE, PHONE, LANGUAGE, AGREE, FIELD_NUM };

/* A request under way; in the exchange's arena. */
struct visitor {
	struct exchange *x;
	const char *language;	     /* of the page */
	struct form form;	     /* what was typed */
	struct str wrong[FIELD_NUM]; /* for each field that does not fit, which words say so */
	struct str problem;	     /* the same for the whole form */
	int status;
	struct id id; /* of the party */
	bool again;   /* it is tried once more */
	struct db_param params[FIELD_NUM + 2];
};

/* What was typed, as far as it can be shown again: no field is meant to be long. */
static struct str shown_again(struct str typed)
{
	if (!str_is_text(typed))
		return STR("");
	while (typed.len > TYPED_MAX || (typed.len && !str_is_text(typed)))
		typed.len--;
	return typed;
}

static void put_form(struct buf *b, const struct visitor *v)
{
	json_open(b, "form", '{');
	for (int i = 0; i < FIELD_NUM; i++) {
		const char *name = check_in_fields[i].name;

		json_put_str(b, name, shown_again(form_get(&v->form, name)));
	}
	json_close(b, '}');
}

static void put_wrong(struct buf *b, const struct visitor *v, const struct json *words)
{
	bool first = true;

	for (int i = 0; i < FIELD_NUM; i++) {
		if (!v->wrong[i].len)
			continue;
		const char *name = check_in_fields[i].name;

		guest_pages_put(b, arena_printf(b->arena, "%s_bad", name).p, words, v->wrong[i]);
		json_put_bool(b, arena_printf(b->arena, "%s_first", name).p, first);
		first = false;
	}
	if (v->problem.len)
		guest_pages_put(b, "problem", words, v->problem);
}

/* When a key was made, by the digits behind its prefix; -1: it is none. */
static int64_t made_ms(struct str id)
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	int64_t ms = 0;

	if (!id_valid(id, "key"))
		return -1;
	for (size_t i = ID_PREFIX_BYTES + 1; i < ID_PREFIX_BYTES + 1 + TIME_DIGITS; i++)
		ms = ms << 5 | (strchr(digits, id.p[i]) - digits);
	return ms;
}

/* A form is good for a day. */
static bool key_lives(struct str key)
{
	int64_t now = clock_wall_ms(), made = made_ms(key);

	return made <= now && made >= now - KEY_LIVES_MS;
}

/* The key of a form that was sent stays; a new form has a new one. */
static struct str form_key(struct visitor *v)
{
	struct str sent = form_get(&v->form, "key");

	v->id = id_new("key", clock_wall_ms());
	return key_lives(sent) ? sent : id_str(&v->id);
}

static void on_venue(void *ctx, const struct db_result *r)
{
	struct visitor *v = ctx;
	struct exchange *x = v->x;
	int status;
	const struct json *venue = guest_pages_answer(x, r, &status);

	if (!venue)
		return;
	if (status >= 400) {
		guest_pages_message(x, status, "closed");
		return;
	}
	const char *theirs = guest_pages_language(json_str(json_get(venue, "venue"), "language"));
	const char *language = v->language ? v->language : theirs ? theirs : "en";
	const struct json *words = guest_pages_words(x->arena, language);
	struct buf b = buf_new(x->arena, EXTRA_MAX);

	json_open(&b, NULL, '{');
	json_put_str(&b, "lang", str_of(language));
	json_put_bool(&b, arena_printf(x->arena, "is_%s", language).p, true);
	json_put_str(&b, "key", form_key(v));
	put_form(&b, v);
	put_wrong(&b, v, words);
	exchange_add_header(x, "vary", STR("Accept-Language"));
	guest_pages_reply(x, v->status, "guest/join.html",
			  (const struct json *[PARTS_MAX]){ words, venue, guest_pages_close(&b) });
}

static void show_venue(struct visitor *v, int status)
{
	const struct db_param code[] = { db_text(v->x->params[0]) };

	v->status = status;
	db_query(worker_of(v->x)->db, DB_DOOR, SQL_VENUE_PAGE, DB_PARAMS(code), on_venue, v);
}

static struct visitor *visitor_of(struct exchange *x)
{
	struct visitor *v = arena_zero(x->arena, sizeof(*v));

	v->x = x;
	v->language = guest_pages_wanted(x);
	return v;
}

void guest_pages_join(struct exchange *x)
{
	show_venue(visitor_of(x), 200);
}

/*
 * A form that is sent twice is one party: its key decides the party's id. By a hash, so that nobody
 * chooses the id of somebody else's; when it was made stays, since ids are in the order of time.
 */
static void choose_id(struct visitor *v)
{
	struct str key = form_get(&v->form, "key"), code = v->x->params[0];
	size_t head = ID_PREFIX_BYTES + 1 + TIME_DIGITS;

	v->id = id_new("pty", clock_wall_ms());
	if (!key_lives(key))
		return;
	struct str hash = secret_sha256_hex(
		v->x->arena,
		arena_printf(v->x->arena, STR_FMT " " STR_FMT, STR_ARG(code), STR_ARG(key)));
	memcpy(v->id.text + ID_PREFIX_BYTES + 1, key.p + ID_PREFIX_BYTES + 1, TIME_DIGITS);
	memcpy(v->id.text + head, hash.p, ID_BYTES - head); /* its digits are ours as well */
}

/* Reads what was typed. False when something does not fit: v->wrong says what. */
static bool read_form(struct visitor *v, struct field_value out[FIELDS_MAX])
{
	const char *region = worker_of(v->x)->config->default_region.p;
	static const char *const words[FIELD_NUM] = { "name_bad_word", "size_bad_word",
						      "phone_bad_word", "phone_bad_word",
						      "phone_bad_word" };
	bool fits = true;

	for (int i = 0; i < FIELD_NUM; i++) {
		struct str text = str_trim(form_get(&v->form, check_in_fields[i].name));

		if (fields_read_text(v->x, &check_in_fields[i], region, text, &out[i]))
			continue;
		v->wrong[i] = str_of(words[i]);
		fits = false;
	}
	if (out[AGREE].number && !out[PHONE].given) {
		v->wrong[PHONE] = STR("phone_missing_word");
		fits = false;
	}
	return fits;
}

static void check_in(struct visitor *v);

static void on_checked_in(void *ctx, const struct db_result *r)
{
	struct visitor *v = ctx;
	struct exchange *x = v->x;
	int status;

	/* the other of two that came at once was first: now it is there */
	if (r->sqlstate && strcmp(r->sqlstate, "23505") == 0 && !v->again) {
		v->again = true;
		check_in(v);
		return;
	}
	const struct json *answer = guest_pages_answer(x, r, &status);

	if (!answer)
		return;
	if (status >= 400) {
		v->problem = STR("full_word");
		show_venue(v, status);
		return;
	}
	exchange_add_header(
		x, "location",
		arena_printf(x->arena, "/g/" STR_FMT, STR_ARG(json_str(answer, "token"))));
	exchange_reply(x, 303, STR("text/plain"), STR(""));
}

static void check_in(struct visitor *v)
{
	db_query(worker_of(v->x)->db, DB_DOOR, SQL_VENUE_CHECK_IN, DB_PARAMS(v->params),
		 on_checked_in, v);
}

void guest_pages_check_in(struct exchange *x)
{
	struct visitor *v = visitor_of(x);
	struct field_value values[FIELDS_MAX];
	const char *chosen;

	if (!str_is_text(x->request.body) ||
	    !form_parse(x->arena, x->request.body, FORM_FIELDS_MAX, &v->form)) {
		guest_pages_message(x, 400, "odd");
		return;
	}
	if ((chosen = guest_pages_language(form_get(&v->form, "language"))))
		v->language = chosen;
	if (!read_form(v, values)) {
		v->problem = STR("fix_word");
		show_venue(v, 422);
		return;
	}
	choose_id(v);
	v->params[0] = db_text(x->params[0]);
	fields_params(check_in_fields, values, v->params + 1);
	v->params[FIELD_NUM + 1] = db_text(id_str(&v->id));
	check_in(v);
}
