/* auth.c - a key of ours is random, so a plain hash of it is safe to store; a session is signed. */
#include "auth.h"

#include <stdio.h>

#include "clock.h"
#include "front_door.h"
#include "reply.h"
#include "router.h"
#include "secret.h"
#include "worker.h"

#define IDEMPOTENCY_KEY_MAX 255

static bool read_credential(struct exchange *x, struct db_caller *c)
{
	struct str rest = exchange_header(x, "authorization");
	struct str scheme = str_cut(&rest, ' ');
	struct str token = str_trim(rest);

	if (!str_eq_fold(scheme, STR("bearer")) || !token.len || token.len > TOKEN_MAX_BYTES) {
		reply_problem(x, ERR_UNAUTHORIZED, NULL,
			      "Send your API key or session as Authorization: Bearer <token>.");
		return false;
	}
	if (!memchr(token.p, '.', token.len)) { /* which a JWT has, and no key of ours */
		*c = (struct db_caller){ .kind = STR("key"),
					 .id = secret_sha256_hex(x->arena, token) };
		return true;
	}
	struct token t;

	if (!token_read(x->arena, worker_of(x)->session_keys, token, clock_wall_ms() / 1000, &t)) {
		auth_refuse(x, &(struct db_result){ .status = DB_REFUSED, .sqlstate = "MT401" });
		return false;
	}
	snprintf(x->user, sizeof(x->user), STR_FMT, STR_ARG(t.user_id));
	snprintf(x->account, sizeof(x->account), STR_FMT, STR_ARG(t.account_id));
	*c = (struct db_caller){ .kind = STR("session"),
				 .id = t.session_id,
				 .account = t.account_id };
	return front_door_admit_account(x, t.account_id);
}

/* draft-ietf-httpapi-idempotency-key-header: printable, at most 255 bytes; absent is fine. */
static bool read_idempotency_key(struct exchange *x, struct db_caller *c)
{
	struct str key = exchange_header(x, "idempotency-key");
	bool fits = key.len <= IDEMPOTENCY_KEY_MAX;

	if (!key.len || !str_is(x->request.method, "POST"))
		return true;
	for (size_t i = 0; i < key.len; i++)
		fits &= key.p[i] > ' ' && key.p[i] <= '~';
	if (!fits) {
		reply_problem(x, ERR_INVALID_FIELD, "Idempotency-Key",
			      "It must have at most 255 visible ASCII characters.");
		return false;
	}
	c->key = key;
	c->hash = secret_sha256_hex(x->arena,
				    arena_printf(x->arena, STR_FMT " " STR_FMT, STR_ARG(x->path),
						 STR_ARG(x->request.body)));
	return true;
}

static struct str needs_of(const struct exchange *x)
{
	if (x->route->who == MANAGER)
		return STR("manage");
	if (x->route->who == BOARD)
		return STR("work");
	return str_is(str_of(x->route->method), "GET") ? STR("read") : STR("write");
}

bool auth_caller(struct exchange *x, struct db_caller *c)
{
	if (!read_credential(x, c) || !read_idempotency_key(x, c))
		return false;
	c->needs = needs_of(x);
	c->ip = str_of(x->ip);
	c->request = str_of(x->request_id);
	return true;
}

void auth_refuse(struct exchange *x, const struct db_result *r)
{
	struct str why = str_of(r->sqlstate);

	if (r->status == DB_AWAY)
		reply_problem(x, ERR_UNAVAILABLE, NULL, NULL);
	else if (str_is(why, "MT401"))
		reply_problem(x, ERR_UNAUTHORIZED, NULL,
			      "This key or session is not one of ours, or has ended.");
	else if (str_is(why, "MT402"))
		reply_problem(x, ERR_BILLING, NULL,
			      "The subscription has ended, so the board is read-only. A manager "
			      "can renew it: Settings, Subscription.");
	else if (str_is(why, "MT403"))
		reply_problem(x, ERR_FORBIDDEN, NULL,
			      x->route->who == MANAGER ?
				      "Only managers may, and keys with the scope manage." :
				      "The scopes of this key do not allow this.");
	else if (str_is(why, "MT409"))
		reply_problem(x, ERR_IN_FLIGHT, "Idempotency-Key", NULL);
	else if (str_is(why, "MT422"))
		reply_problem(x, ERR_KEY_REUSED, "Idempotency-Key", NULL);
	else
		reply_problem(x, ERR_DATABASE, NULL, NULL);
}
