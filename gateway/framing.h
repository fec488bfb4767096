/*
 * framing.h - the checks libh2o's HTTP/1 parser does not make, on the raw head of a request. A
 * proxy in front may read a laxly framed request differently than we do: request smuggling (RFC
 * 9112, section 11.2).
 */
#ifndef FRAMING_H
#define FRAMING_H

#include "str.h"

/*
 * `head` is everything up to and including the empty line. NULL when it is framed properly, else
 * what is wrong, as one sentence: a bare LF, a folded line, no Host or two of them, two
 * Content-Lengths, Content-Length together with Transfer-Encoding, or an encoding but chunked.
 */
const char *framing_problem(struct str head);

/* The head at the front of `bytes`; empty when its end is not there. */
struct str framing_head(struct str bytes);

#endif
