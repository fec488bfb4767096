/*
 * guest_pages.h - what guests see: the page where they put themselves down, and their own. HTML and
 * forms; a script only keeps them up to date. The statements are those of /v1/venues and /v1/guest;
 * templates and words are in gateway/console/guest/.
 */
#ifndef GUEST_PAGES_H
#define GUEST_PAGES_H

#include "db.h"
#include "exchange.h"
#include "json.h"

void guest_pages_join(struct exchange *x);     /* GET /w/{code} */
void guest_pages_check_in(struct exchange *x); /* POST /w/{code}: a form */
void guest_pages_visit(struct exchange *x);    /* GET /g/{token}, and /g/{token}/leave */
void guest_pages_act(struct exchange *x);      /* POST /g/{token}/...: the statement does it */
void guest_pages_file(struct exchange *x);     /* GET /guest/{file}: style and script */

/* Is this for a page, so that a refusal is to be one as well? */
bool guest_pages_own(const struct exchange *x);
/* 429: they did it too often. */
void guest_pages_slow_down(struct exchange *x);

/* ---- for guest_join.c and guest_visit.c ---- */

#define PARTS_MAX 3	/* objects that a page is made from */
#define EXTRA_MAX 32768 /* bytes of one that we make */

/* "es" for "es-MX"; NULL for one that we do not speak. */
const char *guest_pages_language(struct str tag);
/* What the guest chose by ?lang=, or their browser's first that we speak; NULL: neither. */
const char *guest_pages_wanted(const struct exchange *x);

/* All words of a language, by their names. */
const struct json *guest_pages_words(struct arena *a, const char *language);
/* Puts words under another name: a template has one for what differs from state to state. */
void guest_pages_put(struct buf *b, const char *as, const struct json *words, struct str name);
/* Closes the object in `b`, and reads it. */
const struct json *guest_pages_close(struct buf *b);

/* Replies with a template ("guest/join.html"), filled; see mustache.h. */
void guest_pages_reply(struct exchange *x, int status, const char *name,
		       const struct json *const parts[PARTS_MAX]);
/* A page of two sentences: the words of that name, and those with "_more" behind it. */
void guest_pages_message(struct exchange *x, int status, const char *what);
/* The row's answer and its status; NULL when the database had none: then a page was replied. */
const struct json *guest_pages_answer(struct exchange *x, const struct db_result *r, int *status);

#endif
