/* proxy.c - reads the headers of proxies: Heroku's router, a web server in front, Cloudflare. */
#include "proxy.h"

#include "address.h"
#include "secret.h"

#define ADDRESS_MAX 46

/*
 * https://www.cloudflare.com/ips-v4 and -v6, as of February 2026. When one is missing, its clients
 * share Cloudflare's address: they are answered, but limited as one.
 */
static const char *const cloudflare[] = {
	"173.245.48.0/20",  "103.21.244.0/22",	"103.22.200.0/22", "103.31.4.0/22",
	"141.101.64.0/18",  "108.162.192.0/18", "190.93.240.0/20", "188.114.96.0/20",
	"197.234.240.0/22", "198.41.128.0/17",	"162.158.0.0/15",  "104.16.0.0/13",
	"104.24.0.0/14",    "172.64.0.0/13",	"131.0.72.0/22",   "2400:cb00::/32",
	"2606:4700::/32",   "2803:f800::/32",	"2405:b500::/32",  "2405:8100::/32",
	"2a06:98c0::/29",   "2c0f:f248::/32",
};

struct proxy proxy_of(const struct config *c)
{
	return (struct proxy){ .trusted = !str_is(c->trust_proxy, "no"),
			       .cloudflare = str_is(c->trust_proxy, "cloudflare"),
			       .secrets = c->cloudflare_secret };
}

static bool is_address(struct str s)
{
	char text[ADDRESS_MAX] = "";

	if (!s.len || s.len >= sizeof(text))
		return false;
	memcpy(text, s.p, s.len);
	return address_valid(text);
}

static bool within_cloudflare(struct str s)
{
	char text[ADDRESS_MAX] = "";

	if (!s.len || s.len >= sizeof(text))
		return false;
	memcpy(text, s.p, s.len);
	for (size_t i = 0; i < sizeof(cloudflare) / sizeof(*cloudflare); i++)
		if (address_within(text, cloudflare[i]))
			return true;
	return false;
}

/* The last of all that is listed, also in several headers: those before are anyone's. */
static struct str last_of(const struct http_request *r, struct str name)
{
	struct str rest = { 0 }, last = { 0 };

	for (size_t i = 0; i < r->header_num; i++)
		if (str_eq_fold(r->headers[i].name, name))
			rest = r->headers[i].value;
	while (rest.len)
		last = str_trim(str_cut(&rest, ','));
	return last;
}

/* Of several headers none counts: one of them may be the client's own. */
static struct str only(const struct http_request *r, struct str name)
{
	struct str found = { 0 };
	unsigned num = 0;

	for (size_t i = 0; i < r->header_num; i++)
		if (str_eq_fold(r->headers[i].name, name)) {
			found = r->headers[i].value;
			num++;
		}
	return num == 1 ? found : (struct str){ 0 };
}

static bool knows_secret(const struct proxy *p, const struct http_request *r)
{
	struct str given = only(r, STR(PROXY_SECRET_HEADER)), rest = p->secrets;
	bool known = false;

	while (rest.len)
		known |= secret_equal(given, str_trim(str_cut(&rest, ',')));
	return given.len && known;
}

bool proxy_is_cloudflare(const struct proxy *p, struct str peer, const struct http_request *r)
{
	return p->cloudflare && knows_secret(p, r) &&
	       (within_cloudflare(peer) || within_cloudflare(last_of(r, STR("x-forwarded-for"))));
}

struct str proxy_client(const struct proxy *p, struct str peer, const struct http_request *r)
{
	struct str named = only(r, STR("cf-connecting-ip"));

	if (proxy_is_cloudflare(p, peer, r) && is_address(named))
		return named;
	named = last_of(r, STR("x-forwarded-for"));
	return p->trusted && is_address(named) ? named : peer;
}

bool proxy_saw_http(const struct proxy *p, const struct http_request *r)
{
	return p->trusted && str_eq_fold(last_of(r, STR("x-forwarded-proto")), STR("http"));
}
