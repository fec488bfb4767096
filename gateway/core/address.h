/*
 * address.h - which addresses belong to the public internet. What a customer may name as a receiver
 * of webhooks is held against it, so that nobody reaches our own network through us.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>

struct sockaddr;

/*
 * False for loopback, private, shared (carrier-grade NAT), link-local, multicast, unspecified,
 * reserved, benchmark and documentation addresses, also inside IPv6 (mapped, 6to4, NAT64); and for
 * anything but IPv4 and IPv6. The port does not matter.
 * Source: IANA's IPv4 and IPv6 special-purpose address registries.
 */
bool address_public(const struct sockaddr *address);

/* The same of an address in its usual form, "192.0.2.1" or "2001:db8::1". False for any other. */
bool address_text_public(const char *text);

bool address_valid(const char *text);			    /* is it one, in that form? */
bool address_within(const char *text, const char *network); /* of "192.0.2.0/24"? */

#endif
