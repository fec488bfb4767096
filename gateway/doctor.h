/*
 * doctor.h - looks at everything that an operator needs to be right, and says of each what it found
 * and, when it is not right, what mends it. `maitred doctor` prints that, GET /doctor shows it.
 *
 * What is looked at belongs to probes: one for the database, one for each carrier and so on. They
 * block, with a time-out for all that they wait for, so each runs on a thread of a crew of its own.
 */
#ifndef DOCTOR_H
#define DOCTOR_H

#include "carrier.h"
#include "config.h"
#include "loop.h"

enum doctor_level {
	DOCTOR_OK,
	DOCTOR_SET, /* it was not right, and now is: --set-webhooks */
	DOCTOR_WARN,
	DOCTOR_FAIL,
};

/* What was found of one thing. Names of checks are fixed: see docs/incidents.md. */
struct finding {
	enum doctor_level level;
	const char *check;	/* "database.schema" */
	struct str found, mend; /* a sentence; what mends it, or empty */
	const struct finding *next;
};

struct doctor_report {
	const struct finding *first;
	unsigned ok, warned, failed;
	int64_t took_ms;
};

struct doctor_settings {
	struct loop *loop;
	const struct config *config;	     /* as far as it could be read */
	const struct carrier_list *carriers; /* likewise */
	struct str problems;		     /* of the configuration: a sentence per line */
	bool set_webhooks;		     /* change those at the carriers that are not ours */
	void (*waits)(void *ctx, struct str on); /* "the database, Twilio"; may be NULL */
	void (*done)(void *ctx, const struct doctor_report *r); /* once; borrowed */
	void *ctx;
};

/*
 * Starts looking: at most DOCTOR_MAX_MS later, done() is told. Of what has not answered until then
 * it says so. All that `s` points at stays until `*busy` is back where it was.
 */
#define DOCTOR_MAX_MS 12000
void doctor_start(const struct doctor_settings *s, unsigned *busy);

const char *doctor_level_name(enum doctor_level level);		/* "ok", "set", "warn", "FAIL" */
void doctor_json(const struct doctor_report *r, struct buf *b); /* the report as one object */

/* The command, and the page: GET /doctor. */
int doctor_main(int argc, char **argv);
struct exchange;
void doctor_page(struct exchange *x);

#endif
