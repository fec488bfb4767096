/* recurly.c - fuzzes Recurly's lists: what is made of them is a state that we know. */
#include "fuzz.h"

#include "recurly.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str rest = input(data, size), header = str_cut(&rest, '\n');
	struct recurly r = { .webhook_keys = { STR("never in a corpus") }, .webhook_key_num = 1 };
	struct recurly_state state = { 0 };
	struct http_header limit = { STR("X-RateLimit-Reset"), header };
	struct http_response answer = {
		.transport = HTTP_ANSWERED, .status = 429, .headers = &limit, .header_num = 1
	};
	const char *why = NULL;
	const struct json *list = json_parse(a, rest, &why);
	struct str id = { 0 };

	must(!recurly_signed(a, &r, header, rest, 1770000000000, &why));
	if (recurly_read_subscriptions(list, &state)) {
		must(state.state && *state.state);
		recurly_read_overdue(list, &state);
		must(state.state && *state.state);
	}
	must(recurly_read_usage(list, header, &id) != RECURLY_THERE || id.len);
	int64_t rest_ms = recurly_rest_ms(&answer, 1770000000000);
	must(rest_ms >= 1000 && rest_ms <= 600000);
	arena_free(a);
	return 0;
}
