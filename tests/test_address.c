/* test_address.c - which addresses webhooks may go to, however they are written. */
#include "testing.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/un.h>

#include "address.h"

static bool is_public4(const char *text)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(443) };

	check(text, inet_aton(text, &a.sin_addr)); /* as the resolver reads it */
	return address_public((const struct sockaddr *)&a);
}

static bool is_public6(const char *text)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(443) };

	check(text, inet_pton(AF_INET6, text, &a.sin6_addr) == 1);
	return address_public((const struct sockaddr *)&a);
}

static const struct {
	const char *address;
	bool public;
} rows4[] = {
	{ "0.0.0.0", false },	      { "0", false },
	{ "0.255.255.255", false },   { "1.0.0.0", true },
	{ "1.1.1.1", true },	      { "8.8.8.8", true },
	{ "9.255.255.255", true },    { "10.0.0.0", false },
	{ "10.1.2.3", false },	      { "10.255.255.255", false },
	{ "11.0.0.0", true },	      { "100.63.255.255", true },
	{ "100.64.0.0", false },      { "100.100.100.200", false },
	{ "100.127.255.255", false }, { "100.128.0.0", true },
	{ "126.255.255.255", true },  { "127.0.0.1", false },
	{ "127.1", false },	      { "127.255.255.254", false },
	{ "0x7f.1", false },	      { "0x7f000001", false },
	{ "0177.0.0.1", false },      { "2130706433", false },
	{ "017700000001", false },    { "128.0.0.1", true },
	{ "168.63.129.15", true },    { "168.63.129.16", false },
	{ "168.63.129.17", true },    { "169.253.255.255", true },
	{ "169.254.0.0", false },     { "169.254.169.254", false },
	{ "0xa9fea9fe", false },      { "169.255.0.0", true },
	{ "172.15.255.255", true },   { "172.16.0.0", false },
	{ "172.17.0.1", false },      { "172.31.255.255", false },
	{ "172.32.0.0", true },	      { "192.0.0.1", false },
	{ "192.0.0.192", false },     { "192.0.1.1", true },
	{ "192.0.2.1", false },	      { "192.0.3.1", true },
	{ "192.88.99.1", false },     { "192.88.98.1", true },
	{ "192.167.255.255", true },  { "192.168.0.1", false },
	{ "192.168.255.255", false }, { "192.169.0.0", true },
	{ "198.17.255.255", true },   { "198.18.0.0", false },
	{ "198.19.255.255", false },  { "198.20.0.0", true },
	{ "198.51.100.7", false },    { "198.51.101.7", true },
	{ "203.0.113.7", false },     { "203.0.114.7", true },
	{ "223.255.255.255", true },  { "224.0.0.1", false },
	{ "239.255.255.250", false }, { "240.0.0.1", false },
	{ "255.255.255.254", false }, { "255.255.255.255", false },
};

static void version4(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows4); i++)
		check(rows4[i].address, is_public4(rows4[i].address) == rows4[i].public);
}

static const struct {
	const char *address;
	bool public;
} rows6[] = {
	{ "::", false },
	{ "::1", false },
	{ "::2", false },
	{ "::127.0.0.1", false },
	{ "::8.8.8.8", false },
	{ "::ffff:127.0.0.1", false },
	{ "::ffff:7f00:1", false },
	{ "::ffff:10.0.0.1", false },
	{ "::ffff:169.254.169.254", false },
	{ "::ffff:0.0.0.0", false },
	{ "::ffff:8.8.8.8", true },
	{ "::ffff:0:8.8.8.8", false },
	{ "64:ff9b::127.0.0.1", false },
	{ "64:ff9b::a9fe:a9fe", false },
	{ "64:ff9b::10.0.0.1", false },
	{ "64:ff9b::8.8.8.8", true },
	{ "64:ff9b:1::8.8.8.8", false },
	{ "64:ff9b:0:1::8.8.8.8", false },
	{ "100::1", false },
	{ "1fff::1", false },
	{ "2000::1", true },
	{ "2001::1", false },
	{ "2001:0:53aa:64c:0:fb:f5ff:fffe", false },
	{ "2001:2::1", false },
	{ "2001:20::1", false },
	{ "2001:1ff:ffff::1", false },
	{ "2001:200::1", true },
	{ "2001:db7:ffff::1", true },
	{ "2001:db8::1", false },
	{ "2001:db8:ffff::1", false },
	{ "2001:db9::1", true },
	{ "2001:4860:4860::8888", true },
	{ "2002:7f00:1::1", false },
	{ "2002:a00:1::1", false },
	{ "2002:c0a8:101::1", false },
	{ "2002:a9fe:a9fe::1", false },
	{ "2002:808:808::1", true },
	{ "2003::1", true },
	{ "2606:4700:4700::1111", true },
	{ "2a00:1450:4001::1", true },
	{ "3ffe::1", true },
	{ "3fff::1", false },
	{ "3fff:fff::1", false },
	{ "3fff:1000::1", true },
	{ "4000::1", false },
	{ "5f00::1", false },
	{ "fc00::1", false },
	{ "fd00::1", false },
	{ "fd00:ec2::254", false },
	{ "fdff:ffff::1", false },
	{ "fe80::1", false },
	{ "fe80::1:2:3:4", false },
	{ "febf::1", false },
	{ "fec0::1", false },
	{ "ff02::1", false },
	{ "ff0e::1", false },
	{ "ffff::1", false },
};

static void version6(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows6); i++) {
		check(rows6[i].address, is_public6(rows6[i].address) == rows6[i].public);
		check(rows6[i].address, address_text_public(rows6[i].address) == rows6[i].public);
	}
}

static void others(void **state)
{
	const struct sockaddr_un local = { .sun_family = AF_UNIX, .sun_path = "/tmp/x" };

	(void)state;
	check("a socket in the file system", !address_public((const struct sockaddr *)&local));
	check("text", address_text_public("8.8.8.8") && !address_text_public("10.0.0.1"));
	check("not as usual", !address_text_public("8.8") && !address_text_public("") &&
				      !address_text_public("example.com") &&
				      !address_text_public("fe80::1%eth0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version4),
		cmocka_unit_test(version6),
		cmocka_unit_test(others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
