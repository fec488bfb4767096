/* openapi.c - from the table of endpoints to the document that describes them. */
#include "openapi.h"

#include <assert.h>
#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>

#include "fields.h"
#include "json.h"
#include "routes.h"

#define DOCUMENT_MAX (4 << 20)
#define VERSION "/v1"

static bool is_write(const struct route *r)
{
	return strcmp(r->method, "GET") != 0;
}

static bool of_api(const struct route *r)
{
	return str_starts(str_of(r->path), STR(VERSION "/"));
}

static bool of_staff(const struct route *r)
{
	return r->who == HOST || r->who == BOARD || r->who == MANAGER;
}

/* ---- names ---- */

/* postMessagesByIdCancel */
static struct str operation_id(struct arena *a, const struct route *r)
{
	struct buf b = buf_new(a, 200);
	bool upper = false;

	for (const char *p = r->method; *p; p++)
		buf_char(&b, (char)tolower((unsigned char)*p));
	for (const char *p = r->path + (of_api(r) ? sizeof(VERSION) - 1 : 0); *p; p++) {
		if (*p == '{')
			buf_put(&b, STR("By"));
		if (isalnum((unsigned char)*p))
			buf_char(&b, upper ? (char)toupper((unsigned char)*p) : *p);
		upper = !isalnum((unsigned char)*p);
	}
	return buf_str(&b);
}

static struct str tag_of(const struct route *r)
{
	struct str path = str_from(str_of(r->path), of_api(r) ? sizeof(VERSION) : 1);

	if (r->who == CARRIER)
		return STR("carriers");
	return of_api(r) ? str_cut(&path, '/') : STR("gateway");
}

static bool first_of_tag(const struct route *routes, const struct route *r)
{
	for (const struct route *before = routes; before < r; before++)
		if (str_eq(tag_of(before), tag_of(r)))
			return false;
	return true;
}

static bool first_of_path(const struct route *routes, const struct route *r)
{
	for (const struct route *before = routes; before < r; before++)
		if (strcmp(before->path, r->path) == 0)
			return false;
	return true;
}

/* ---- what is sent ---- */

static void put_path_parameters(struct buf *b, const struct route *r)
{
	struct str rest = str_of(r->path);

	while (rest.len) {
		str_cut(&rest, '{');
		struct str name = str_cut(&rest, '}');

		if (!name.len)
			continue;
		json_open(b, NULL, '{');
		json_put_str(b, "name", name);
		json_put_str(b, "in", STR("path"));
		json_put_bool(b, "required", true);
		json_put_raw(b, "schema", STR("{\"type\":\"string\"}"));
		json_close(b, '}');
	}
}

static void put_parameters(struct buf *b, const struct route *r)
{
	json_open(b, "parameters", '[');
	put_path_parameters(b, r);
	for (const struct field *f = r->query; f && f->name; f++) {
		json_open(b, NULL, '{');
		json_put_str(b, "name", str_of(f->name));
		json_put_str(b, "in", STR("query"));
		json_put_str(b, "description", str_of(f->help));
		json_put_bool(b, "required", f->required);
		json_open(b, "schema", '{');
		openapi_field(b, f, true);
		json_close(b, '}');
		json_close(b, '}');
	}
	if (of_staff(r) && strcmp(r->method, "POST") == 0)
		openapi_ref(b, NULL, "parameters", "IdempotencyKey");
	if (r->answer && strcmp(r->answer, "text/event-stream") == 0)
		json_put_raw(b, NULL,
			     STR("{\"name\":\"Last-Event-ID\",\"in\":\"header\",\"description\":"
				 "\"What came after this event, and then what happens.\","
				 "\"schema\":{\"type\":\"string\"}}"));
	openapi_ref(b, NULL, "parameters", "RequestID");
	json_close(b, ']');
}

static void put_body(struct buf *b, const struct route *r)
{
	bool required = false;

	json_open(b, "requestBody", '{');
	json_open(b, "content", '{');
	json_open(b, "application/json", '{');
	json_open(b, "schema", '{');
	json_put_str(b, "type", STR("object"));
	json_put_bool(b, "additionalProperties", false);
	json_open(b, "required", '[');
	for (const struct field *f = r->fields; f->name; f++) {
		if (f->required)
			json_put_str(b, NULL, str_of(f->name));
		required |= f->required;
	}
	json_close(b, ']');
	json_open(b, "properties", '{');
	for (const struct field *f = r->fields; f->name; f++) {
		json_open(b, f->name, '{');
		openapi_field(b, f, false);
		json_close(b, '}');
	}
	buf_put(b, STR("}}}}"));
	json_put_bool(b, "required", required);
	json_close(b, '}');
}

/* ---- what is answered ---- */

static void put_content(struct buf *b, const struct route *r)
{
	bool is_media_type = strchr(r->answer, '/');
	const char *type = is_media_type ? r->answer : "application/json";

	json_open(b, "content", '{');
	json_open(b, type, '{');
	if (!is_media_type)
		openapi_ref(b, "schema", "schemas", r->answer);
	else if (strcmp(type, "application/json") == 0)
		json_put_raw(b, "schema", STR("{\"type\":\"object\"}"));
	else
		json_put_raw(b, "schema", STR("{\"type\":\"string\"}"));
	json_close(b, '}');
	json_close(b, '}');
}

static const char *success_of(int status)
{
	return status == 201 ? "It was made." :
	       status == 202 ? "It is committed, and will be done." :
			       "It is done.";
}

static void put_success(struct buf *b, const struct route *r)
{
	int status = r->status ? r->status : 200;

	json_open(b, arena_printf(b->arena, "%d", status).p, '{');
	json_put_str(b, "description",
		     is_write(r) ? str_of(success_of(status)) : STR("What was asked for."));
	json_open(b, "headers", '{');
	openapi_ref(b, "X-Request-ID", "headers", "RequestID");
	if (of_api(r)) {
		openapi_ref(b, "RateLimit", "headers", "RateLimit");
		openapi_ref(b, "RateLimit-Policy", "headers", "RateLimitPolicy");
	}
	if (of_staff(r) && strcmp(r->method, "POST") == 0)
		openapi_ref(b, "Idempotency-Replayed", "headers", "IdempotencyReplayed");
	json_close(b, '}');
	if (r->answer && status != 204)
		put_content(b, r);
	json_close(b, '}');
}

/* Something that may not be there. */
static bool names_something(const struct route *r)
{
	for (const struct field *f = r->fields; f && f->name; f++)
		if (f->type == FIELD_ID)
			return true;
	return strchr(r->path, '{') || str_ends(str_of(r->path), STR("/find"));
}

/* Whether the endpoint may answer with this status: who it is for and what it reads say so. */
static bool may_answer(const struct route *r, int status)
{
	bool entry = r->who == ANYONE && is_write(r);

	switch (status) {
	case 400:
		return of_api(r) || is_write(r);
	case 401:
	case 403:
		return of_staff(r) || entry;
	case 402:
		return r->who == BOARD;
	case 404:
		return names_something(r) || entry;
	case 409:
		return is_write(r);
	case 413:
	case 415:
		return r->fields;
	case 422:
	case 429:
	case 500:
		return of_api(r);
	case 503:
		return true;
	default:
		return false;
	}
}

/* libh2o answers 413, before the request is ours: not with a problem. */
static bool is_problem(const struct route *r, int status)
{
	return r->who != CARRIER && status != 413 && may_answer(r, status);
}

static bool problem_used(int status)
{
	size_t num;
	const struct route *routes = routes_table(&num);

	for (const struct route *r = routes; r < routes + num; r++)
		if (is_problem(r, status))
			return true;
	return false;
}

/* In short: what is said there is the carriers' business. */
static void put_carrier_responses(struct buf *b)
{
	json_put_raw(b, "responses",
		     STR("{\"200\":{\"description\":\"It is committed.\"},"
			 "\"400\":{\"description\":\"It is not what this carrier sends.\"},"
			 "\"403\":{\"description\":\"It is not signed by this carrier.\"},"
			 "\"404\":{\"description\":\"There is no such carrier here.\"},"
			 "\"503\":{\"description\":\"The carrier is to send it again.\"}}"));
}

static void put_responses(struct buf *b, const struct route *r)
{
	if (r->who == CARRIER) {
		put_carrier_responses(b);
		return;
	}
	json_open(b, "responses", '{');
	put_success(b, r);
	for (int status = 400; status < 600; status++) {
		if (!may_answer(r, status))
			continue;
		const char *name = arena_printf(b->arena, "%d", status).p;

		if (is_problem(r, status))
			openapi_ref(b, name, "responses",
				    arena_printf(b->arena, "Problem%d", status).p);
		else
			json_put_raw(b, name, STR("{\"description\":\"The body is too long.\"}"));
	}
	json_close(b, '}');
}

/* ---- the document ---- */

static struct str description_of(const struct route *r)
{
	if (r->who == MANAGER)
		return STR("For managers, and keys with the scope `manage`.");
	if (r->who == BOARD)
		return STR("Keys need the scope `write`. 402 while the subscription is paused or "
			   "has ended.");
	if (r->who == HOST)
		return is_write(r) ? STR("Keys need the scope `write`.") :
				     STR("Keys need the scope `read`.");
	return r->who == CARRIER ? STR("Signed by the carrier.") :
				   STR("For anyone, without a key.");
}

static void put_operation(struct buf *b, const struct route *r)
{
	char method[16] = "";

	for (size_t i = 0; i < sizeof(method) - 1 && r->method[i]; i++)
		method[i] = (char)tolower((unsigned char)r->method[i]);
	json_open(b, method, '{');
	json_put_str(b, "operationId", operation_id(b->arena, r));
	json_put_str(b, "summary", str_of(r->summary));
	json_put_str(b, "description", description_of(r));
	json_open(b, "tags", '[');
	json_put_str(b, NULL, tag_of(r));
	json_close(b, ']');
	json_put_raw(b, "security", of_staff(r) ? STR("[{\"bearer\":[]}]") : STR("[]"));
	put_parameters(b, r);
	if (r->fields)
		put_body(b, r);
	put_responses(b, r);
	json_close(b, '}');
}

static void put_head(struct buf *b, const struct route *routes, size_t num)
{
	json_put_str(b, "openapi", STR("3.1.0"));
	json_put_raw(b, "info",
		     STR("{\"title\":\"maitred\",\"version\":\"1\",\"summary\":\"Texts guests "
			 "through two carriers, once.\",\"description\":\"JSON in and out. Lists "
			 "page by cursor: pass `next_cursor` of the page before. Problems are RFC "
			 "9457: `code` is for programs, `detail` for people, `param` names the "
			 "field.\",\"license\":{\"name\":\"Apache-2.0\",\"identifier\":"
			 "\"Apache-2.0\"}}"));
	json_put_raw(b, "servers", STR("[{\"url\":\"/\",\"description\":\"This gateway.\"}]"));
	json_open(b, "tags", '[');
	for (const struct route *r = routes; r < routes + num; r++)
		if (first_of_tag(routes, r)) {
			json_open(b, NULL, '{');
			json_put_str(b, "name", tag_of(r));
			json_close(b, '}');
		}
	json_close(b, ']');
}

static char *document;
static size_t document_len;

static void make_document(void)
{
	size_t num;
	const struct route *routes = routes_table(&num);
	struct arena *a = arena_new();
	struct buf b = buf_new(a, DOCUMENT_MAX);

	json_open(&b, NULL, '{');
	put_head(&b, routes, num);
	json_open(&b, "paths", '{');
	for (const struct route *r = routes; r < routes + num; r++) {
		if (!first_of_path(routes, r))
			continue;
		json_open(&b, r->path, '{');
		for (const struct route *same = r; same < routes + num; same++)
			if (strcmp(same->path, r->path) == 0)
				put_operation(&b, same);
		json_close(&b, '}');
	}
	json_close(&b, '}');
	openapi_components(&b, problem_used);
	json_close(&b, '}');
	assert(!buf_full(&b));
	document = malloc(b.len);
	assert(document);
	memcpy(document, b.p, b.len);
	document_len = b.len;
	arena_free(a);
}

struct str openapi_document(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_document);
	return (struct str){ document, document_len };
}
