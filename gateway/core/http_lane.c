/* http_lane.c - one list of waiting requests for each host that is being asked. */
#include "http_lane.h"

#include <assert.h>
#include <stdlib.h>

/* "https://api.example.com" of a URL. */
static struct str host_of(struct str url)
{
	size_t slashes = 0, len = 0;

	for (; len < url.len; len++)
		if (url.p[len] == '/' && ++slashes == 3)
			break;
	return (struct str){ url.p, len };
}

static struct lane *lane_new(struct str host)
{
	struct lane *l = malloc(sizeof(*l) + host.len);

	assert(l);
	char *copy = memcpy(l + 1, host.p, host.len);
	*l = (struct lane){ .last = &l->first, .host = { copy, host.len } };
	return l;
}

static void remove_if_empty(struct lanes *all, struct lane *l)
{
	struct lane **at = &all->first;

	if (l->running || l->first)
		return;
	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	free(l);
}

void lanes_enter(struct lanes *all, struct call *c, struct str url)
{
	struct str host = host_of(url);
	struct lane **at = &all->first;

	while (*at && !str_eq((*at)->host, host))
		at = &(*at)->next;
	if (!*at)
		*at = lane_new(host);
	c->lane = *at;
	c->behind = NULL;
	*c->lane->last = c;
	c->lane->last = &c->behind;
}

struct call *lanes_next(struct lanes *all)
{
	struct lane *l = all->first;

	while (l && (!l->first || l->running >= all->max_per_host))
		l = l->next;
	if (!l)
		return NULL;
	struct call *c = l->first;

	l->first = c->behind;
	if (!l->first)
		l->last = &l->first;
	l->running++;
	return c;
}

struct call *lanes_overdue(struct lanes *all, int64_t now_ms)
{
	struct call *found = NULL, **last = &found;

	for (struct lane *l = all->first, *next; l; l = next) {
		struct call **at = &l->first;

		next = l->next;
		while (*at) {
			struct call *c = *at;

			if (now_ms < c->begin_by_ms) {
				at = &c->behind;
				continue;
			}
			*at = c->behind;
			c->behind = NULL;
			*last = c;
			last = &c->behind;
		}
		l->last = at;
		remove_if_empty(all, l);
	}
	return found;
}

bool lanes_wait(const struct lanes *all)
{
	for (const struct lane *l = all->first; l; l = l->next)
		if (l->first)
			return true;
	return false;
}

void lane_leave(struct lanes *all, struct call *c)
{
	assert(c->lane->running);
	c->lane->running--;
	remove_if_empty(all, c->lane);
}
