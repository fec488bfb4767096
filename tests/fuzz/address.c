/*
 * address.c - fuzzes which addresses are public: inside IPv6 an address of version 4 is what it is
 * alone, and a list of networks, written again here, is never public.
 */
#include "fuzz.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "address.h"

static bool private_network(uint32_t ip)
{
	return ip >> 24 == 0 || ip >> 24 == 10 || ip >> 24 == 127 || ip >> 28 >= 14 ||
	       ip >> 16 == 0xc0a8 || ip >> 16 == 0xa9fe || ip >> 20 == 0xac1 ||
	       ip >> 22 == 0x64400000 >> 22;
}

static void version4(const uint8_t *bytes)
{
	struct sockaddr_in four = { .sin_family = AF_INET };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	char text[INET6_ADDRSTRLEN];

	memcpy(&four.sin_addr, bytes, 4);
	bool is = address_public((struct sockaddr *)&four);
	must(!is || !private_network(ntohl(four.sin_addr.s_addr)));
	inet_ntop(AF_INET, &four.sin_addr, text, sizeof(text));
	must(address_text_public(text) == is);
	memset(&six.sin6_addr.s6_addr[10], 0xff, 2);
	memcpy(&six.sin6_addr.s6_addr[12], bytes, 4);
	must(!address_public((struct sockaddr *)&six) || is);
}

static void version6(const uint8_t *bytes)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	char text[INET6_ADDRSTRLEN];

	memcpy(&six.sin6_addr, bytes, 16);
	bool is = address_public((struct sockaddr *)&six);
	must(!is || (bytes[0] & 0xe0) == 0x20 || (bytes[0] == 0 && bytes[1] == 0x64) ||
	     (bytes[0] == 0 && bytes[10] == 0xff && bytes[11] == 0xff));
	inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof(text));
	must(address_text_public(text) == is);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();

	if (size >= 4)
		version4(data);
	if (size >= 16)
		version6(data);
	address_text_public(arena_cstr(a, input(data, size)));
	arena_free(a);
	return 0;
}
