/* router.c - finds the row of the table that fits a request, and what its {name}s stand for. */
#include "router.h"

#include "buf.h"
#include "form.h"
#include "reply.h"

#define ALLOW_MAX 128

/* Percent-decodes one path segment; '+' stays '+', other than in a form. */
static struct str decode_segment(struct arena *a, struct str segment)
{
	struct buf b = buf_new(a, segment.len * 3 + 1);
	struct form f;

	for (size_t i = 0; i < segment.len; i++)
		if (segment.p[i] == '+' || segment.p[i] == '&' || segment.p[i] == '=')
			buf_printf(&b, "%%%02X", (unsigned)segment.p[i]);
		else
			buf_char(&b, segment.p[i]);
	if (!form_parse(a, buf_str(&b), 1, &f) || f.num != 1)
		return segment;
	return f.fields[0].name;
}

/*
 * Most routes differ from a path before their first {name}: that is seen without cutting either. A
 * '/' at the path's end counts for nothing.
 */
static bool begins_alike(const char *pattern, struct str path)
{
	size_t i = 0;

	for (; pattern[i] && pattern[i] != '{'; i++)
		if (i == path.len || pattern[i] != path.p[i])
			return false;
	return pattern[i] == '{' || i == path.len || (i + 1 == path.len && path.p[i] == '/');
}

static bool path_fits(const char *pattern, struct exchange *x)
{
	struct str want = str_of(pattern), have = x->path;
	size_t num = 0;

	while (want.len || have.len) {
		bool more_wanted = want.len, more_had = have.len;
		struct str w = str_cut(&want, '/'), h = str_cut(&have, '/');

		if (more_wanted != more_had)
			return false;
		if (w.len && w.p[0] == '{') {
			if (!h.len || num == EXCHANGE_PARAMS_MAX)
				return false;
			x->params[num] = decode_segment(x->arena, h);
			if (!str_is_text(x->params[num++]))
				return false;
		} else if (!str_eq(w, h)) {
			return false;
		}
	}
	return true;
}

static bool method_fits(const struct route *r, struct str method)
{
	return str_is(method, r->method) ||
	       (str_is(method, "HEAD") && str_is(str_of(r->method), "GET"));
}

bool router_try(const struct route *routes, size_t num, struct exchange *x, struct str *allow)
{
	struct buf methods = buf_new(x->arena, ALLOW_MAX);

	for (const struct route *r = routes; r < routes + num; r++) {
		if (!begins_alike(r->path, x->path) || !path_fits(r->path, x))
			continue;
		if (method_fits(r, x->request.method)) {
			x->route = r;
			r->handle(x);
			return true;
		}
		buf_printf(&methods, "%s%s", methods.len ? ", " : "", r->method);
	}
	*allow = buf_str(&methods);
	return false;
}

void router_handle(const struct route *routes, size_t num, struct exchange *x)
{
	struct str allow;

	if (router_try(routes, num, x, &allow))
		return;
	if (!allow.len) {
		reply_problem(x, ERR_NOT_FOUND, NULL, "No endpoint has this path.");
		return;
	}
	exchange_add_header(x, "allow", allow);
	reply_problem(x, ERR_METHOD, NULL, NULL);
}
