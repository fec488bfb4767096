/*
 * deeds.h - what somebody who took a gateway over would try, and what a gateway needs: each a
 * function for a process of its own, and what has to come of it in the sandbox.
 */
#ifndef DEEDS_H
#define DEEDS_H

#include <stddef.h>

enum { DEED_ENDS = -1, DEED_GOES = 0 };

struct deed {
	const char *name; /* NULL behind the last */
	int (*act)(void);
	int how;	  /* DEED_ENDS, DEED_GOES, or the error that it gets */
	const char *call; /* that it ends at; NULL: it says nothing */
};

extern const struct deed deeds[];

/* Folders: it may write in the one, and do nothing in the other. */
extern char deeds_inside[], deeds_outside[];

void deeds_begin(void);
void deeds_again(void); /* before each */
void deeds_end(void);

/* Makes an empty file, and its path. */
void touch(char *path, size_t size, const char *in, const char *name);

#endif
