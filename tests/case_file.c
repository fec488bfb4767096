/* case_file.c - the input of a case: its sections, its account, its text and its HTTP messages. */
#include "case_file.h"

#include <stdlib.h>

#include "buf.h"
#include "form.h"
#include "json.h"
#include "secret.h"

static const char *const known[CASE_SECTIONS_MAX] = {
	"account",	  "text",    "call",	     "expect request",	"response", "expect result",
	"expect fetched", "request", "expect event", "expect question", "script",   "expect script",
};

static bool is_heading(struct str line)
{
	if (!str_starts(line, STR("[")) || !str_ends(line, STR("]")))
		return false;
	for (size_t i = 0; i < CASE_SECTIONS_MAX; i++)
		if (str_is((struct str){ line.p + 1, line.len - 2 }, known[i]))
			return true;
	return false;
}

static struct str without_end(struct str s)
{
	while (str_ends(s, STR("\n")))
		s.len--;
	return s;
}

const char *case_read(struct arena *a, struct str text, struct case_file *out)
{
	out->num = 0;
	while (text.len) {
		struct str line = str_cut(&text, '\n');
		struct str name = { line.p + 1, line.len - 2 };

		if (!is_heading(line)) {
			if (out->num)
				out->sections[out->num - 1].text.len =
					(size_t)(line.p + line.len + 1 -
						 out->sections[out->num - 1].text.p);
			else if (str_starts(line, STR("[")))
				return arena_printf(a, "unknown section " STR_FMT, STR_ARG(line)).p;
			continue;
		}
		if (case_section(out, arena_cstr(a, name)).p)
			return arena_printf(a, "twice: " STR_FMT, STR_ARG(line)).p;
		out->sections[out->num].name = name;
		out->sections[out->num++].text = (struct str){ text.p, 0 };
	}
	for (size_t i = 0; i < out->num; i++)
		out->sections[i].text = without_end(out->sections[i].text);
	return out->num ? NULL : "no section";
}

struct str case_section(const struct case_file *c, const char *name)
{
	for (size_t i = 0; i < c->num; i++)
		if (str_is(c->sections[i].name, name))
			return c->sections[i].text;
	return (struct str){ NULL, 0 };
}

bool case_is_call(const struct case_file *c)
{
	return case_section(c, "call").p != NULL;
}

/* ---- name = value ---- */

struct setting {
	const char *name;
	struct str *value;
};

static const char *set(struct arena *a, struct str lines, const struct setting *settings)
{
	while (lines.len) {
		struct str value = str_cut(&lines, '\n'), name = str_trim(str_cut(&value, '='));
		const struct setting *s = settings;

		if (!name.len)
			continue;
		while (s->name && !str_is(name, s->name))
			s++;
		if (!s->name)
			return arena_printf(a, "unknown setting " STR_FMT, STR_ARG(name)).p;
		*s->value = str_trim(value);
		if (str_starts(*s->value, STR("\""))) { /* JSON, for line ends and the like */
			const struct json *j = json_parse(a, *s->value, NULL);

			*s->value = j ? j->text : STR("broken string");
		}
	}
	return NULL;
}

/* The public key belongs to the seed of RFC 8032, section 7.1, test 1. */
#define SEED_HEX "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define PUBLIC_KEY "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

const char *case_account(struct arena *a, const struct case_file *c, struct carrier_account *out)
{
	struct carrier_account account = {
		.base_url = arena_printf(a, "https://api.%s.com", c->provider->name),
		.public_url = STR("https://gw.example.com"),
		.webhook_secret_num = 1,
	};
	const struct setting settings[] = {
		{ "base_url", &out->base_url },
		{ "public_url", &out->public_url },
		{ "id", &out->id },
		{ "voice_app", &out->voice_app },
		{ "user", &out->user },
		{ "secret", &out->secret },
		{ "webhook_secret", &out->webhook_secrets[0] },
		{ NULL, NULL },
	};

	*out = account;
	out->secret = STR("KEY0001");
	out->webhook_secrets[0] = STR(PUBLIC_KEY);
	if (c->provider == &telnyx && case_is_call(c)) {
		out->id = STR("61bf923e-5e4d-4595-a110-56190ea18a1b");
		out->voice_app = STR("1494404757140276705");
	}
	if (c->provider == &twilio) {
		out->id = STR("AC00000000000000000000000000000001");
		out->user = out->id;
		out->secret = STR("0123456789abcdef0123456789abcdef");
		out->webhook_secrets[0] = out->secret;
	}
	return set(a, case_section(c, "account"), settings);
}

const char *case_text(struct arena *a, const struct case_file *c, struct outgoing *out)
{
	struct str validity = STR("0");
	const struct setting settings[] = {
		{ "to", &out->to },
		{ "from", &out->from },
		{ "body", &out->body },
		{ "account_id", &out->account_id },
		{ "attempt_id", &out->attempt_id },
		{ "validity_s", &validity },
		{ NULL, NULL },
	};
	const char *wrong;
	long long n;

	*out = (struct outgoing){
		.to = STR("+12125550001"),
		.from = STR("+13125550002"),
		.body = STR("Your table is ready."),
		.account_id = STR("acc_01kge3h90071g7rq2ab3cdefgh"),
		.attempt_id = STR("att_01kge3h90071g7rq2ab3cdefgh"),
	};
	if (case_is_call(c))
		out->body = STR("");
	wrong = set(a, case_section(c, case_is_call(c) ? "call" : "text"), settings);
	if (wrong)
		return wrong;
	if (!str_number(validity, &n))
		return "validity_s is not a number";
	out->validity_s = (unsigned)n;
	return NULL;
}

/* ---- HTTP ---- */

static struct http_header *read_headers(struct arena *a, struct str *rest, size_t *num)
{
	struct http_header *headers = arena_alloc(a, CASE_HEADERS_MAX * sizeof(*headers));

	*num = 0;
	while (rest->len && *num < CASE_HEADERS_MAX) {
		struct str value = str_cut(rest, '\n'), name = str_cut(&value, ':');

		if (!name.len)
			break;
		headers[(*num)++] = (struct http_header){ name, str_trim(value) };
	}
	return headers;
}

const char *case_response(struct arena *a, const struct case_file *c, struct http_response *out)
{
	struct str rest = case_section(c, "response"), first = str_cut(&rest, '\n');
	long long status;

	*out = (struct http_response){ .transport = HTTP_ANSWERED };
	if (!str_is(str_cut(&first, ' '), "HTTP") || !str_number(first, &status))
		return "[response] begins with 'HTTP 200'";
	out->status = (int)status;
	out->headers = read_headers(a, &rest, &out->header_num);
	out->body = rest;
	return NULL;
}

static int by_name_and_value(const void *a, const void *b)
{
	const struct form_field *x = a, *y = b;
	int d = str_cmp(x->name, y->name);

	return d ? d : str_cmp(x->value, y->value);
}

/* Twilio's own recipe; that we verify it rightly is test_signatures.c's to prove. */
static struct str sign_form(struct arena *a, struct str token, const struct http_request *r)
{
	struct buf b = buf_new(a, 100000);
	uint8_t mac[SHA1_BYTES];
	struct form f;

	buf_put(&b, r->url);
	if (form_parse(a, r->body, 1000, &f) && f.num)
		qsort(f.fields, f.num, sizeof(*f.fields), by_name_and_value);
	for (size_t i = 0; i < f.num; i++) {
		buf_put(&b, f.fields[i].name);
		buf_put(&b, f.fields[i].value);
	}
	secret_hmac_sha1(token, buf_str(&b), mac);
	return secret_base64(a, (struct str){ (const char *)mac, sizeof(mac) });
}

static struct str sign_json(struct arena *a, const struct http_request *r)
{
	struct str stamp = http_find(r->headers, r->header_num, STR("telnyx-timestamp"));
	struct str text = arena_printf(a, STR_FMT "|" STR_FMT, STR_ARG(stamp), STR_ARG(r->body));
	uint8_t signature[ED25519_SIGNATURE_BYTES];
	char seed[ED25519_KEY_BYTES];

	for (size_t i = 0; i < sizeof(seed); i++) {
		char digits[] = { SEED_HEX[2 * i], SEED_HEX[2 * i + 1], '\0' };

		seed[i] = (char)strtol(digits, NULL, 16);
	}
	if (!secret_ed25519_sign((struct str){ seed, sizeof(seed) }, text, signature))
		return STR("cannot sign");
	return secret_base64(a, (struct str){ (const char *)signature, sizeof(signature) });
}

const char *case_request(struct arena *a, const struct case_file *c,
			 const struct carrier_account *account, struct http_request *out)
{
	struct str rest = case_section(c, "request"), url = str_cut(&rest, '\n');
	struct http_header *headers;

	*out = (struct http_request){ .method = str_cut(&url, ' '), .url = url };
	headers = read_headers(a, &rest, &out->header_num);
	out->headers = headers;
	out->body = rest;
	for (size_t i = 0; i < out->header_num; i++)
		if (str_is(headers[i].value, "sign"))
			headers[i].value = c->provider == &twilio ?
						   sign_form(a, account->webhook_secrets[0], out) :
						   sign_json(a, out);
	return NULL;
}
