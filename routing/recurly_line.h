/*
 * recurly_line.h - asking Recurly: one request, and what its answer comes to. After a 429 nobody
 * asks anything until the limit is over. Private to routing/.
 */
#ifndef RECURLY_LINE_H
#define RECURLY_LINE_H

#include "http_client.h"
#include "recurly.h"

struct recurly_line {
	struct loop *loop;
	struct http_client *http;
	const struct recurly *recurly;
	unsigned timeout_ms;
	int64_t rest_until_ms; /* monotonic */
};

enum recurly_answer {
	RECURLY_OK,
	RECURLY_MISSING, /* 404 */
	RECURLY_REFUSED, /* another 4xx: it was not done, and will not be as it is */
	RECURLY_LATER,	 /* 429, our key is not taken, or it was not reached: it was not done */
	RECURLY_LOST,	 /* 5xx, or no answer that can be read: it may have been done */
};

struct recurly_told {
	enum recurly_answer answer;
	const struct json *body; /* in the arena, as all; NULL when it is none */
	struct str why;		 /* in words, unless it is RECURLY_OK */
};

typedef void recurly_done(void *ctx, const struct recurly_told *told);

/* `operation` names it in the metrics. `done` never runs before this returns. */
void recurly_ask(struct recurly_line *l, struct arena *a, const char *operation,
		 const struct http_request *request, recurly_done *done, void *ctx);

bool recurly_resting(const struct recurly_line *l);

#endif
