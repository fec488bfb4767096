/* test_openapi.c - the document of the API: it names what the table has, and nothing else. */
#include "testing.h"

#include <ctype.h>

#include "assets.h"
#include "err.h"
#include "fields.h"
#include "openapi.h"
#include "routes.h"

#define REF "#/components/schemas/"

static const struct json *parse(struct arena *a, struct str text)
{
	const char *why = NULL;
	const struct json *j = json_parse(a, text, &why);

	if (!j)
		fail_msg("it is not JSON: %s", why);
	return j;
}

static const struct json *operation_of(struct arena *a, const struct json *document,
				       const struct route *r)
{
	char *method = arena_cstr(a, str_of(r->method));

	for (char *p = method; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return json_path(document, "paths", r->path, method, NULL);
}

static void every_route(void **state)
{
	struct arena *a = arena_new();
	const struct json *document = parse(a, openapi_document());
	const struct json *paths = json_get(document, "paths");
	size_t num, operations = 0;
	const struct route *routes = routes_table(&num);

	(void)state;
	for (const struct json *p = paths->first; p; p = p->next)
		operations += p->num;
	check("as many operations as rows", operations == num);
	for (const struct route *r = routes; r < routes + num; r++) {
		const struct json *o = operation_of(a, document, r);
		const char *status = arena_printf(a, "%d", r->status ? r->status : 200).p;

		check(r->path, o);
		check_str(r->path, json_str(o, "summary"), str_of(r->summary));
		check(r->path, json_path(o, "responses", status, NULL));
		check(r->path, (json_get(o, "security")->num == 1) ==
				       (r->who == HOST || r->who == BOARD || r->who == MANAGER));
		for (const struct field *f = r->fields; f && f->name; f++)
			check(f->name, json_path(o, "requestBody", "content", "application/json",
						 "schema", "properties", f->name, NULL));
	}
	arena_free(a);
}

static void unique_ids(void **state)
{
	struct arena *a = arena_new();
	const struct json *document = parse(a, openapi_document());
	size_t num;
	const struct route *routes = routes_table(&num);

	(void)state;
	for (const struct route *r = routes; r < routes + num; r++)
		for (const struct route *s = routes; s < r; s++)
			check(r->path,
			      !str_eq(json_str(operation_of(a, document, r), "operationId"),
				      json_str(operation_of(a, document, s), "operationId")));
	arena_free(a);
}

/* Counts where the schema is used, as an answer or by another schema. */
static bool used(struct arena *a, struct str document, struct str name)
{
	struct str ref = arena_printf(a, "\"" REF STR_FMT "\"", STR_ARG(name));

	return memmem(document.p, document.len, ref.p, ref.len);
}

static void schemas(void **state)
{
	struct arena *a = arena_new();
	struct str text = openapi_document();
	const struct json *all = json_path(parse(a, text), "components", "schemas", NULL);
	size_t num;
	const struct route *routes = routes_table(&num);

	(void)state;
	for (const struct json *s = all->first; s; s = s->next)
		if (!used(a, text, s->name))
			fail_msg("no route uses the schema " STR_FMT, STR_ARG(s->name));
	for (const struct route *r = routes; r < routes + num; r++)
		if (r->answer && !strchr(r->answer, '/') && !json_get(all, r->answer))
			fail_msg("%s %s answers with %s, which openapi_schemas.json has not",
				 r->method, r->path, r->answer);
	arena_free(a);
}

/* Every $ref, anywhere below `j`, names what the document has. */
static void check_refs(struct arena *a, const struct json *document, const struct json *j)
{
	struct str ref = json_str(j, "$ref");

	if (ref.len) {
		struct str rest = str_from(ref, sizeof("#/") - 1);
		const struct json *at = document;

		while (rest.len)
			at = json_get(at, arena_cstr(a, str_cut(&rest, '/')));
		check(arena_cstr(a, ref), at);
	}
	for (const struct json *child = j->first; child; child = child->next)
		check_refs(a, document, child);
}

static void refs(void **state)
{
	struct arena *a = arena_new();
	const struct json *document = parse(a, openapi_document());

	(void)state;
	check_refs(a, document, document);
	arena_free(a);
}

static void every_code(void **state)
{
	struct arena *a = arena_new();
	const struct json *codes = json_path(parse(a, openapi_document()), "components", "schemas",
					     "Problem", "properties", "code", "enum", NULL);

	(void)state;
	check("one each", codes->num == ERR_NUM - 1);
	for (int e = 1; e < ERR_NUM; e++)
		check_str("code", json_at(codes, (size_t)e - 1)->text,
			  str_of(err_info((enum err)e)->code));
	arena_free(a);
}

static const struct {
	struct field field;
	bool in_query;
	const char *schema;
} types[] = {
	{ { "a", FIELD_TEXT, true, 1, 9, NULL, "H." },
	  false,
	  "{\"type\":\"string\",\"minLength\":1,\"maxLength\":9,\"description\":\"H.\"}" },
	{ { "a", FIELD_SMS, true, 1, 9, NULL, "H." },
	  false,
	  "{\"type\":\"string\",\"minLength\":1,\"maxLength\":9,\"description\":\"H.\"}" },
	{ { "a", FIELD_TEMPLATE, true, 1, 9, NULL, "H." },
	  false,
	  "{\"type\":\"string\",\"minLength\":1,\"maxLength\":9,\"description\":\"H.\"}" },
	{ { "a", FIELD_TEXT, false, 0, 9, NULL, "H." },
	  false,
	  "{\"type\":[\"string\",\"null\"],\"minLength\":0,\"maxLength\":9,"
	  "\"description\":\"H.\"}" },
	{ { "a", FIELD_CHOICE, false, 0, 0, "b c", "H." },
	  false,
	  "{\"type\":[\"string\",\"null\"],\"enum\":[\"b\",\"c\",null],"
	  "\"description\":\"H.\"}" },
	{ { "a", FIELD_CHOICE, true, 0, 0, "b c", "H." },
	  true,
	  "{\"type\":\"string\",\"enum\":[\"b\",\"c\"]}" },
	{ { "a", FIELD_LIST, true, 0, 0, "b c", "H." },
	  false,
	  "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":[\"b\",\"c\"]},"
	  "\"minItems\":1,\"description\":\"H.\"}" },
	{ { "a", FIELD_NUMBER, false, 1, 200, NULL, "H." },
	  true,
	  "{\"type\":\"integer\",\"minimum\":1,\"maximum\":200}" },
	{ { "a", FIELD_BOOL, true, 0, 0, NULL, "H." }, true, "{\"type\":\"boolean\"}" },
	{ { "a", FIELD_ID, true, 0, 0, "msg", "H." },
	  true,
	  "{\"type\":\"string\",\"pattern\":\"^msg_[0-9a-z]{26}$\"}" },
	{ { "a", FIELD_TIME, true, 0, 0, NULL, "H." },
	  true,
	  "{\"type\":\"string\",\"format\":\"date-time\"}" },
	{ { "a", FIELD_EMAIL, true, 0, 0, NULL, "H." },
	  true,
	  "{\"type\":\"string\",\"format\":\"email\",\"maxLength\":254}" },
	{ { "a", FIELD_SECRET, true, 10, 200, NULL, "H." },
	  true,
	  "{\"type\":\"string\",\"format\":\"password\",\"minLength\":3,"
	  "\"maxLength\":200}" },
	{ { "a", FIELD_PHONE, true, 0, 0, NULL, "H." },
	  true,
	  "{\"type\":\"string\",\"maxLength\":40,\"examples\":[\"+12125550123\"]}" },
};

static void field_types(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		struct buf b = buf_new(a, 1000);

		json_open(&b, NULL, '{');
		openapi_field(&b, &types[i].field, types[i].in_query);
		json_close(&b, '}');
		check_str(types[i].schema, buf_str(&b), str_of(types[i].schema));
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route), cmocka_unit_test(unique_ids),
		cmocka_unit_test(schemas),     cmocka_unit_test(refs),
		cmocka_unit_test(every_code),  cmocka_unit_test(field_types),
	};

	return cmocka_run_group_tests_name("openapi", tests, NULL, NULL);
}
