/*
 * framing.h - the checks libh2o's HTTP/1 parser does not make, on the raw head of a request. A
 * proxy in front may read a laxly framed request differently than we do: request smuggling (RFC
 * 9112, section 11.2).
 */
#ifndef FRAMING_H
#define FRAMING_H

#include "str.h"

#define FRAMING_HEAD_MAX 16384
#define FRAMING_HEADERS_MAX 100

struct framing {
	const char *problem; /* a sentence; NULL: none */
	bool chunked;	     /* its body is in chunks, of whose end libh2o is lax, too */
};

/*
 * `head` is everything up to and including the empty line. A problem is a bare LF, a folded line,
 * no Host or two of them, two Content-Lengths, Content-Length together with Transfer-Encoding, an
 * encoding but chunked, a method or target that is for proxies only, or too much of it.
 */
struct framing framing_check(struct str head);

/* The head at the front of `bytes`; empty when its end is not there. */
struct str framing_head(struct str bytes);

#endif
