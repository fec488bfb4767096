/* fields.c - reads and checks a JSON body by its table. */
#include "fields.h"

#include <assert.h>

#include "clock.h"
#include "json.h"
#include "phone.h"
#include "reply.h"
#include "rfc3339.h"
#include "router.h"
#include "segment.h"

#define PHONE_TEXT_MAX 40

struct reading {
	struct exchange *x;
	const struct field *field;
	const char *region;
};

/* Replies that the field does not fit; always false. */
static bool unfit(const struct reading *r, const char *detail)
{
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

static bool read_time(const struct reading *r, struct str s, struct field_value *v)
{
	v->text = s;
	if (!rfc3339_parse(s, &v->ms))
		return unfit(r, "It must be a time like 2026-11-21T18:30:00Z.");
	if (v->ms <= clock_wall_ms())
		return unfit(r, "It must be in the future.");
	return true;
}

/* ---- the body ---- */

static bool read_field(const struct reading *r, const struct json *value, struct field_value *v)
{
	static bool (*const readers[])(const struct reading *, struct str, struct field_value *) = {
		[FIELD_TEXT] = read_text,
		[FIELD_PHONE] = read_phone,
		[FIELD_CHOICE] = read_choice,
		[FIELD_TIME] = read_time,
	};
	bool absent = !value || value->type == JSON_NULL;

	*v = (struct field_value){ .given = !absent };
	if (absent && r->field->required)
		return unfit(r, arena_printf(r->x->arena, "%s is missing.", r->field->name).p);
	if (absent)
		return true;
	if (value->type != JSON_STRING)
		return unfit(r,
			     arena_printf(r->x->arena, "%s must be a string.", r->field->name).p);
	return readers[r->field->type](r, value->text, v);
}

/* A field that is not in the table is a typing error that would otherwise pass unseen. */
static bool all_known(struct exchange *x, const struct json *body)
{
	for (const struct json *given = body->first; given; given = given->next) {
		const struct field *f = x->route->fields;

		while (f->name && !str_is(given->name, f->name))
			f++;
		if (f->name)
			continue;
		const char *name = arena_cstr(x->arena, given->name);
		reply_problem(x, ERR_INVALID_FIELD, name, "There is no field of this name here.");
		return false;
	}
	return true;
}

bool fields_read(struct exchange *x, const char *region, struct field_value out[FIELDS_MAX])
{
	const char *why;
	struct str type = exchange_header(x, "content-type");
	const struct json *body;

	if (!str_eq_fold(str_trim(str_cut(&type, ';')), STR("application/json"))) {
		reply_problem(x, ERR_MEDIA_TYPE, NULL,
			      "Send JSON with Content-Type: application/json.");
		return false;
	}
	body = json_parse(x->arena, x->request.body, &why);
	if (!body || body->type != JSON_OBJECT) {
		reply_problem(x, ERR_BAD_REQUEST, NULL,
			      arena_printf(x->arena, "The body is not JSON we accept: %s.",
					   why ? why : "it must be an object")
				      .p);
		return false;
	}
	if (!all_known(x, body))
		return false;
	for (size_t i = 0; x->route->fields[i].name; i++) {
		const struct reading r = { x, &x->route->fields[i], region };

		assert(i < FIELDS_MAX);
		if (!read_field(&r, json_get(body, r.field->name), &out[i]))
			return false;
	}
	return true;
}
