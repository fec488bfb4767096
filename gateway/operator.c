/* operator.c - one token, in the two ways in which it is sent. */
#include "operator.h"

#include "reply.h"
#include "secret.h"
#include "worker.h"

/* What stands behind the first colon of "name:password", in base64. */
static struct str password(struct arena *a, struct str encoded)
{
	struct str pair;

	if (!secret_base64_decode(a, encoded, &pair))
		return STR("");
	str_cut(&pair, ':');
	return pair;
}

static bool has_token(struct exchange *x, struct str tokens)
{
	struct str rest = exchange_header(x, "authorization");
	struct str scheme = str_cut(&rest, ' '), value = str_trim(rest);

	if (str_eq_fold(scheme, STR("basic")))
		value = password(x->arena, value);
	else if (!str_eq_fold(scheme, STR("bearer")))
		return false;
	bool one = false;

	while (tokens.len) /* several while rotating */
		one |= secret_equal(value, str_trim(str_cut(&tokens, ',')));
	return one && value.len;
}

bool operator_may(struct exchange *x)
{
	struct str token = worker_of(x)->config->operator_token;

	if (!token.len) {
		reply_problem(x, ERR_NOT_FOUND, NULL,
			      "Pages for operators are off: OPERATOR_TOKEN is not set.");
		return false;
	}
	if (has_token(x, token))
		return true;
	exchange_add_header(x, "www-authenticate", STR("Basic realm=\"maitred\""));
	reply_problem(x, ERR_UNAUTHORIZED, NULL,
		      "Send OPERATOR_TOKEN as Authorization: Bearer <token>, or as the password.");
	return false;
}

bool operator_wants_page(const struct exchange *x)
{
	struct str accept = exchange_header(x, "accept");

	for (; accept.len; accept = str_from(accept, 1))
		if (str_starts(accept, STR("text/html")))
			return true;
	return false;
}
