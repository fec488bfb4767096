/*
 * outcome.h - what an answer that is no success means for the text. The rules are those of HTTP and
 * of codes.tsv, so that every carrier is judged alike.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "provider.h"

/*
 * Sets outcome, code, code_text and retry_after_s. Not sent for certain: a 4xx, or a code that
 * is documented as never processed (back-off). Everything else may have been sent.
 */
void outcome_judge(const char *carrier, const struct http_response *answer, struct str code,
		   struct send_result *out);

static inline bool outcome_is_success(const struct http_response *answer)
{
	return answer->status >= 200 && answer->status <= 299;
}

#endif
