/*
 * crowd.h - how many connections there are from each address, and whether one more may come: so
 * that nobody takes all of them.
 */
#ifndef CROWD_H
#define CROWD_H

#include <stdbool.h>
#include <stdint.h>

struct crowd;

struct crowd *crowd_new(unsigned most); /* 0: as many as like */
void crowd_free(struct crowd *c);

/* `address` is an IPv4 one. False when it has as many as it may; else it is one more. */
bool crowd_enter(struct crowd *c, uint32_t address);
void crowd_leave(struct crowd *c, uint32_t address);

#endif
