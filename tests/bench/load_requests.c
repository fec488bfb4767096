/*
 * load_requests.c - the requests of load.c: of clients, and of Twilio with its signature.
 */
#include "load_requests.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct options o;
static long *drawn; /* the attempts that callbacks are about, when they come in no order */

uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void keep(struct request *r, const char *bytes, int len)
{
	r->bytes = malloc((size_t)len);
	assert(r->bytes);
	memcpy(r->bytes, bytes, (size_t)len);
	r->len = (size_t)len;
}

static void write_get(struct request *r, long i)
{
	char bytes[1024];

	(void)i;
	keep(r, bytes,
	     snprintf(bytes, sizeof(bytes),
		      "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n\r\n",
		      o.target, o.key ? o.key : "-"));
}

/* The target, with the request's number in place of {}. */
static const char *numbered_target(long i, int digits)
{
	static char target[512];
	const char *mark = strstr(o.target, "{}");

	assert(mark);
	snprintf(target, sizeof(target), "%.*s%0*ld%s", (int)(mark - o.target), o.target, digits,
		 o.first + i, mark + 2);
	return target;
}

/* Each asks for another; this server has no keys. */
static void write_numbered_get(struct request *r, long i)
{
	char bytes[1024];

	keep(r, bytes,
	     snprintf(bytes, sizeof(bytes), "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
		      numbered_target(i, 7)));
}

/* Each does the same with another: the number is what follows the prefix of our ids. */
static void write_numbered_post(struct request *r, long i)
{
	char bytes[1024];

	keep(r, bytes,
	     snprintf(bytes, sizeof(bytes),
		      "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
		      "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
		      numbered_target(i, 26), o.key));
}

static void write_party(struct request *r, long i)
{
	char body[256], bytes[1024];
	int len = snprintf(body, sizeof(body),
			   "{\"name\":\"Maria\",\"size\":2,\"phone\":\"+1%03ld555%04ld\"}",
			   212 + i / 10000 % 8, i % 10000);

	keep(r, bytes,
	     snprintf(bytes, sizeof(bytes),
		      "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
		      "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		      o.target, o.key, len, body));
}

static void write_message(struct request *r, long i)
{
	char body[512], bytes[2048];

	i += o.first;
	int len = snprintf(
		body, sizeof(body),
		"{\"to\":\"+1%03ld555%04ld\",\"body\":\"Your table is ready. Please come to "
		"the host stand within 10 minutes. Reply 1 if you are coming, 9 to cancel. "
		"#%ld\"}",
		212 + i / 10000 % 8, i % 10000, i);

	keep(r, bytes,
	     snprintf(
		     bytes, sizeof(bytes),
		     "POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
		     "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		     o.key, len, body));
}

/* A form as Twilio sends it; `text` is what its signature covers behind the URL. */
static void write_form(struct request *r, long i, const char *target, const char *body,
		       const char *text)
{
	char covered[4096], bytes[4096], base64[32];
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned mac_len;
	int len = snprintf(covered, sizeof(covered), "%s%s%s", o.base, target, text);

	HMAC(EVP_sha1(), o.token, (int)strlen(o.token), (unsigned char *)covered, (size_t)len, mac,
	     &mac_len);
	EVP_EncodeBlock((unsigned char *)base64, mac, (int)mac_len);
	keep(r, bytes,
	     snprintf(bytes, sizeof(bytes),
		      "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: TwilioProxy/1.1\r\n"
		      "Accept: */*\r\nX-Twilio-Signature: %s\r\n"
		      "I-Twilio-Idempotency-Token: 00000000-0000-4000-8000-%012ld\r\n"
		      "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
		      "Content-Length: %zu\r\n\r\n%s",
		      target, base64, i, strlen(body), body));
}

/* So many different ones of those outstanding: the head of a shuffle. */
static void draw_attempts(void)
{
	uint64_t random = 88172645463325252; /* xorshift64, from where its author starts it */

	assert(o.requests <= o.outstanding);
	drawn = calloc((size_t)o.outstanding, sizeof(*drawn));
	assert(drawn);
	for (long i = 0; i < o.outstanding; i++)
		drawn[i] = i;
	for (long i = 0; i < o.requests; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		long other = i + (long)(random % (uint64_t)(o.outstanding - i));
		long attempt = drawn[other];

		drawn[other] = drawn[i];
		drawn[i] = attempt;
	}
}

/* A status callback, in the fields and the order in which Twilio sends them. */
static void write_callback(struct request *r, long i)
{
	const char *status = drawn || i % 2 ? "delivered" : "sent";
	char target[256], body[1024], text[2048], to[16];

	i = o.first + (drawn ? drawn[i] : i / 2);
	snprintf(to, sizeof(to), "1212%07ld", i % 10000000);
	snprintf(target, sizeof(target), "/webhooks/twilio/status?account=%s&attempt=att_%026ld",
		 o.account, i);
	snprintf(body, sizeof(body),
		 "SmsSid=SM%032ld&SmsStatus=%s&MessageStatus=%s&To=%%2B%s&MessageSid=SM%032ld"
		 "&AccountSid=%s&From=%%2B13125550002&ApiVersion=2010-04-01",
		 i, status, status, to, i, o.account_sid);
	snprintf(text, sizeof(text),
		 "AccountSid%sApiVersion2010-04-01From+13125550002MessageSidSM%032ld"
		 "MessageStatus%sSmsSidSM%032ldSmsStatus%sTo+%s",
		 o.account_sid, i, status, i, status, to);
	write_form(r, i, target, body, text);
}

/* What a call of attempt i is to say, and then what follows from the 1 that was pressed. */
static void write_question(struct request *r, long i)
{
	bool key = i % 2;
	char target[256], body[1024], text[2048], to[16];

	i = o.first + i / 2;
	snprintf(to, sizeof(to), "1212%07ld", i % 10000000);
	snprintf(target, sizeof(target), "/webhooks/twilio/voice?account=%s&attempt=att_%026ld%s",
		 o.account, i, key ? "&step=ask1" : "");
	snprintf(body, sizeof(body),
		 "CallSid=SM%032ld&CallStatus=in-progress&To=%%2B%s&AccountSid=%s&%s"
		 "From=%%2B13125550002&Direction=outbound-api&ApiVersion=2010-04-01",
		 i, to, o.account_sid, key ? "Digits=1&" : "AnsweredBy=human&");
	snprintf(text, sizeof(text),
		 "AccountSid%s%sApiVersion2010-04-01CallSidSM%032ldCallStatusin-progress%s"
		 "Directionoutbound-apiFrom+13125550002To+%s",
		 o.account_sid, key ? "" : "AnsweredByhuman", i, key ? "Digits1" : "", to);
	write_form(r, i, target, body, text);
}

/* Where guest i writes to: the demo's number, or that of one of so many accounts. */
static void number_of(char out[32], long i)
{
	if (o.accounts)
		snprintf(out, 32, "1646%07ld", i % o.accounts);
	else
		snprintf(out, 32, "13125550002");
}

/* What guest i writes, as Twilio passes it on; stamped: when, for streams.c. */
static void write_reply(struct request *r, long i)
{
	static const char target[] = "/webhooks/twilio/sms";
	char body[1024], text[2048], from[16], to[32], says[64] = "Thanks";

	i += o.first;
	number_of(to, i);
	if (o.stamped)
		snprintf(says, sizeof(says), "stamp=%llu", (unsigned long long)now_us());
	snprintf(from, sizeof(from), "1212%07ld", i % 10000000);
	snprintf(body, sizeof(body),
		 "ToCountry=US&ToState=IL&SmsMessageSid=SM%032ld&NumMedia=0&ToCity=CHICAGO"
		 "&FromZip=10001&SmsSid=SM%032ld&FromState=NY&SmsStatus=received&FromCity=NEW+YORK"
		 "&Body=%s&FromCountry=US&To=%%2B%s&NumSegments=1"
		 "&MessageSid=SM%032ld&AccountSid=%s&From=%%2B%s&ApiVersion=2010-04-01",
		 i, i, says, to, i, o.account_sid, from);
	snprintf(text, sizeof(text),
		 "AccountSid%sApiVersion2010-04-01Body%sFrom+%sFromCityNEW YORK"
		 "FromCountryUSFromStateNYFromZip10001MessageSidSM%032ldNumMedia0NumSegments1"
		 "SmsMessageSidSM%032ldSmsSidSM%032ldSmsStatusreceivedTo+%sToCityCHICAGO"
		 "ToCountryUSToStateIL",
		 o.account_sid, says, from, i, i, i, to);
	write_form(r, i, target, body, text);
}

void requests_about(const struct options *options)
{
	o = *options;
	if (o.outstanding)
		draw_attempts();
}

void write_request(struct request *r, long i)
{
	static const struct {
		const char *mode;
		void (*write)(struct request *, long);
	} modes[] = { { "get", write_get },
		      { "gets", write_numbered_get },
		      { "posts", write_numbered_post },
		      { "parties", write_party },
		      { "messages", write_message },
		      { "questions", write_question },
		      { "callbacks", write_callback },
		      { "replies", write_reply } };
	size_t m = 0, num = sizeof(modes) / sizeof(*modes);

	while (m < num && strcmp(o.mode, modes[m].mode) != 0)
		m++;
	assert(m < num);
	modes[m].write(r, i);
}
