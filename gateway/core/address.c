/* address.c - IANA's special-purpose addresses as two tables of prefixes. */
#include "address.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "str.h"

/* clang-format off */
static const struct {
	uint8_t bytes[4];
	unsigned bits;
} private4[] = {
	{ { 0 }, 8 },              /* "this network": 0.0.0.0 is this machine */
	{ { 10 }, 8 },             /* private */
	{ { 100, 64 }, 10 },       /* carrier-grade NAT; clouds keep metadata there too */
	{ { 127 }, 8 },            /* loopback */
	{ { 168, 63, 129, 16 }, 32 }, /* Azure's own, inside every machine of theirs */
	{ { 169, 254 }, 16 },      /* link-local: clouds' metadata */
	{ { 172, 16 }, 12 },       /* private */
	{ { 192, 0, 0 }, 24 },     /* protocol assignments */
	{ { 192, 0, 2 }, 24 },     /* documentation */
	{ { 192, 88, 99 }, 24 },   /* 6to4 relays, deprecated */
	{ { 192, 168 }, 16 },      /* private */
	{ { 198, 18 }, 15 },       /* benchmarks */
	{ { 198, 51, 100 }, 24 },  /* documentation */
	{ { 203, 0, 113 }, 24 },   /* documentation */
	{ { 224 }, 3 },            /* multicast, reserved, broadcast */
};

/* What is not public within 2000::/3; outside of it nothing is, but for NAT64. */
static const struct {
	uint8_t bytes[8];
	unsigned bits;
} private6[] = {
	{ { 0x20, 0x01, 0x00 }, 23 },       /* Teredo, benchmarks, ORCHID and more */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x3f, 0xff }, 20 },             /* documentation */
};
/* clang-format on */

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
static const uint8_t six_to_four[2] = { 0x20, 0x02 };
static const uint8_t global_unicast[1] = { 0x20 };

static bool within(const uint8_t *address, const uint8_t *prefix, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(address, prefix, whole) == 0 &&
	       (!rest || (address[whole] ^ prefix[whole]) >> (8 - rest) == 0);
}

static bool public4(const uint8_t *address)
{
	for (size_t i = 0; i < sizeof(private4) / sizeof(*private4); i++)
		if (within(address, private4[i].bytes, private4[i].bits))
			return false;
	return true;
}

static bool public6(const uint8_t *address)
{
	if (within(address, mapped, 96) || within(address, nat64, 96))
		return public4(address + 12);
	if (within(address, six_to_four, 16))
		return public4(address + 2);
	if (!within(address, global_unicast, 3))
		return false;
	for (size_t i = 0; i < sizeof(private6) / sizeof(*private6); i++)
		if (within(address, private6[i].bytes, private6[i].bits))
			return false;
	return true;
}

bool address_public(const struct sockaddr *address)
{
	uint8_t bytes[16];

	if (address->sa_family == AF_INET) {
		memcpy(bytes, &((const struct sockaddr_in *)address)->sin_addr, 4);
		return public4(bytes);
	}
	if (address->sa_family == AF_INET6) {
		memcpy(bytes, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
		return public6(bytes);
	}
	return false;
}

bool address_text_public(const char *text)
{
	uint8_t bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		return public4(bytes);
	return inet_pton(AF_INET6, text, bytes) == 1 && public6(bytes);
}

bool address_valid(const char *text)
{
	uint8_t bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

bool address_within(const char *text, const char *network)
{
	const char *slash = strchr(network, '/');
	int family = strchr(network, ':') ? AF_INET6 : AF_INET;
	char prefix[INET6_ADDRSTRLEN] = "";
	uint8_t address[16], bytes[16];
	long long bits;

	if (!slash || (size_t)(slash - network) >= sizeof(prefix) ||
	    !str_number(str_of(slash + 1), &bits))
		return false;
	memcpy(prefix, network, (size_t)(slash - network));
	return inet_pton(family, prefix, bytes) == 1 && inet_pton(family, text, address) == 1 &&
	       bits >= 0 && bits <= (family == AF_INET ? 32 : 128) &&
	       within(address, bytes, (unsigned)bits);
}
