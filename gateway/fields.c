/* fields.c - reads and checks a JSON body, or a query, by its table. */
#include "fields.h"

#include <assert.h>

#include "clock.h"
#include "form.h"
#include "id.h"
#include "json.h"
#include "mail.h"
#include "phone.h"
#include "reply.h"
#include "rfc3339.h"
#include "router.h"
#include "segment.h"
#include "sms.h"
#include "worker.h"

#define PHONE_TEXT_MAX 40
#define LIST_MAX 1000
#define URL_MAX 2000

struct reading {
	struct exchange *x;
	const struct field *field;
	const char *region;
	bool quiet; /* who asks will say so */
};

/* Replies that the field does not fit, unless that is not wanted; always false. */
static bool unfit(const struct reading *r, const char *detail)
{
	if (!r->quiet)
		reply_problem(r->x, ERR_INVALID_FIELD, r->field->name, detail);
	return false;
}

/* ---- one type each ---- */

static bool read_text(const struct reading *r, struct str s, struct field_value *v)
{
	const struct field *f = r->field;
	unsigned characters = segment_count(s).characters;

	v->text = s;
	if (characters >= f->min && characters <= f->max)
		return true;
	return unfit(r, arena_printf(r->x->arena, "%s must have %u to %u characters; it has %u.",
				     f->name, f->min, f->max, characters)
				.p);
}

static bool read_sms(const struct reading *r, struct str s, struct field_value *v)
{
	const char *why;

	if (!read_text(r, s, v))
		return false;
	why = sms_refusal(r->x->arena, s);
	return !why || unfit(r, why);
}

static bool read_template(const struct reading *r, struct str s, struct field_value *v)
{
	const char *why;

	if (!read_text(r, s, v))
		return false;
	why = sms_refusal(r->x->arena, sms_filled(r->x->arena, s));
	return !why || unfit(r, why);
}

static bool read_phone(const struct reading *r, struct str s, struct field_value *v)
{
	struct arena *a = r->x->arena;
	const char *why = "it is too long";
	struct phone phone;

	if (s.len > PHONE_TEXT_MAX || !phone_parse(arena_cstr(a, s), r->region, &phone, &why))
		return unfit(r, arena_printf(a, "%s is not a telephone number we can use: %s",
					     r->field->name, why)
					.p);
	v->text = arena_copy(a, str_of(phone.e164));
	return true;
}

static bool read_choice(const struct reading *r, struct str s, struct field_value *v)
{
	struct str rest = str_of(r->field->choices);

	v->text = s;
	while (rest.len)
		if (str_eq(str_cut(&rest, ' '), s))
			return true;
	return unfit(r, arena_printf(r->x->arena, "%s must be one of: %s.", r->field->name,
				     r->field->choices)
				.p);
}

static bool read_id(const struct reading *r, struct str s, struct field_value *v)
{
	v->text = s;
	if (id_valid(s, r->field->choices))
		return true;
	return unfit(r, str_is(str_of(r->field->name), "cursor") ?
				"Pass next_cursor of the page before." :
				"It is not an id of ours.");
}

/* What mail.c will take: it asserts that it can. */
static bool read_email(const struct reading *r, struct str s, struct field_value *v)
{
	char *lower = arena_cstr(r->x->arena, s);

	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			lower[i] = (char)(s.p[i] + 'a' - 'A');
	v->text = (struct str){ lower, s.len };
	return mail_address_ok(s) ||
	       unfit(r, "It must be an e-mail address, like ana@example.com.");
}

static bool read_url(const struct reading *r, struct str s, struct field_value *v)
{
	bool https = str_starts(s, STR("https://"));
	struct str host = str_from(s, https ? 8 : 7);
	bool fits = (https || str_starts(s, STR("http://"))) && host.len && host.p[0] != '/' &&
		    s.len <= URL_MAX;

	v->text = s;
	for (size_t i = 0; i < s.len; i++)
		fits &= s.p[i] > ' ' && s.p[i] < 127;
	if (!fits)
		return unfit(r, "It must be an address like https://example.com/hook.");
	if (!https && !str_is(worker_of(r->x)->config->webhook_private, "yes"))
		return unfit(r, "It must begin with https://.");
	return true;
}

static bool read_secret(const struct reading *r, struct str s, struct field_value *v)
{
	const struct field *f = r->field;

	v->text = s;
	if (s.len >= f->min && s.len <= f->max)
		return true;
	return unfit(r, arena_printf(r->x->arena, "%s must have %u to %u bytes.", f->name, f->min,
				     f->max)
				.p);
}

static bool read_clock(const struct reading *r, struct str s, struct field_value *v)
{
	struct str minutes = s, hours = str_cut(&minutes, ':');
	long long h, m;

	v->text = s;
	if (hours.len == 2 && minutes.len == 2 && str_number(hours, &h) && h < 24 &&
	    str_number(minutes, &m) && m < 60)
		return true;
	return unfit(r, "It must be a time of day, like 21:00.");
}

/* Between years that PostgreSQL and our ids can take. */
static bool read_date(const struct reading *r, struct str s, struct field_value *v)
{
	struct str midnight = arena_printf(r->x->arena, STR_FMT "T00:00:00Z", STR_ARG(s));
	int64_t ms;

	v->text = s;
	if (s.len == 10 && rfc3339_parse(midnight, &ms) && str_cmp(s, STR("2000")) > 0)
		return true;
	return unfit(r, "It must be a day from 2000 on, like 2026-11-22.");
}

static bool read_number(const struct reading *r, struct str s, struct field_value *v)
{
	const struct field *f = r->field;
	long long n;

	v->text = s;
	if (!str_number(s, &n) || n < f->min || n > f->max)
		return unfit(r, arena_printf(r->x->arena, "It must be a number from %u to %u.",
					     f->min, f->max)
					.p);
	v->number = n;
	return true;
}

static bool read_bool(const struct reading *r, struct str s, struct field_value *v)
{
	v->text = s;
	v->number = str_is(s, "true");
	return v->number || str_is(s, "false") || unfit(r, "It must be true or false.");
}

static bool read_time(const struct reading *r, struct str s, struct field_value *v)
{
	v->text = s;
	if (!rfc3339_parse(s, &v->number))
		return unfit(r, "It must be a time like 2026-11-21T18:30:00Z.");
	if (v->number <= clock_wall_ms())
		return unfit(r, "It must be in the future.");
	return true;
}

/* ---- the body ---- */

static bool (*const readers[])(const struct reading *, struct str, struct field_value *) = {
	[FIELD_TEXT] = read_text,   [FIELD_SMS] = read_sms,	  [FIELD_TEMPLATE] = read_template,
	[FIELD_PHONE] = read_phone, [FIELD_CHOICE] = read_choice, [FIELD_TIME] = read_time,
	[FIELD_LIST] = read_choice, [FIELD_NUMBER] = read_number, [FIELD_BOOL] = read_bool,
	[FIELD_ID] = read_id,	    [FIELD_EMAIL] = read_email,	  [FIELD_SECRET] = read_secret,
	[FIELD_CLOCK] = read_clock, [FIELD_URL] = read_url,	  [FIELD_DATE] = read_date,
};

/* Each of them, then all with spaces between. */
static bool read_list(const struct reading *r, const struct json *array, struct field_value *v)
{
	struct buf all = buf_new(r->x->arena, LIST_MAX);

	for (const struct json *at = array->first; at; at = at->next) {
		if (at->type != JSON_STRING)
			return unfit(r, "It must be an array of strings.");
		if (!read_choice(r, at->text, v))
			return false;
		buf_printf(&all, "%s" STR_FMT, all.len ? " " : "", STR_ARG(at->text));
	}
	if (!all.len || buf_full(&all))
		return unfit(r, "It must name at least one, and each once.");
	v->text = buf_str(&all);
	return true;
}

static bool read_tags(const struct reading *r, const struct json *array, struct field_value *v)
{
	struct buf all = buf_new(r->x->arena, LIST_MAX);

	for (const struct json *at = array->first; at; at = at->next) {
		if (at->type != JSON_STRING || memchr(at->text.p, ',', at->text.len))
			return unfit(r, "It must be an array of strings without commas.");
		if (!read_text(r, at->text, v))
			return false;
		buf_printf(&all, "%s" STR_FMT, all.len ? "," : "", STR_ARG(at->text));
	}
	v->text = buf_str(&all);
	return !buf_full(&all) || unfit(r, "These are too many.");
}

static const char *json_type_wanted(enum field_type type)
{
	return type == FIELD_NUMBER			? "a number" :
	       type == FIELD_BOOL			? "true or false" :
	       type == FIELD_LIST || type == FIELD_TAGS ? "an array of strings" :
							  "a string";
}

static bool read_json(const struct reading *r, const struct json *value, struct field_value *v)
{
	enum field_type type = r->field->type;

	if (type == FIELD_LIST && value->type == JSON_ARRAY)
		return read_list(r, value, v);
	if (type == FIELD_TAGS && value->type == JSON_ARRAY)
		return read_tags(r, value, v);
	if (type == FIELD_BOOL && value->type == JSON_BOOL)
		return read_bool(r, value->boolean ? STR("true") : STR("false"), v);
	if (value->type == (type == FIELD_NUMBER ? JSON_NUMBER : JSON_STRING) &&
	    type != FIELD_LIST && type != FIELD_TAGS && type != FIELD_BOOL)
		return readers[type](r, value->text, v);
	return unfit(r, arena_printf(r->x->arena, "%s must be %s.", r->field->name,
				     json_type_wanted(type))
				.p);
}

static bool missing(const struct reading *r)
{
	return unfit(r, arena_printf(r->x->arena, "%s is missing.", r->field->name).p);
}

static bool read_field(const struct reading *r, const struct json *value, struct field_value *v)
{
	bool absent = !value || value->type == JSON_NULL;

	*v = (struct field_value){ .given = !absent };
	if (absent)
		return !r->field->required || missing(r);
	return read_json(r, value, v);
}

/* A field that is not in the table is a typing error that would otherwise pass unseen. */
static bool known(struct exchange *x, const struct field *fields, struct str name)
{
	for (const struct field *f = fields; f && f->name; f++)
		if (str_is(name, f->name))
			return true;
	reply_problem(x, ERR_INVALID_FIELD, arena_cstr(x->arena, name),
		      "There is no field of this name here.");
	return false;
}

static bool all_optional(const struct field *fields)
{
	for (const struct field *f = fields; f && f->name; f++)
		if (f->required)
			return false;
	return true;
}

/* NULL when it was refused, and replied. */
static const struct json *read_body(struct exchange *x)
{
	struct str type = exchange_header(x, "content-type");
	const char *why = NULL;

	if (!str_eq_fold(str_trim(str_cut(&type, ';')), STR("application/json"))) {
		reply_problem(x, ERR_MEDIA_TYPE, NULL,
			      "Send JSON with Content-Type: application/json.");
		return NULL;
	}
	const struct json *body = json_parse(x->arena, x->request.body, &why);

	if (body && body->type == JSON_OBJECT)
		return body;
	reply_problem(x, ERR_BAD_REQUEST, NULL,
		      arena_printf(x->arena, "The body is not JSON we accept: %s.",
				   why ? why : "it must be an object")
			      .p);
	return NULL;
}

bool fields_read(struct exchange *x, const char *region, struct field_value out[FIELDS_MAX])
{
	static const struct json nothing = { .type = JSON_OBJECT };
	const struct field *fields = x->route->fields;
	bool may_be_empty = !x->request.body.len && all_optional(fields);
	const struct json *body = may_be_empty ? &nothing : read_body(x);

	if (!body)
		return false;
	for (const struct json *given = body->first; given; given = given->next)
		if (!known(x, fields, given->name))
			return false;
	for (size_t i = 0; fields && fields[i].name; i++) {
		const struct reading r = { x, &fields[i], region, false };

		assert(i < FIELDS_MAX);
		if (!read_field(&r, json_get(body, fields[i].name), &out[i]))
			return false;
	}
	return true;
}

/* ---- the query ---- */

bool fields_read_query(struct exchange *x, struct field_value out[FIELDS_MAX])
{
	const struct field *fields = x->route->query;
	struct form query;

	if (!form_parse(x->arena, x->query, FIELDS_MAX, &query)) {
		reply_problem(x, ERR_BAD_REQUEST, NULL, "The query of the URL cannot be read.");
		return false;
	}
	for (size_t i = 0; i < query.num; i++)
		if (!known(x, fields, query.fields[i].name))
			return false;
	for (size_t i = 0; fields && fields[i].name; i++) {
		const struct reading r = { x, &fields[i], "", false };
		struct str text = form_get(&query, fields[i].name);

		out[i] = (struct field_value){ .given = text.p };
		if (!str_is_text(text))
			return unfit(&r, "It must be text in UTF-8.");
		if (text.p ? !readers[fields[i].type](&r, text, &out[i]) :
			     fields[i].required && !missing(&r))
			return false;
	}
	return true;
}

bool fields_read_text(struct exchange *x, const struct field *f, const char *region,
		      struct str text, struct field_value *out)
{
	const struct reading r = { x, f, region, true };

	*out = (struct field_value){ .given = text.len };
	return text.len ? str_is_text(text) && readers[f->type](&r, text, out) : !f->required;
}
