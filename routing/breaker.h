/*
 * breaker.h - is a carrier fit to be asked? One per carrier and operation. Pure: told what happened
 * and when, it says what changed. After Finagle's failure accrual: out after 5 failures in a row,
 * or when fewer than 80 % of at least 5 in 30 s succeed; for 5 to 300 s, with equal jitter; back
 * after one success.
 */
#ifndef BREAKER_H
#define BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum breaker_outcome {
	BREAKER_OK,	   /* it did its work; a refusal of this guest's number is that too */
	BREAKER_FAILED,	   /* out of reach, an error of its own, an answer nobody can read */
	BREAKER_SLOW,	   /* answered, but took longer than BREAKER_SLOW_MS: as bad as a failure */
	BREAKER_THROTTLED, /* too much at once: fewer at a time, never out for it */
	BREAKER_UNTRIED,   /* others were before it for too long: says nothing, but of a probe */
};

enum breaker_change {
	BREAKER_SAME,
	BREAKER_OPENED,	 /* or open for longer: its probe failed */
	BREAKER_CLOSED,	 /* its probe succeeded */
	BREAKER_SHIFTED, /* more, or less, of its share goes elsewhere */
};

#define BREAKER_SLOW_MS 5000
#define BREAKER_SLOTS 6 /* of 5 s each */

struct breaker {
	/* shared by all processes */
	bool open;
	int64_t open_until_ms; /* monotonic, of this process */
	unsigned times;	       /* opened in a row: each time for longer */
	unsigned shift;	       /* percent of its first tries that go elsewhere */

	/* of this process */
	bool probe;		/* the next request is ours to try it with */
	unsigned failed_in_row; /* since the last success */
	struct {
		int64_t slot; /* time / 5 s */
		unsigned ok, failed;
	} window[BREAKER_SLOTS];
	int64_t shifted_ms; /* when its share last changed */
	unsigned limit;	    /* requests at once; 0: no limit */
	unsigned in_flight;
	int64_t limited_ms; /* when the limit last changed */
};

/* A request ended. `*reason` is a static sentence if something changed. `jitter`: any number. */
enum breaker_change breaker_note(struct breaker *b, enum breaker_outcome outcome, int64_t now_ms,
				 unsigned jitter, const char **reason);

/* Another process says how it is, open for `open_ms`: what was counted here is forgotten. */
void breaker_adopt(struct breaker *b, bool open, int64_t open_ms, unsigned times, unsigned shift,
		   int64_t now_ms);

/* A second has passed: limits are lifted by steps up to `most`, shares drift back. */
enum breaker_change breaker_tick(struct breaker *b, int64_t now_ms, unsigned most,
				 const char **reason);

#endif
