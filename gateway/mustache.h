/*
 * mustache.h - HTML from a template and JSON, by kainjow's Mustache: what is put in is escaped.
 */
#ifndef MUSTACHE_H
#define MUSTACHE_H

#include "json.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Fills a template of ours (https://mustache.github.io) from the members of `objects`, of which the
 * later ones win; NULL among them is nothing. {{name}} is shown as text; {{> name}} is a string of
 * the objects that is a template itself: words of ours, never a guest's. {{#name}} counts null,
 * false and an empty string as nothing. The answer is in the arena.
 */
struct str mustache_render(struct arena *a, struct str text, const struct json *const *objects,
			   size_t num);

#ifdef __cplusplus
}
#endif
#endif
