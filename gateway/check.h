/*
 * check.h - `maitred check`: what we make of a webhook, a text, a number or an error code, on the
 * command line, without a server; and whether our mail works.
 */
#ifndef CHECK_H
#define CHECK_H

#include "arena.h"

/*
 * argv[0] is "check". The exit status: 0 fine, 1 invalid, 64 misuse, 65 bad input; of mail also 69
 * refused, 75 it may work later, 78 not configured.
 */
int check_main(int argc, char **argv);

/* Private to check*.c: argv[0] is "mail". */
int check_mail(struct arena *a, int argc, char **argv);

#endif
