/*
 * doctor_probe.h - what the doctor's probes share. Private to doctor*.c.
 */
#ifndef DOCTOR_PROBE_H
#define DOCTOR_PROBE_H

#include "crew.h"
#include "doctor.h"
#include "http.h"

struct http_client;

struct our_number {
	struct str provider, phone;
	bool calls;
};

/* What the database knows that others look at; nothing when it is away. */
struct our_numbers {
	const struct our_number *at;
	size_t num;
	bool known;
};

/* How far a clock is ahead of ours. */
struct skew {
	const char *who; /* NULL: not known */
	int64_t ms;
};

struct doctor;

struct probe {
	const char *title;		   /* "the database": who does not answer */
	const char *check;		   /* the first of its checks */
	void (*look)(struct probe *p);	   /* on a thread */
	const struct doctor_settings *of;  /* const while it looks */
	const struct carrier *carrier;	   /* of a carrier's probe */
	const struct our_numbers *numbers; /* likewise */
	struct our_numbers own_numbers;	   /* of the database's */
	struct skew skew;
	struct arena *arena;
	struct finding *first, **last;
	struct job job;
	struct doctor *doctor;
	bool started, over;
	struct loop *loop; /* of its requests: probe_ask() */
	struct http_client *http;
};

/* Adds what was found; strings are static or in p->arena. `mend` is empty when all is well. */
void probe_found(struct probe *p, enum doctor_level level, const char *check, struct str found,
		 struct str mend);

/* "a moment", "40 s", "12 min", "3 h", "2 days" */
struct str probe_age(struct probe *p, int64_t seconds);

/*
 * Asks, and waits up to 4 s. False when nobody answered: then out->error says why. What it points
 * at is in p->arena. An answer's Date is compared with our clock: p->skew.
 */
bool probe_ask(struct probe *p, const struct http_request *request, struct http_response *out);
void probe_close(struct probe *p);

/* Where a URL leads, for people to read: without user, query and fragment, which may be secret. */
struct str probe_place(struct probe *p, struct str url);

/* The probes. */
void doctor_database(struct probe *p);
void doctor_public_url(struct probe *p);
void doctor_mail(struct probe *p);
void doctor_twilio(struct probe *p);
void doctor_telnyx(struct probe *p);

bool doctor_url_usable(
	const struct probe *p); /* the configuration has no problem with PUBLIC_URL */

/* What can be told without asking anybody; and, when all have ended, of the clocks. */
void doctor_configuration(struct probe *p);
void doctor_clock(struct probe *p, const struct skew *skews, size_t num);

/* Of the database's probe: what waits, and how the carriers are. */
struct inspection;
void doctor_queue(struct probe *p, struct inspection *i, int64_t connections);
/* Likewise: whether a pooler is where the settings say that there is one, and nowhere else. */
void doctor_pooler(struct probe *p, struct inspection *direct);

#endif
