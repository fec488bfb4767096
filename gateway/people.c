/* people.c - each way in is a few steps: check, ask the database, hash on the crew, ask again. */
#include "people.h"

#include "clock.h"
#include "fields.h"
#include "id.h"
#include "json.h"
#include "password.h"
#include "reply.h"
#include "rfc3339.h"
#include "router.h"
#include "secret.h"
#include "staff.h"
#include "worker.h"

#define AGENT_MAX 200

/* Somebody at the door; in the exchange's arena. */
struct visit {
	struct job job;
	struct exchange *x;
	struct field_value v[FIELDS_MAX];
	unsigned cost;		      /* of new hashes */
	struct str password;	      /* as typed */
	struct str words[4];	      /* their own, which are easy to guess */
	const char *refusal;	      /* of a new password; NULL: it will do */
	char held[PASSWORD_HASH_MAX]; /* what a typed one is compared with */
	bool fits;
	char hash[PASSWORD_HASH_MAX]; /* of a new one, or made anew; may be empty */
	struct str user_id, link_hash;
	struct id session_id;
};

static struct visit *begin(struct exchange *x)
{
	struct visit *v = arena_zero(x->arena, sizeof(*v));
	struct worker *w = worker_of(x);

	v->x = x;
	v->cost = (unsigned)w->config->password_cost;
	if (!w->session_keys->num)
		reply_problem(x, ERR_UNAVAILABLE, NULL,
			      "Nobody can sign in here: SESSION_KEYS is not set.");
	else if (fields_read(x, w->config->default_region.p, v->v))
		return v;
	return NULL;
}

/* A crowd is asked to come back rather than made to wait. */
static bool crew_has_room(struct exchange *x)
{
	if (!crew_full(worker_of(x)->crew))
		return true;
	reply_problem(x, ERR_UNAVAILABLE, NULL, NULL);
	return false;
}

static struct str agent_of(struct exchange *x)
{
	struct str agent = exchange_header(x, "user-agent");

	if (agent.len > AGENT_MAX)
		agent.len = AGENT_MAX;
	return str_is_text(agent) ? agent : STR("");
}

/* ---- on the crew ---- */

static void choose_password(struct job *j)
{
	struct visit *v = container_of(j, struct visit, job);

	v->refusal = password_refusal(v->x->arena, v->password, v->words,
				      sizeof(v->words) / sizeof(*v->words));
	if (!v->refusal)
		password_hash(v->hash, v->password, v->cost);
}

static void try_password(struct job *j)
{
	struct visit *v = container_of(j, struct visit, job);
	struct str held = str_of(v->held);

	v->fits = password_matches(v->password, held);
	if (v->fits && password_needs_rehash(held, v->cost))
		password_hash(v->hash, v->password, v->cost);
}

static void run_on_crew(struct visit *v, void (*work)(struct job *), void (*done)(struct job *))
{
	v->job.work = work;
	v->job.done = done;
	crew_submit(worker_of(v->x)->crew, &v->job);
}

/* ---- in ---- */

/* The row's body is a Session: with it goes the token, which only its holder will have. */
static void on_session(void *ctx, const struct db_result *r)
{
	struct exchange *x = ctx;
	struct worker *w = worker_of(x);
	const char *why;
	struct str token = STR("");

	if (r->status == DB_OK && db_rows(r) && db_get_int(r, 0, 0) < 300) {
		const struct json *body = json_parse(x->arena, db_get(r, 0, 1), &why);
		struct token t = {
			.session_id = json_str(body, "session_id"),
			.user_id = json_str(json_get(body, "user"), "id"),
			.account_id = json_str(json_get(body, "account"), "id"),
			.issued_s = clock_wall_ms() / 1000,
		};

		rfc3339_parse(json_str(body, "expires_at"), &t.expires_s);
		t.expires_s /= 1000;
		token = token_make(x->arena, w->session_keys, &t);
		if (x->route->after)
			x->route->after(x, db_get(r, 0, 1));
	}
	staff_reply(x, r, "token", token);
}

/* ---- sign-up ---- */

static void on_sign_up_hashed(struct job *j)
{
	struct visit *v = container_of(j, struct visit, job);
	struct exchange *x = v->x;
	struct id link = id_new("lnk", clock_wall_ms());

	if (v->refusal) {
		reply_problem(x, ERR_INVALID_FIELD, "password", v->refusal);
		return;
	}
	const struct db_param params[] = {
		db_text(id_str(&link)),
		db_text(v->v[SIGNUP_EMAIL].text),
		db_text(v->v[SIGNUP_NAME].text),
		db_text(v->v[SIGNUP_VENUE].text),
		db_text_or_null(v->v[SIGNUP_ZONE].text),
		db_text_or_null(v->v[SIGNUP_REGION].text),
		db_text(str_of(v->hash)),
		db_text(str_of(x->ip)),
	};

	db_query(worker_of(x)->db, DB_DOOR, SQL_SIGNUP_BEGIN, DB_PARAMS(params), staff_done, x);
}

static bool sends_mail(struct exchange *x)
{
	if (worker_of(x)->config->mail_url.len)
		return true;
	reply_problem(x, ERR_UNAVAILABLE, NULL,
		      "This installation sends no mail: MAIL_URL is not set.");
	return false;
}

void people_sign_up(struct exchange *x)
{
	struct visit *v = sends_mail(x) ? begin(x) : NULL;

	if (!v || !crew_has_room(x))
		return;
	v->password = v->v[SIGNUP_PASSWORD].text;
	v->words[0] = v->v[SIGNUP_EMAIL].text;
	v->words[1] = v->v[SIGNUP_NAME].text;
	v->words[2] = v->v[SIGNUP_VENUE].text;
	run_on_crew(v, choose_password, on_sign_up_hashed);
}

/* ---- a link from a mail, or a stand's code ---- */

static void use_link(struct visit *v)
{
	struct exchange *x = v->x;
	int64_t now = clock_wall_ms();
	struct id organisation = id_new("org", now), account = id_new("acc", now);
	struct id user = id_new("usr", now);

	v->session_id = id_new("ses", now);
	const struct db_param params[] = {
		db_text(v->link_hash),
		db_text_or_null(str_of(v->hash)),
		db_text_or_null(v->v[JOIN_NAME].text),
		db_text(id_str(&organisation)),
		db_text(id_str(&account)),
		db_text(id_str(&user)),
		db_text(id_str(&v->session_id)),
		db_text(str_of(x->ip)),
		db_text(agent_of(x)),
	};

	db_query(worker_of(x)->db, DB_DOOR, SQL_LINK_USE, DB_PARAMS(params), on_session, x);
}

static void on_join_hashed(struct job *j)
{
	struct visit *v = container_of(j, struct visit, job);

	if (v->refusal)
		reply_problem(v->x, ERR_INVALID_FIELD, "password", v->refusal);
	else
		use_link(v);
}

/* Row: kind, login, name, venue; none: there is no such link. */
static void on_link(void *ctx, const struct db_result *r)
{
	struct visit *v = ctx;
	struct exchange *x = v->x;

	if (r->status != DB_OK) {
		auth_refuse(x, r);
		return;
	}
	if (!db_rows(r)) {
		reply_problem(x, ERR_NOT_FOUND, "token",
			      "This link was used before, or is too old.");
		return;
	}
	if (str_is(db_get(r, 0, 0), "signup")) { /* it has its password */
		use_link(v);
		return;
	}
	if (!v->v[JOIN_PASSWORD].given) {
		reply_problem(x, ERR_INVALID_FIELD, "password",
			      "password is missing: choose the one to sign in with.");
		return;
	}
	for (int i = 0; i < 3; i++)
		v->words[i] = arena_copy(x->arena, db_get(r, 0, i + 1));
	v->words[3] = v->v[JOIN_NAME].text;
	v->password = v->v[JOIN_PASSWORD].text;
	if (crew_has_room(x))
		run_on_crew(v, choose_password, on_join_hashed);
}

void people_join(struct exchange *x)
{
	struct visit *v = begin(x);

	if (!v)
		return;
	v->link_hash = secret_sha256_hex(x->arena, v->v[JOIN_TOKEN].text);
	const struct db_param params[] = { db_text(v->link_hash) };

	db_query(worker_of(x)->db, DB_DOOR, SQL_LINK_LOOK, DB_PARAMS(params), on_link, v);
}

/* ---- login ---- */

static void on_tried(struct job *j)
{
	struct visit *v = container_of(j, struct visit, job);
	struct exchange *x = v->x;

	if (!v->fits || !v->user_id.len) {
		x->suspect = "users.login.failure";
		reply_problem(x, ERR_UNAUTHORIZED, NULL, "This login and password do not fit.");
		return;
	}
	v->session_id = id_new("ses", clock_wall_ms());
	const struct db_param params[] = {
		db_text(v->user_id),  db_text(id_str(&v->session_id)),	db_text(str_of(x->ip)),
		db_text(agent_of(x)), db_text_or_null(str_of(v->hash)),
	};

	db_query(worker_of(x)->db, DB_DOOR, SQL_LOGIN_DONE, DB_PARAMS(params), on_session, x);
}

/* Row: seconds to wait, user id, the password's hash. */
static void on_known(void *ctx, const struct db_result *r)
{
	struct visit *v = ctx;
	struct exchange *x = v->x;

	if (r->status != DB_OK) {
		auth_refuse(x, r);
		return;
	}
	if (db_get_int(r, 0, 0)) {
		reply_limited(x, db_get_int(r, 0, 0),
			      "Too many tries with this login, or from here. Wait a little, or "
			      "choose a new password by mail.");
		return;
	}
	struct str held = db_get(r, 0, 2);

	v->user_id = arena_copy(x->arena, db_get(r, 0, 1));
	if (held.p && held.len < sizeof(v->held))
		memcpy(v->held, held.p, held.len);
	else
		password_dummy_hash(v->held, v->cost);
	if (crew_has_room(x))
		run_on_crew(v, try_password, on_tried);
}

void people_log_in(struct exchange *x)
{
	struct visit *v = begin(x);

	if (!v || !crew_has_room(x))
		return;
	v->password = v->v[LOGIN_PASSWORD].text;
	const struct db_param params[] = { db_text(v->v[LOGIN_LOGIN].text),
					   db_text(str_of(x->ip)) };

	db_query(worker_of(x)->db, DB_DOOR, SQL_LOGIN_BEGIN, DB_PARAMS(params), on_known, v);
}

/* ---- the rest ---- */

void people_forgot(struct exchange *x)
{
	struct visit *v = sends_mail(x) ? begin(x) : NULL;
	struct id link = id_new("lnk", clock_wall_ms());

	if (!v)
		return;
	const struct db_param params[] = { db_text(id_str(&link)), db_text(v->v[FORGOT_EMAIL].text),
					   db_text(str_of(x->ip)) };

	db_query(worker_of(x)->db, DB_DOOR, SQL_PASSWORD_FORGET, DB_PARAMS(params), staff_done, x);
}

void people_switch(struct exchange *x)
{
	struct field_value v[FIELDS_MAX];
	struct db_caller caller;

	if (!auth_caller(x, &caller) || !fields_read(x, "", v))
		return;
	const struct db_param params[] = { db_text(v[0].text) };

	caller.key = STR(""); /* its answer holds a token, which is not kept */
	db_query_as(worker_of(x)->db, &caller, SQL_SESSION_SWITCH, DB_PARAMS(params), on_session,
		    x);
}
