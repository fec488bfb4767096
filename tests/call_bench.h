/*
 * call_bench.h - the simulated carriers, a gateway that hears their webhooks and answers with
 * scripts, and a client that creates calls, all on one loop.
 */
#ifndef CALL_BENCH_H
#define CALL_BENCH_H

#include "testing.h"

#include "credentials.h"
#include "form.h"
#include "http_client.h"
#include "provider.h"
#include "server.h"
#include "talk.h"
#include "turns.h"

#define GUEST "+12125550123"
#define OURS "+12125550100"
#define OTHER "+12125550199"
#define PATIENCE_MS 5000

#define TWILIO_CALLS "/2010-04-01/Accounts/" FAKE_ACCOUNT_SID "/Calls"
#define TELNYX_CALLS "/v2/texml/Accounts/" FAKE_ACCOUNT_ID "/Calls"

struct page {
	const char *path, *xml; /* "@" stands for the gateway's URL */
};

struct bench {
	struct loop *loop;
	struct carriers *sim;
	struct http_client *client;
	struct server *gateway;
	struct arena *arena;
	struct str url; /* of the gateway */
	struct carrier_account accounts[SIM_PROVIDERS];
	const struct page *pages;  /* ends with a NULL path */
	const char *sick;	   /* this path is answered with 500 */
	struct buf told;	   /* first letters of the verified callbacks' CallStatus */
	struct buf keys;	   /* and the Digits of questions */
	struct form last_question; /* of those that were verified */
	unsigned forged, questions;
	int status; /* of the last answer of a carrier's API */
	struct str body;
	bool answered;
};

/* For cmocka: *state is a struct bench. */
int bench_set_up(void **state);
int bench_tear_down(void **state);

/* A request to a carrier's API, with its credentials; b->status and b->body are the answer. */
void bench_ask(struct bench *b, int p, const char *path, struct str body, bool is_json);

/* The same with "@" replaced by the gateway's URL. */
struct str with_urls(struct bench *b, const char *text);

/* What creates a call to GUEST, with more parameters: "&A=b", or ",\"A\":\"b\"". */
struct str twilio_form(struct bench *b, const char *more);
struct str telnyx_json(struct bench *b, const char *more);

/* Creates a call; NULL: it was not accepted. `detects`: with machine detection. */
struct call *create_call(struct bench *b, int p, bool detects);
/* The same, until it is over and all was told. */
struct call *call_through(struct bench *b, int p, bool detects);
bool bench_idle(const struct bench *b);

/* "say:Hello key:1 say:Bye": the transcript, without where scripts were asked for. */
struct str heard(struct bench *b, const struct call *c);

void plan_phone(struct bench *b, const char *number, enum phone_call does, const char *keys);
void set_faults(struct bench *b, int provider, const char *rules);

#endif
