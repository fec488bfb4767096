/*
 * hanging_up.h - ends calls that ring for nothing: the guest has answered by other means, or left.
 */
#ifndef HANGING_UP_H
#define HANGING_UP_H

#include "carrier.h"
#include "db.h"
#include "http_client.h"

struct hanging_up;

struct hanging_up_settings {
	struct loop *loop;
	struct db *db;
	struct http_client *http;
	const struct carrier_list *carriers;
};

struct hanging_up *hanging_up_new(const struct hanging_up_settings *s);
void hanging_up_free(struct hanging_up *h); /* after the database and the HTTP client */
void hanging_up_stop(struct hanging_up *h); /* looks no more; what is under way goes on */
bool hanging_up_busy(const struct hanging_up *h);

#endif
