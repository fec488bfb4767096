/* openapi_parts.c - what operations share, and how a field of a request is described. */
#include "assets.h"
#include "err.h"
#include "fields.h"
#include "json.h"
#include "openapi.h"

#define SCHEMAS "gateway/openapi_schemas.json"

void openapi_ref(struct buf *b, const char *name, const char *part, const char *what)
{
	json_open(b, name, '{');
	json_put_str(b, "$ref", arena_printf(b->arena, "#/components/%s/%s", part, what));
	json_close(b, '}');
}

void openapi_enum(struct buf *b, const char *name, const char *choices, bool or_null)
{
	struct str rest = str_of(choices);

	json_open(b, name, '[');
	while (rest.len)
		json_put_str(b, NULL, str_cut(&rest, ' '));
	if (or_null)
		json_put_null(b, NULL);
	json_close(b, ']');
}

/* ---- fields ---- */

static const char *type_name(const struct field *f, bool in_query)
{
	if (f->type == FIELD_NUMBER)
		return "integer";
	if (f->type == FIELD_BOOL)
		return "boolean";
	if (f->type == FIELD_TAGS)
		return "array";
	return f->type == FIELD_LIST && !in_query ? "array" : "string";
}

static void put_bounds(struct buf *b, const char *least, int64_t min, const char *most, int64_t max)
{
	json_put_int(b, least, min);
	json_put_int(b, most, max);
}

static void put_text_bounds(struct buf *b, const struct field *f)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_SMS:
	case FIELD_TEMPLATE:
		put_bounds(b, "minLength", f->min, "maxLength", f->max);
		break;
	case FIELD_SECRET: /* of bytes: a character has up to 4 */
		json_put_str(b, "format", STR("password"));
		put_bounds(b, "minLength", (f->min + 3) / 4, "maxLength", f->max);
		break;
	case FIELD_PHONE:
		json_put_int(b, "maxLength", 40);
		json_open(b, "examples", '[');
		json_put_str(b, NULL, STR("+12125550123"));
		json_close(b, ']');
		break;
	case FIELD_EMAIL:
		json_put_str(b, "format", STR("email"));
		json_put_int(b, "maxLength", 254);
		break;
	case FIELD_ID:
		json_put_str(b, "pattern", arena_printf(b->arena, "^%s_[0-9a-z]{26}$", f->choices));
		break;
	case FIELD_CLOCK:
		json_put_str(b, "pattern", STR("^([01][0-9]|2[0-3]):[0-5][0-9]$"));
		break;
	case FIELD_DATE:
		json_put_str(b, "format", STR("date"));
		break;
	case FIELD_URL:
		json_put_str(b, "format", STR("uri"));
		json_put_int(b, "maxLength", 2000);
		break;
	case FIELD_TIME:
		json_put_str(b, "format", STR("date-time"));
		break;
	default:
		break;
	}
}

/* In a body null is as good as absent: see fields.c. */
void openapi_field(struct buf *b, const struct field *f, bool in_query)
{
	bool or_null = !f->required && !in_query;

	if (or_null)
		openapi_enum(b, "type", arena_printf(b->arena, "%s null", type_name(f, in_query)).p,
			     false);
	else
		json_put_str(b, "type", str_of(type_name(f, in_query)));
	if (f->type == FIELD_NUMBER) {
		put_bounds(b, "minimum", f->min, "maximum", f->max);
	} else if (f->type == FIELD_LIST && !in_query) {
		json_open(b, "items", '{');
		json_put_str(b, "type", STR("string"));
		openapi_enum(b, "enum", f->choices, false);
		json_close(b, '}');
		json_put_int(b, "minItems", 1);
	} else if (f->type == FIELD_TAGS) {
		json_open(b, "items", '{');
		json_put_str(b, "type", STR("string"));
		put_bounds(b, "minLength", f->min, "maxLength", f->max);
		json_close(b, '}');
	} else if (f->type == FIELD_CHOICE || f->type == FIELD_LIST) {
		openapi_enum(b, "enum", f->choices, or_null);
	} else {
		put_text_bounds(b, f);
	}
	if (!in_query && f->help[0])
		json_put_str(b, "description", str_of(f->help));
}

/* ---- components ---- */

static void put_problem_schema(struct buf *b)
{
	static const char head[] =
		"\"type\":\"object\",\"description\":\"What went wrong (RFC 9457).\","
		"\"additionalProperties\":false,\"required\":[\"type\",\"title\",\"status\","
		"\"code\",\"detail\",\"request_id\"]";

	json_open(b, "Problem", '{');
	buf_put(b, str_of(head));
	json_open(b, "properties", '{');
	json_put_raw(b, "type", STR("{\"type\":\"string\",\"const\":\"about:blank\"}"));
	json_put_raw(b, "title",
		     STR("{\"type\":\"string\",\"description\":\"The code in words.\"}"));
	json_put_raw(b, "status", STR("{\"type\":\"integer\"}"));
	json_open(b, "code", '{');
	json_put_str(b, "type", STR("string"));
	json_put_str(b, "description", STR("For programs: it stays as it is."));
	json_open(b, "enum", '[');
	for (int e = 1; e < ERR_NUM; e++)
		json_put_str(b, NULL, str_of(err_info((enum err)e)->code));
	json_close(b, ']');
	json_close(b, '}');
	json_put_raw(b, "detail", STR("{\"type\":\"string\",\"description\":\"For people.\"}"));
	json_put_raw(b, "param",
		     STR("{\"type\":\"string\",\"description\":\"The field or header "
			 "that does not fit.\"}"));
	json_put_raw(b, "request_id",
		     STR("{\"type\":\"string\",\"description\":\"To find it in "
			 "the log.\"}"));
	json_close(b, '}');
	json_close(b, '}');
}

static void put_schemas(struct buf *b)
{
	const struct asset *a = asset_find(SCHEMAS);
	struct str file = str_trim((struct str){ (const char *)a->bytes, a->len });

	json_open(b, "schemas", '{');
	put_problem_schema(b);
	buf_char(b, ',');
	buf_put(b, str_from(file, 1)); /* with the bracket that closes ours */
}

/* The problems of one HTTP status; `first` is the first of them. */
static void put_problem_response(struct buf *b, enum err first)
{
	const struct err_info *info = err_info(first);
	struct buf text = buf_new(b->arena, 2000);

	json_open(b, arena_printf(b->arena, "Problem%d", info->http_status).p, '{');
	for (int e = first; e < ERR_NUM; e++)
		if (err_info((enum err)e)->http_status == info->http_status)
			buf_printf(&text, "%s`%s`: %s.", text.len ? "\n\n" : "",
				   err_info((enum err)e)->code, err_info((enum err)e)->title);
	json_put_str(b, "description", buf_str(&text));
	json_open(b, "headers", '{');
	openapi_ref(b, "X-Request-ID", "headers", "RequestID");
	if (info->http_status == 401)
		openapi_ref(b, "WWW-Authenticate", "headers", "WWWAuthenticate");
	if (info->retry || info->http_status == 429)
		openapi_ref(b, "Retry-After", "headers", "RetryAfter");
	json_close(b, '}');
	json_open(b, "content", '{');
	json_open(b, "application/problem+json", '{');
	json_open(b, "schema", '{');
	json_open(b, "allOf", '[');
	openapi_ref(b, NULL, "schemas", "Problem");
	json_open(b, NULL, '{');
	json_open(b, "properties", '{');
	json_put_raw(b, "status", arena_printf(b->arena, "{\"const\":%d}", info->http_status));
	json_open(b, "code", '{');
	json_open(b, "enum", '[');
	for (int e = first; e < ERR_NUM; e++)
		if (err_info((enum err)e)->http_status == info->http_status)
			json_put_str(b, NULL, str_of(err_info((enum err)e)->code));
	buf_put(b, STR("]}}}]}}}}"));
}

static bool first_of_status(int e)
{
	for (int before = 1; before < e; before++)
		if (err_info((enum err)before)->http_status == err_info((enum err)e)->http_status)
			return false;
	return true;
}

static void put_responses(struct buf *b, bool (*used)(int status))
{
	json_open(b, "responses", '{');
	for (int e = 1; e < ERR_NUM; e++)
		if (first_of_status(e) && used(err_info((enum err)e)->http_status))
			put_problem_response(b, (enum err)e);
	json_close(b, '}');
}

static void put_headers(struct buf *b)
{
	static const struct {
		const char *name, *type, *description;
		bool always;
	} rows[] = {
		{ "RequestID", "string", "Yours when you sent a sane one, else ours.", true },
		{ "RetryAfter", "integer", "Seconds after which to try again.", false },
		{ "RateLimit", "string", "r: requests left; t: seconds until all are back.",
		  false },
		{ "RateLimitPolicy", "string",
		  "q: requests at once; w: seconds until they are back.", false },
		{ "IdempotencyReplayed", "string", "true: this was the answer before.", false },
		{ "WWWAuthenticate", "string", "Bearer.", false },
	};

	json_open(b, "headers", '{');
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json_open(b, rows[i].name, '{');
		json_put_str(b, "description", str_of(rows[i].description));
		if (rows[i].always)
			json_put_bool(b, "required", true);
		json_put_raw(b, "schema",
			     arena_printf(b->arena, "{\"type\":\"%s\"}", rows[i].type));
		json_close(b, '}');
	}
	json_close(b, '}');
}

void openapi_components(struct buf *b, bool (*used)(int status))
{
	json_open(b, "components", '{');
	json_put_raw(b, "securitySchemes",
		     STR("{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":"
			 "\"A server's API key (mk_...), or the token of a session of staff.\"}}"));
	json_put_raw(
		b, "parameters",
		STR("{\"RequestID\":{\"name\":\"X-Request-ID\",\"in\":\"header\","
		    "\"description\":\"Stands in the answer and in our log: at most 36 "
		    "letters, digits, '-', '_' and '.'.\",\"schema\":{\"type\":\"string\"}},"
		    "\"IdempotencyKey\":{\"name\":\"Idempotency-Key\",\"in\":\"header\","
		    "\"description\":\"Asked again with the same key, the same is answered and "
		    "nothing is done twice. Make a new one for each thing to do.\","
		    "\"schema\":{\"type\":\"string\",\"pattern\":\"^[!-~]{1,255}$\"}}}"));
	put_headers(b);
	put_responses(b, used);
	put_schemas(b);
	json_close(b, '}');
}
