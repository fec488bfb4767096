/* amplitude.c - the request, and the indexes that its answers name. */
#include "amplitude.h"

#define BODY_MAX (64 * 1024)

void amplitude_build(struct arena *a, struct str base_url, struct str api_key,
		     const struct str *events, size_t num, struct http_request *out)
{
	static const struct http_header headers[] = {
		{ { "content-type", 12 }, { "application/json", 16 } },
		{ { "accept", 6 }, { "*/*", 3 } },
	};
	struct buf b = buf_new(a, BODY_MAX);

	json_open(&b, NULL, '{');
	json_put_str(&b, "api_key", api_key);
	json_open(&b, "events", '[');
	for (size_t i = 0; i < num; i++)
		json_put_raw(&b, NULL, events[i]);
	json_close(&b, ']');
	json_open(&b, "options", '{');
	json_put_int(&b, "min_id_length", 5);
	json_close(&b, '}');
	json_close(&b, '}');
	*out = (struct http_request){
		.method = STR("POST"),
		.url = arena_printf(a, STR_FMT "/2/httpapi", STR_ARG(base_url)),
		.body = buf_str(&b),
		.headers = headers,
		.header_num = sizeof(headers) / sizeof(*headers),
	};
}

/* [0, 3] */
static void mark(const struct json *indexes, struct amplitude_verdict *v, size_t num)
{
	int64_t n;

	if (!indexes || indexes->type != JSON_ARRAY)
		return;
	for (const struct json *i = indexes->first; i; i = i->next)
		if (json_int(i, &n) && n >= 0 && (uint64_t)n < num)
			v->which[n] = true;
}

/* {"time": [0, 3], "user_id": [1]} */
static void mark_each(const struct json *fields, struct amplitude_verdict *v, size_t num)
{
	if (!fields || fields->type != JSON_OBJECT)
		return;
	for (const struct json *f = fields->first; f; f = f->next)
		mark(f, v, num);
}

/* {"usr_...": 31} */
static void mark_who(const struct json *throttled, struct amplitude_verdict *v,
		     const struct str *who, size_t num)
{
	for (const struct json *t = throttled ? throttled->first : NULL; t; t = t->next)
		for (size_t i = 0; i < num; i++)
			v->which[i] |= str_eq(t->name, who[i]);
}

static void all_if_none(struct amplitude_verdict *v, size_t num)
{
	for (size_t i = 0; i < num; i++)
		if (v->which[i])
			return;
	for (size_t i = 0; i < num; i++)
		v->which[i] = true;
}

struct amplitude_verdict amplitude_judge(struct arena *a, const struct http_response *r,
					 const struct str *who, size_t num)
{
	struct amplitude_verdict v = { .next = AMPLITUDE_AGAIN };
	const char *why;

	if (r->transport != HTTP_ANSWERED || r->status >= 500)
		return v;
	const struct json *body = json_parse(a, r->body, &why);

	if (r->status == 200) {
		v.next = AMPLITUDE_TAKEN;
	} else if (r->status == 413) {
		v.next = AMPLITUDE_SPLIT;
	} else if (r->status == 429) {
		v.next = AMPLITUDE_PAUSE;
		mark(json_get(body, "throttled_events"), &v, num);
		mark_who(json_get(body, "throttled_users"), &v, who, num);
		mark_who(json_get(body, "throttled_devices"), &v, who, num);
		all_if_none(&v, num);
	} else {
		v.next = AMPLITUDE_DROP;
		if (r->status == 400) {
			mark_each(json_get(body, "events_with_invalid_fields"), &v, num);
			mark_each(json_get(body, "events_with_missing_fields"), &v, num);
			mark_each(json_get(body, "events_with_invalid_id_lengths"), &v, num);
			mark(json_get(body, "silenced_events"), &v, num);
		}
		all_if_none(&v, num);
	}
	return v;
}
