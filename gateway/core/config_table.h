/*
 * config_table.h - the rows of the table of settings. Private to config.c.
 */
#ifndef CONFIG_TABLE_H
#define CONFIG_TABLE_H

#include "config.h"

enum setting_type { TYPE_STRING, TYPE_NUMBER, TYPE_URL, TYPE_CHOICE, TYPE_ORIGINS };

enum { REQUIRED = 1, SECRET = 2 };

struct setting {
	const char *name;
	enum setting_type type;
	size_t offset;
	unsigned flags;
	const char *fallback; /* NULL: empty */
	long min, max;	      /* TYPE_NUMBER */
	const char *choices;  /* TYPE_CHOICE: separated by spaces */
	const char *help;
};

extern const struct setting settings[];
extern const size_t setting_num;

#endif
