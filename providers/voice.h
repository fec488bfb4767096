/*
 * voice.h - calls: the script that we answer a carrier's question with, and what the question says.
 * The carrier asks when somebody picked up, or calls us, and again after each key; the script says
 * what is spoken and which keys are waited for until then.
 */
#ifndef VOICE_H
#define VOICE_H

#include "arena.h"
#include "http.h"

enum call_verb_kind {
	VERB_SAY,
	VERB_PAUSE,
	/* says what is in it, and waits for one key; without one the next verb follows */
	VERB_GATHER,
	VERB_DIAL,     /* connects the caller to `number`; then asks at `action` */
	VERB_RECORD,   /* after a beep, until silence or a key; then asks at `action` */
	VERB_REDIRECT, /* asks at `action` now */
	VERB_HANG_UP,
	VERB_REJECT, /* the call is not answered at all; only as the first verb */
};

struct call_verb {
	enum call_verb_kind kind;
	struct str words; /* SAY: UTF-8, at most 3000 bytes */
	unsigned seconds; /* PAUSE 1..10; GATHER: for a key; DIAL: rings; RECORD: at most */
	struct str
		action; /* GATHER, DIAL, RECORD, REDIRECT: where the carrier asks next; absolute */
	struct str number;		/* DIAL: E.164 */
	struct str from;		/* DIAL: the number that is shown there; E.164, ours */
	const struct call_verb *inside; /* GATHER: SAY and PAUSE only */
	size_t inside_num;
};

struct call_script {
	struct str language; /* "en", "es", "fr" */
	bool man;	     /* a man's voice; else a woman's */
	const struct call_verb *verbs;
	size_t verb_num;
};

enum answered_by { ANSWERED_UNSAID, ANSWERED_HUMAN, ANSWERED_MACHINE, ANSWERED_FAX };

const char *answered_name(enum answered_by who); /* "human"; NULL: unsaid */
enum answered_by answered_of(struct str word);	 /* the carriers' words: "machine_start", ... */

/* What a carrier asks: how far the call is, and which key was pressed. */
struct call_question {
	struct str carrier_id; /* the call's */
	bool inbound;	       /* the guest calls us */
	struct str from, to;   /* as the carrier wrote them: the caller, and who is called */
	struct str attempt_id,
		account_id; /* from our URL's query: hints, not proof; may be empty */
	struct str step;    /* likewise: which part of the script; empty: the first */
	struct str digits;  /* keys pressed since the last question; may be empty */
	enum answered_by answered_by;
	struct str dialled;	  /* how a DIAL ended: "completed", "busy", ...; empty: none did */
	struct str recording_url; /* what a RECORD made; empty: nothing */
	unsigned recording_s;
};

/* What a call's status report adds to struct event. */
struct call_progress {
	unsigned duration_s;	      /* of the talk; 0: unknown, or none */
	enum answered_by answered_by; /* as far as the carrier says */
};

#endif
