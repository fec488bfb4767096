/*
 * billing.h - the flow that keeps each account's subscription as Recurly has it, and posts what was
 * texted and called to it. What is to be fetched is a row, made due by a webhook or, once a day, by
 * itself: a webhook that is lost, late, early or there twice changes nothing.
 */
#ifndef BILLING_H
#define BILLING_H

#include "db.h"
#include "http_client.h"
#include "recurly.h"

struct billing;

struct billing_settings {
	struct loop *loop;
	struct db *db;
	struct http_client *http;
	const struct recurly *recurly; /* borrowed */
	const char *who;	       /* borrowed: a name that no other worker has */
	unsigned timeout_ms;	       /* of each request */
};

struct billing *billing_new(const struct billing_settings *s);
void billing_free(struct billing *b); /* after the database and the HTTP client; NULL is harmless */
void billing_wake(struct billing *b); /* something is due, perhaps */
void billing_stop(struct billing *b); /* takes no more; what is under way goes on */
bool billing_busy(const struct billing *b);

#endif
