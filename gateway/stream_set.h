/* stream_set.h - the streams of one worker and where they are found. Private to stream*.c. */
#ifndef STREAM_SET_H
#define STREAM_SET_H

#include "stream.h"
#include "stream_text.h"

#define STREAM_CALLER_MAX 64 /* a SHA-256 in hexadecimal, or a session's id */
#define STREAM_WHY_MAX 31    /* "membership_removed" */
#define STREAM_BUCKETS 256

struct stream {
	struct streams *set;
	struct exchange *x;		/* NULL: the client has gone */
	struct stream_account *account; /* NULL: it is opening */
	struct stream *older, *newer;	/* in the order of their numbers */
	struct stream *next, **prev;	/* of the same account */
	int64_t number;
	char caller[STREAM_CALLER_MAX + 1];
	bool is_key;  /* the caller: else a session */
	bool begins;  /* it has no place yet */
	bool reading; /* a statement is under way */
	bool dirty;   /* it is to read, as soon as it can */
	bool ending;  /* nothing but why is to be sent any more */
	bool cut;
	char end[STREAM_WHY_MAX + 1]; /* why; empty: the process stops */
	unsigned wait_ms;	      /* before it looks again at what had to wait */
	struct place at;
	struct arena *chunk; /* what is being sent; NULL: nothing, or what is static */
	int64_t sent_ms;     /* when it last was given something to send */
	struct timer again;
};

struct stream_account {
	struct stream_account *next;
	struct stream *first;
	unsigned num;
	char id[]; /* the account's */
};

struct streams {
	struct loop *loop;
	struct db *db;
	unsigned num, max;
	int64_t last_number;
	uint64_t looks; /* rounds that have begun */
	bool stopping;
	bool checking; /* a statement is under way */
	int64_t check_at_ms;
	/* where the rounds through all of them are; NULL: at the end */
	struct stream *look_next, *check_next;
	struct timer look, check; /* while there are any */
	struct stream *oldest, *newest;
	struct stream_account *buckets[STREAM_BUCKETS];
};

/* Puts an opening stream where it belongs; gone again in streams_remove(). */
void streams_add(struct streams *s, struct stream *st, struct str account);
void streams_remove(struct stream *st);
/* Another one of this account may be opened: streams whose client has left do not count. */
bool streams_have_room(struct streams *s, struct str account);
/* Asks soon which streams have ended. */
void streams_check_soon(struct streams *s);

void stream_look(struct stream *st); /* it reads, now or as soon as it can */
void stream_beat(struct stream *st); /* it sends that it is there, if it sends nothing */
/* It ends, when its chunk is taken. `why` is copied; empty: because the process stops. */
void stream_end(struct stream *st, struct str why);
void stream_cut(struct stream *st); /* drops the connection */

#endif
