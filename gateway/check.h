/*
 * check.h - `maitred check`: what we make of a webhook, a text, a number or an error code, on the
 * command line, without a server.
 */
#ifndef CHECK_H
#define CHECK_H

/* argv[0] is "check". The exit status: 0 fine, 1 invalid, 64 misuse, 65 bad input. */
int check_main(int argc, char **argv);

#endif
