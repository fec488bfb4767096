/*
 * staff.c - from the fields of a request to the parameters of its statement, and from its row to
 * the answer.
 */
#include "staff.h"

#include <assert.h>

#include "clock.h"
#include "fields.h"
#include "id.h"
#include "json.h"
#include "reply.h"
#include "router.h"
#include "secret.h"
#include "worker.h"

#define ANSWER_MAX (1 << 20)
#define SECRET_BYTES 32

/* A request under way; in the exchange's arena. */
struct work {
	struct exchange *x;
	struct db_caller caller;
	struct str secret;
	bool own_key; /* ours, not the caller's */
};

struct str staff_secret(struct arena *a, struct str prefix, struct str *hash)
{
	uint8_t random[SECRET_BYTES];

	secret_random(random, sizeof(random));
	struct str text = secret_hex(a, (struct str){ (const char *)random, sizeof(random) });
	struct str whole = arena_printf(a, STR_FMT STR_FMT, STR_ARG(prefix), STR_ARG(text));

	*hash = secret_sha256_hex(a, whole);
	return whole;
}

/* ---- the answer ---- */

static void reply_refusal(struct exchange *x, struct str body)
{
	const char *why;
	const struct json *problem = json_parse(x->arena, body, &why);
	struct str param = json_str(problem, "param");

	reply_problem(x, err_of_code(arena_cstr(x->arena, json_str(problem, "code"))),
		      param.len ? arena_cstr(x->arena, param) : NULL,
		      arena_cstr(x->arena, json_str(problem, "detail")));
}

/* {"name": "value", ...the rest of the object */
static struct str with_field(struct arena *a, struct str body, const char *name, struct str value)
{
	struct buf b = buf_new(a, ANSWER_MAX);
	struct str rest = str_from(body, 1);

	assert(body.len >= 2 && body.p[0] == '{');
	json_open(&b, NULL, '{');
	json_put_str(&b, name, value);
	if (!str_is(str_trim(rest), "}"))
		buf_char(&b, ',');
	buf_put(&b, rest);
	return buf_str(&b);
}

void staff_reply(struct exchange *x, const struct db_result *r, const char *name, struct str value)
{
	if (r->status != DB_OK || !db_rows(r)) {
		auth_refuse(x, r);
		return;
	}
	struct str body = arena_copy(x->arena, db_get(r, 0, 1));
	int status = (int)db_get_int(r, 0, 0);

	if (status >= 400) {
		reply_refusal(x, body);
		return;
	}
	if (value.len)
		body = with_field(x->arena, body, name, value);
	reply_json(x, status, body);
}

void staff_done(void *exchange, const struct db_result *r)
{
	staff_reply(exchange, r, NULL, STR(""));
}

/* ---- asked again with the same Idempotency-Key ---- */

static void on_earlier(void *ctx, const struct db_result *r)
{
	struct work *w = ctx;

	if (!w->own_key)
		exchange_add_header(w->x, "idempotency-replayed", STR("true"));
	staff_done(w->x, r);
}

static void reply_as_before(struct work *w)
{
	const struct db_param key[] = { db_text(w->caller.key) };

	w->caller.key = STR("");
	if (w->x->route->who == BOARD)
		w->caller.needs = STR("write"); /* nothing is done any more */
	db_query_as(worker_of(w->x)->db, &w->caller, SQL_IDEMPOTENT_ANSWER, DB_PARAMS(key),
		    on_earlier, w);
}

static void on_done(void *ctx, const struct db_result *r)
{
	struct work *w = ctx;
	const struct route *route = w->x->route;
	const char *secret = route->secret;

	if (r->sqlstate && strcmp(r->sqlstate, "MT200") == 0) {
		reply_as_before(w);
		return;
	}
	if (w->own_key && r->sqlstate && strcmp(r->sqlstate, "MT409") == 0) {
		reply_problem(w->x, ERR_UNAVAILABLE, NULL, NULL); /* its first run goes on yet */
		return;
	}
	struct str rest = str_of(secret), name = str_cut(&rest, ' ');

	if (route->derive && r->status == DB_OK && db_get_int(r, 0, 0) < 300)
		w->secret = route->derive(w->x, db_get(r, 0, 1));
	if (route->after && r->status == DB_OK && db_get_int(r, 0, 0) < 300)
		route->after(w->x, db_get(r, 0, 1));
	staff_reply(w->x, r, secret ? arena_cstr(w->x->arena, name) : NULL, w->secret);
}

/* ---- the request ---- */

/*
 * A statement whose answer is lost with its connection is run again. What makes something is known
 * by the id of that; a call of the next party would call another one, unless it has a key as well.
 */
static void know_again(struct work *w)
{
	const struct route *route = w->x->route;
	struct id *id;

	if (w->caller.key.len || route->makes || route->secret || strcmp(route->method, "GET") == 0)
		return;
	id = arena_alloc(w->x->arena, sizeof(*id));
	*id = id_new("one", clock_wall_ms());
	w->own_key = true;
	w->caller.key = w->caller.hash = id_str(id);
}

static int path_params(const struct exchange *x, struct db_param *out)
{
	int n = 0;

	for (const char *at = x->route->path; (at = strchr(at, '{')); at++, n++)
		out[n] = db_text(x->params[n]);
	return n;
}

void staff_handle(struct exchange *x)
{
	const struct route *route = x->route;
	struct work *w = arena_zero(x->arena, sizeof(*w));
	struct worker *worker = worker_of(x);
	struct field_value query[FIELDS_MAX], body[FIELDS_MAX];
	struct db_param params[EXCHANGE_PARAMS_MAX + 2 * FIELDS_MAX + 2];

	w->x = x;
	if ((route->who != ANYONE && !auth_caller(x, &w->caller)) || !fields_read_query(x, query) ||
	    (route->fields && !fields_read(x, worker->config->default_region.p, body)))
		return;
	int n = path_params(x, params);

	n += fields_params(route->query, query, params + n);
	n += fields_params(route->fields, body, params + n);
	if (route->makes) {
		struct id *id = arena_alloc(x->arena, sizeof(*id));

		*id = id_new(route->makes, clock_wall_ms());
		params[n++] = db_text(id_str(id));
	}
	if (route->secret && !route->derive) {
		struct str prefix = str_of(route->secret), hash;

		str_cut(&prefix, ' ');
		w->secret = staff_secret(x->arena, prefix, &hash);
		params[n++] = db_text(hash);
	}
	if (route->who == ANYONE) {
		db_query(worker->db, DB_DOOR, route->statement, (struct db_params){ params, n },
			 on_done, w);
	} else {
		know_again(w);
		db_query_as(worker->db, &w->caller, route->statement,
			    (struct db_params){ params, n }, on_done, w);
	}
}
