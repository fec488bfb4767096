/* crowd.c - a counter for each address that has a connection, in a table of lists. */
#include "crowd.h"

#include <assert.h>
#include <stdlib.h>

#include "secret.h"

#define LISTS 4096

struct visitor {
	struct visitor *next;
	uint32_t address;
	unsigned num;
};

struct crowd {
	unsigned most;
	uint32_t secret; /* else somebody could choose addresses that share a list */
	struct visitor *lists[LISTS];
};

struct crowd *crowd_new(unsigned most)
{
	struct crowd *c = calloc(1, sizeof(*c));

	assert(c);
	c->most = most;
	secret_random(&c->secret, sizeof(c->secret));
	return c;
}

/* Where it stands, or where it would be put. */
static struct visitor **find(struct crowd *c, uint32_t address)
{
	uint64_t mixed = (address ^ c->secret) * 0x9e3779b97f4a7c15;
	struct visitor **at = &c->lists[mixed >> 52];

	while (*at && (*at)->address != address)
		at = &(*at)->next;
	return at;
}

bool crowd_enter(struct crowd *c, uint32_t address)
{
	if (!c->most)
		return true;

	struct visitor **at = find(c, address);
	if (!*at) {
		*at = calloc(1, sizeof(**at));
		assert(*at);
		(*at)->address = address;
	}
	if ((*at)->num >= c->most)
		return false;
	(*at)->num++;
	return true;
}

void crowd_leave(struct crowd *c, uint32_t address)
{
	struct visitor **at = find(c, address), *gone = *at;

	if (!gone || --gone->num)
		return;
	*at = gone->next;
	free(gone);
}

void crowd_free(struct crowd *c)
{
	for (size_t i = 0; i < LISTS; i++)
		while (c->lists[i]) {
			struct visitor *gone = c->lists[i];

			c->lists[i] = gone->next;
			free(gone);
		}
	free(c);
}
