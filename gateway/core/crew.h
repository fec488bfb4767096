/*
 * crew.h - a few threads for work that would block a loop: password hashing, mail. One crew belongs
 * to one loop; what waits is bounded, so that a crowd at the door is refused instead of queued.
 *
 * All calls are made on the loop. Jobs end in no particular order.
 */
#ifndef CREW_H
#define CREW_H

#include "loop.h"

struct crew;

/* Embedded in its owner, who keeps it alive from crew_submit() until done() has been called. */
struct job {
	void (*work)(struct job *); /* on a thread: touches nothing but what the owner gave it */
	void (*done)(struct job *); /* on the loop, exactly once; may submit or free the job */
	struct crew *crew;	    /* private, as all below */
	struct job *next;
	struct task back;
};

/* `threads` at work and `waiting_max` more waiting. They block all signals. */
struct crew *crew_new(struct loop *l, unsigned threads, unsigned waiting_max);
/*
 * Ends the threads. Nothing may be in flight (asserted), as work cannot be cut short and done()
 * must run: poll crew_busy() first. Who cannot wait leaves the crew alone and ends the process.
 */
void crew_free(struct crew *c); /* NULL is harmless */

bool crew_full(const struct crew *c);	  /* ask first: say "try again", and submit nothing */
unsigned crew_busy(const struct crew *c); /* submitted, and done() not yet called */
void crew_submit(struct crew *c, struct job *j); /* the crew is not full */

#endif
