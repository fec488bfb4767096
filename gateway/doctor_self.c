/*
 * doctor_self.c - what the doctor finds in our own settings: configuration, PUBLIC_URL, mail, and
 * the clock.
 */
#include <stdlib.h>

#include "clock.h"
#include "doctor_probe.h"
#include "mail.h"

#define DAY_S 86400
#define CERTIFICATE_WARN_DAYS 14
#define CERTIFICATE_FAIL_DAYS 3
#define CLOCK_WARN_MS 5000
#define CLOCK_FAIL_MS 60000 /* Telnyx's signatures are good for 300 s */
#define NAMES_MAX 200
#define HEALTHY "{\"status\":\"ok\"}"

static const struct str nothing = STR("");

/* ---- configuration ---- */

static struct str mend_setting(struct str problem)
{
	if (str_starts(problem, STR("PRIVACY_KEY")))
		return STR("Set PRIVACY_KEY to what this prints, and never lose it: openssl rand "
			   "-base64 32");
	if (str_starts(problem, STR("PUBLIC_URL")))
		return STR("Set PUBLIC_URL to the https:// address at which carriers and guests "
			   "reach this gateway.");
	return STR(
		"Set it in the environment of the gateway; maitred config --table says what each "
		"is.");
}

void doctor_configuration(struct probe *p)
{
	const struct config *c = p->of->config;
	struct str rest = p->of->problems;

	while (rest.len) {
		struct str problem = str_cut(&rest, '\n');

		probe_found(p, DOCTOR_FAIL, "configuration", problem, mend_setting(problem));
	}
	if (!p->of->problems.len)
		probe_found(p, DOCTOR_OK, "configuration",
			    arena_printf(p->arena, "It can be used; %zu %s.", p->of->carriers->num,
					 p->of->carriers->num == 1 ? "carrier" : "carriers"),
			    nothing);
	if (c->session_keys.len)
		probe_found(p, DOCTOR_OK, "sign_in", STR("SESSION_KEYS is set."), nothing);
	else
		probe_found(
			p, DOCTOR_WARN, "sign_in",
			STR("SESSION_KEYS is not set: nobody can sign in, and no webhook goes "
			    "out."),
			STR("Set SESSION_KEYS to one: and what this prints, as one:abc=; openssl "
			    "rand -base64 32"));
}

/* ---- PUBLIC_URL ---- */

/* Other http addresses are a problem of the configuration. */
static bool on_this_machine(struct str url)
{
	return str_starts(url, STR("http://"));
}

bool doctor_url_usable(const struct probe *p)
{
	struct str rest = p->of->problems;

	while (rest.len)
		if (str_starts(str_cut(&rest, '\n'), STR("PUBLIC_URL ")))
			return false;
	return true;
}

static bool carriers_elsewhere(const struct probe *p)
{
	for (size_t i = 0; i < p->of->carriers->num; i++)
		if (!on_this_machine(p->of->carriers->at[i].account.base_url))
			return true;
	return false;
}

static void judge_certificate(struct probe *p, int64_t ends_s)
{
	int64_t days = (ends_s - clock_wall_ms() / 1000) / DAY_S;
	enum doctor_level level = days < CERTIFICATE_FAIL_DAYS ? DOCTOR_FAIL :
				  days < CERTIFICATE_WARN_DAYS ? DOCTOR_WARN :
								 DOCTOR_OK;

	probe_found(p, level, "public_url.certificate",
		    arena_printf(p->arena, "It is good for %lld days.", (long long)days),
		    level == DOCTOR_OK ? nothing :
					 STR("Renew it; on Heroku: heroku certs:auto:refresh"));
}

static bool about_certificate(struct str error)
{
	static const struct str words[] = { STR("certificate"), STR("SSL"), STR("TLS") };

	for (size_t i = 0; i < error.len; i++)
		for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++)
			if (str_starts(str_from(error, i), words[k]))
				return true;
	return false;
}

static void not_reached(struct probe *p, struct str url, struct str error)
{
	bool certificate = about_certificate(error);

	probe_found(
		p, DOCTOR_FAIL, certificate ? "public_url.certificate" : "public_url",
		arena_printf(p->arena, STR_FMT " cannot be reached: " STR_FMT ".", STR_ARG(url),
			     STR_ARG(error)),
		certificate ?
			STR("Carriers refuse it too. Renew the certificate, for the host of "
			    "PUBLIC_URL; on Heroku: heroku certs:auto:refresh") :
			STR("Start the gateway (maitred serve). When it runs: does the name in "
			    "PUBLIC_URL lead to it, and do proxy and firewall let it through?"));
}

static void judge_answer(struct probe *p, struct str url, const struct http_response *r)
{
	struct str to = http_find(r->headers, r->header_num, STR("location"));

	if (r->status >= 300 && r->status < 400)
		probe_found(p, DOCTOR_FAIL, "public_url",
			    arena_printf(p->arena,
					 STR_FMT " redirects to " STR_FMT
						 ": what carriers send is lost, and not signed for "
						 "where it goes.",
					 STR_ARG(url), STR_ARG(probe_place(p, to))),
			    STR("Set PUBLIC_URL to the address at the end of the redirection."));
	else if (r->status != 200 || !str_is(str_trim(r->body), HEALTHY))
		probe_found(p, DOCTOR_FAIL, "public_url",
			    arena_printf(p->arena,
					 "Something answers at " STR_FMT
					 ", with %d to /healthz: it is not this gateway.",
					 STR_ARG(url), r->status),
			    STR("Set PUBLIC_URL to where the gateway is, or lead the name to it."));
	else
		probe_found(
			p, DOCTOR_OK, "public_url",
			arena_printf(p->arena, "The gateway answers at " STR_FMT ".", STR_ARG(url)),
			nothing);
}

void doctor_public_url(struct probe *p)
{
	struct str url = p->of->config->public_url;
	struct http_request request = { .method = STR("GET") };
	struct http_response r;

	if (!doctor_url_usable(p))
		return; /* a problem of the configuration, which was told */
	if (on_this_machine(url) && carriers_elsewhere(p)) {
		probe_found(p, DOCTOR_FAIL, "public_url",
			    arena_printf(p->arena,
					 STR_FMT " is this machine only: carriers cannot reach it.",
					 STR_ARG(url)),
			    mend_setting(STR("PUBLIC_URL")));
		return;
	}
	request.url = arena_printf(p->arena, STR_FMT "/healthz", STR_ARG(url));
	if (!probe_ask(p, &request, &r)) {
		not_reached(p, url, str_of(r.error));
	} else {
		judge_answer(p, url, &r);
		if (r.certificate_ends_s)
			judge_certificate(p, r.certificate_ends_s);
	}
	p->skew.who = NULL; /* most likely it is our own clock */
}

/* ---- mail ---- */

void doctor_mail(struct probe *p)
{
	const struct config *c = p->of->config;
	char why[MAIL_WHY_MAX];

	if (!c->mail_url.len)
		probe_found(
			p, DOCTOR_WARN, "mail",
			STR("MAIL_URL is not set: nobody can sign up, be invited, or get a new "
			    "password."),
			STR("Set MAIL_URL and MAIL_FROM, then: maitred check mail YOUR-ADDRESS"));
	else if (mail_url_problem(c->mail_url))
		return; /* it was told */
	else if (mail_reach(c->mail_url, why))
		probe_found(p, DOCTOR_OK, "mail", STR("It can be handed over."), nothing);
	else
		probe_found(
			p, DOCTOR_FAIL, "mail",
			arena_printf(p->arena, "It cannot be handed over: %s", why),
			STR("Look at host, user and password in MAIL_URL, then: maitred check mail "
			    "YOUR-ADDRESS"));
}

/* ---- clock ---- */

/* Those that differ agree with each other, and there are no others: then it is ours. */
void doctor_clock(struct probe *p, const struct skew *skews, size_t num)
{
	size_t off = 0, worst = 0;

	for (size_t i = 0; i < num; i++) {
		off += llabs(skews[i].ms) >= CLOCK_WARN_MS;
		worst = llabs(skews[i].ms) > llabs(skews[worst].ms) ? i : worst;
	}
	if (!num)
		return;
	if (!off) {
		struct buf names = buf_new(p->arena, NAMES_MAX);

		for (size_t i = 0; i < num; i++)
			buf_printf(&names, "%s%s", i ? ", " : "", skews[i].who);
		probe_found(p, DOCTOR_OK, "clock",
			    arena_printf(p->arena, "It agrees with " STR_FMT ".",
					 STR_ARG(buf_str(&names))),
			    nothing);
		return;
	}
	bool ours = off == num;
	int64_t ms = skews[worst].ms;

	probe_found(
		p, llabs(ms) >= CLOCK_FAIL_MS ? DOCTOR_FAIL : DOCTOR_WARN, "clock",
		arena_printf(p->arena, "%s%s is " STR_FMT " %s%s.",
			     ours ? "This machine's" : skews[worst].who,
			     ours ? " clock" : "'s clock", STR_ARG(probe_age(p, llabs(ms) / 1000)),
			     (ms > 0) == ours ? "behind" : "ahead",
			     ours ? ", by all others" : ", by ours"),
		STR("Set the clock right: timedatectl set-ntp true. Telnyx's callbacks are refused "
		    "when it is 300 s off."));
}
