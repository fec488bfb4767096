/*
 * load.h - how busy the lanes of the database are.
 */
#ifndef LOAD_H
#define LOAD_H

#include "db.h"

/* A lane: its connections, and its statements, waiting to be sent and sent but not answered. */
struct db_load {
	unsigned connections, up, waiting, sent;
};

struct db_load db_look(const struct db *d, enum db_lane lane);
const char *db_lane_name(enum db_lane lane);
unsigned db_connections(void); /* that each database of a worker keeps */

#endif
