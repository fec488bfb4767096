/* reply.c - writes the API's answers: JSON bodies and problems. */
#include "reply.h"

#include "json.h"

#define PROBLEM_MAX 4096
#define RETRY_AFTER STR("2")

void reply_json(struct exchange *x, int status, struct str body)
{
	exchange_reply(x, status, STR("application/json"), body);
}

void reply_problem(struct exchange *x, enum err err, const char *param, const char *detail)
{
	const struct err_info *info = err_info(err);
	struct buf b = buf_new(x->arena, PROBLEM_MAX);

	json_open(&b, NULL, '{');
	json_put_str(&b, "type", STR("about:blank"));
	json_put_str(&b, "title", str_of(info->title));
	json_put_int(&b, "status", info->http_status);
	json_put_str(&b, "code", str_of(info->code));
	json_put_str(&b, "detail", str_of(detail ? detail : info->title));
	if (param)
		json_put_str(&b, "param", str_of(param));
	json_put_str(&b, "request_id", str_of(x->request_id));
	json_close(&b, '}');
	if (info->retry)
		exchange_add_header(x, "retry-after", RETRY_AFTER);
	if (err == ERR_UNAUTHORIZED)
		exchange_add_header(x, "www-authenticate", STR("Bearer"));
	exchange_reply(x, info->http_status, STR("application/problem+json"), buf_str(&b));
}

void reply_limited(struct exchange *x, int64_t seconds, const char *detail)
{
	exchange_add_header(x, "retry-after", arena_printf(x->arena, "%lld", (long long)seconds));
	reply_problem(x, ERR_LIMITED, NULL, detail);
}
