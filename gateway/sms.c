/* sms.c - whether a text may go to a guest. */
#include "sms.h"

#include "buf.h"
#include "segment.h"
#include "wording.h"

const char *sms_refusal(struct arena *a, struct str body)
{
	struct segments segments = segment_count(body);
	const char *why = segment_refusal(a, &segments);

	return why ? why : wording_refusal(a, body);
}

/* How many bytes of a variable, like {name}, `s` begins with. */
static size_t variable_len(struct str s)
{
	size_t n = 1;

	while (n < s.len && s.p[n] >= 'a' && s.p[n] <= 'z')
		n++;
	return n > 1 && n < s.len && s.p[0] == '{' && s.p[n] == '}' ? n + 1 : 0;
}

struct str sms_filled(struct arena *a, struct str template)
{
	struct buf b = buf_new(a, template.len + 1);

	for (size_t i = 0, n; i < template.len; i += n ? n : 1) {
		n = variable_len(str_from(template, i));
		buf_char(&b, n ? '1' : template.p[i]);
	}
	return buf_str(&b);
}
