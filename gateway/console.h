/*
 * console.h - the console for staff: a page that is made of files of the binary and asks the API.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "exchange.h"

void console_page(struct exchange *x);	 /* GET / */
void console_worker(struct exchange *x); /* its service worker, which has to stand at the root */
void console_file(struct exchange *x);	 /* what they are made of */

#endif
