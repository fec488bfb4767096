/*
 * amplitude.h - Amplitude's HTTP V2 API, as pure functions: a batch's request, and what its answer
 * means for each event. Source: https://www.amplitude.com/docs/apis/analytics/http-v2.
 */
#ifndef AMPLITUDE_H
#define AMPLITUDE_H

#include "http.h"
#include "json.h"

#define AMPLITUDE_BATCH 10 /* events in a request, as it recommends */
#define AMPLITUDE_PAUSE_MS 30000
#define AMPLITUDE_ID_MAX 48

/* One request with these events, each a JSON object, in the arena. */
void amplitude_build(struct arena *a, struct str base_url, struct str api_key,
		     const struct str *events, size_t num, struct http_request *out);

enum amplitude_next {
	AMPLITUDE_TAKEN,
	AMPLITUDE_DROP,	 /* those in `which` are wrong and go; the rest is sent again */
	AMPLITUDE_SPLIT, /* too large: in two */
	AMPLITUDE_PAUSE, /* who is in `which` sends too much: they wait; the rest is sent again */
	AMPLITUDE_AGAIN, /* it may have been taken: later, with the same insert_ids */
};

struct amplitude_verdict {
	enum amplitude_next next;
	bool which[AMPLITUDE_BATCH]; /* DROP, PAUSE; when it names none: all */
};

/* `who`: each event's user_id or device_id. */
struct amplitude_verdict amplitude_judge(struct arena *a, const struct http_response *r,
					 const struct str *who, size_t num);

#endif
