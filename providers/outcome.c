/* outcome.c - judges answers that are no success. */
#include "outcome.h"

enum { RETRY_AFTER_MAX_S = 3600 }; /* a carrier that asks for more is asked again after an hour */

static unsigned seconds(const struct http_response *answer, struct str header)
{
	long long n;

	if (!str_number(str_trim(http_find(answer->headers, answer->header_num, header)), &n))
		return 0;
	return n > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : (unsigned)n;
}

static unsigned retry_after_s(const struct http_response *answer)
{
	unsigned n = seconds(answer, STR("retry-after"));

	return n ? n : seconds(answer, STR("x-ratelimit-reset"));
}

void outcome_judge(const char *carrier, const struct http_response *answer, struct str code,
		   struct send_result *out)
{
	bool refused = answer->status >= 400 && answer->status <= 499 && answer->status != 408;

	out->code_text = code;
	out->code = code_or_default(carrier, code, answer->status);
	if (out->code->handling == HANDLING_NOTE) /* a refusal is never only a note */
		out->code = code_or_default(carrier, STR(""), answer->status);
	if (out->code->handling == HANDLING_BACK_OFF)
		refused = true;
	if (out->code->handling == HANDLING_ASK_CARRIER)
		refused = false;
	out->outcome = refused ? SEND_REFUSED : SEND_AMBIGUOUS;
	if (answer->status == 429 || out->code->handling == HANDLING_BACK_OFF)
		out->retry_after_s = retry_after_s(answer);
}
