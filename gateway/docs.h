/*
 * docs.h - the description of the API: for programs at /openapi.json, for people at /docs.
 */
#ifndef DOCS_H
#define DOCS_H

#include "exchange.h"

void docs_phones(struct exchange *x); /* GET /sim: where the simulated phones are */
void docs_openapi(struct exchange *x);
void docs_page(struct exchange *x);
void docs_join(struct exchange *x); /* the page of personal links */
void docs_file(struct exchange *x); /* what the pages are made of */

int openapi_main(int argc, char **argv); /* the command: prints it */

#endif
