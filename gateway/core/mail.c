/*
 * mail.c - hands a message over: to a mail server, by libcurl's SMTP, or to a folder. It blocks,
 * and is called on a crew's thread.
 */
#include "mail.h"

#include <arpa/inet.h>
#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http_client.h"

enum {
	CONNECT_MS = 10000,
	TOTAL_MS = 30000,
	REACH_MS = 5000,
	PATH_BYTES_MAX = 4096,
	VERB_BYTES = 4
};

/* ---- the setting ---- */

/* MAIL_URL, taken apart; all by libcurl, decoded. */
struct place {
	CURLU *url;
	char *scheme, *host, *path;
	const char *problem; /* NULL: it can be used */
};

static char *part(CURLU *url, CURLUPart what, bool *broken)
{
	char *value = NULL;
	CURLUcode code = curl_url_get(url, what, &value, CURLU_URLDECODE);

	*broken |= code == CURLUE_URLDECODE || code == CURLUE_OUT_OF_MEMORY;
	return value; /* NULL: there is none */
}

static const char *problem_of(const struct place *p, bool broken)
{
	struct str scheme = str_of(p->scheme);

	if (broken)
		return "The mail server's URL has a control character in it.";
	if (str_is(scheme, "file"))
		return p->path && strlen(p->path) > 1 ?
			       NULL :
			       "The mail folder is missing: file:///folder.";
	if (!str_is(scheme, "smtp") && !str_is(scheme, "smtps"))
		return "Mail is sent by smtp://, smtps:// or, in development, file:///folder.";
	return p->host && *p->host ? NULL : "The mail server's host is missing.";
}

static void place_read(struct place *p, struct arena *a, struct str url)
{
	bool broken = !str_is_text(url);

	*p = (struct place){ .url = curl_url() };
	assert(p->url);
	if (broken || curl_url_set(p->url, CURLUPART_URL, arena_cstr(a, url), 0)) {
		p->problem = "The mail server is not written as a URL: smtp://user:password@host.";
		return;
	}
	curl_free(part(p->url, CURLUPART_USER, &broken));
	curl_free(part(p->url, CURLUPART_PASSWORD, &broken));
	p->scheme = part(p->url, CURLUPART_SCHEME, &broken);
	p->host = part(p->url, CURLUPART_HOST, &broken);
	p->path = part(p->url, CURLUPART_PATH, &broken);
	p->problem = problem_of(p, broken);
}

static void place_free(struct place *p)
{
	curl_free(p->scheme);
	curl_free(p->host);
	curl_free(p->path);
	curl_url_cleanup(p->url);
}

const char *mail_url_problem(struct str url)
{
	struct arena *a = arena_new();
	struct place p;
	const char *problem;

	place_read(&p, a, url);
	problem = p.problem;
	place_free(&p);
	arena_free(a);
	return problem;
}

static bool is_loopback(const char *host)
{
	struct in_addr address;

	return str_is(str_of(host), "localhost") || str_is(str_of(host), "[::1]") ||
	       (inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127);
}

/* ---- SMTP ---- */

struct delivery {
	CURL *easy;
	struct str message;
	size_t at;
	char verb[VERB_BYTES + 1];   /* of the last command that we sent, but for QUIT */
	char answer[MAIL_WHY_MAX];   /* the last line that the server sent before that */
	bool over;		     /* QUIT was sent */
	char error[CURL_ERROR_SIZE]; /* libcurl's own words */
};

static size_t give(char *out, size_t size, size_t num, void *arg)
{
	struct delivery *d = arg;
	size_t room = size * num, left = d->message.len - d->at;
	size_t take = left < room ? left : room;

	memcpy(out, d->message.p + d->at, take);
	d->at += take;
	return take;
}

static void one_line(char out[MAIL_WHY_MAX], struct str s)
{
	size_t n = 0;

	s = str_trim(s);
	for (; n < s.len && n < MAIL_WHY_MAX - 1; n++)
		out[n] = (char)(s.p[n] >= ' ' && s.p[n] <= '~' ? s.p[n] : '?');
	out[n] = '\0';
}

static size_t take_answer(char *data, size_t size, size_t num, void *arg)
{
	struct delivery *d = arg;

	if (!d->over)
		one_line(d->answer, (struct str){ data, size * num });
	return size * num;
}

/* Commands come by here; of AUTH's secrets nothing is kept but the verb. */
static int take_command(CURL *easy, curl_infotype type, char *data, size_t size, void *arg)
{
	struct delivery *d = arg;

	(void)easy;
	if (type != CURLINFO_HEADER_OUT || size < VERB_BYTES)
		return 0;
	d->over |= memcmp(data, "QUIT", VERB_BYTES) == 0;
	if (!d->over)
		memcpy(d->verb, data, VERB_BYTES);
	return 0;
}

static void set_rules(struct delivery *d, const struct place *p)
{
	bool plain = str_is(str_of(p->scheme), "smtp") && is_loopback(p->host);
	CURL *e = d->easy;

	curl_easy_setopt(e, CURLOPT_CURLU, p->url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(e, CURLOPT_USE_SSL, (long)(plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (http_client_trusted()) {
		curl_easy_setopt(e, CURLOPT_CAINFO, http_client_trusted());
		curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(e, CURLOPT_PROXY, ""); /* the environment does not redirect mail */
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)TOTAL_MS);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, d->error);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, take_answer);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, d);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, d);
	curl_easy_setopt(e, CURLOPT_VERBOSE, 1L); /* all of it goes to take_command() */
	curl_easy_setopt(e, CURLOPT_DEBUGFUNCTION, take_command);
	curl_easy_setopt(e, CURLOPT_DEBUGDATA, d);
}

static struct curl_slist *set_message(struct delivery *d, struct arena *a, struct str from,
				      struct str to)
{
	struct str sender = arena_printf(a, "<" STR_FMT ">", STR_ARG(mail_address_of(from)));
	struct str recipient = arena_printf(a, "<" STR_FMT ">", STR_ARG(to));
	struct curl_slist *list = curl_slist_append(NULL, recipient.p);

	assert(list);
	curl_easy_setopt(d->easy, CURLOPT_MAIL_FROM, sender.p);
	curl_easy_setopt(d->easy, CURLOPT_MAIL_RCPT, list);
	curl_easy_setopt(d->easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(d->easy, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(d->easy, CURLOPT_READDATA, d);
	curl_easy_setopt(d->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)d->message.len);
	return list;
}

/*
 * Only what the server says of this recipient or this text is for good. A greeting, login or sender
 * that it refuses is a matter of settings: those get mended, and the mail is still wanted.
 */
static enum mail_outcome judge(const struct delivery *d, CURLcode code)
{
	bool for_good = d->answer[0] == '5' && strncmp(d->answer, "530", 3) != 0;
	bool about_it = strcmp(d->verb, "RCPT") == 0 || strcmp(d->verb, "DATA") == 0;
	bool answered = code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY;

	if (code == CURLE_OK)
		return MAIL_DELIVERED;
	return answered && for_good && about_it ? MAIL_NEVER : MAIL_LATER;
}

/* What the server said, when that was the trouble; else libcurl's words. */
static void explain(const struct delivery *d, CURLcode code, char why[MAIL_WHY_MAX])
{
	bool refused = d->answer[0] == '4' || d->answer[0] == '5';

	if (code == CURLE_OK || refused)
		one_line(why, str_of(d->answer));
	else
		one_line(why, str_of(*d->error ? d->error : curl_easy_strerror(code)));
}

static enum mail_outcome send_by_smtp(const struct place *p, struct delivery *d, struct str from,
				      struct str to, char why[MAIL_WHY_MAX])
{
	struct arena *a = arena_new();
	struct curl_slist *recipients;
	enum mail_outcome outcome;
	CURLcode code;

	d->easy = curl_easy_init();
	assert(d->easy);
	set_rules(d, p);
	recipients = set_message(d, a, from, to);
	code = curl_easy_perform(d->easy);
	outcome = judge(d, code);
	explain(d, code, why);
	curl_easy_cleanup(d->easy);
	curl_slist_free_all(recipients);
	arena_free(a);
	return outcome;
}

/* As far as the login, and no further. */
static bool greet_server(const struct place *p, char why[MAIL_WHY_MAX])
{
	struct delivery d = { .easy = curl_easy_init() };
	CURLcode code;

	assert(d.easy);
	set_rules(&d, p);
	curl_easy_setopt(d.easy, CURLOPT_CONNECTTIMEOUT_MS, (long)REACH_MS);
	curl_easy_setopt(d.easy, CURLOPT_TIMEOUT_MS, (long)REACH_MS);
	curl_easy_setopt(d.easy, CURLOPT_CUSTOMREQUEST, "NOOP");
	code = curl_easy_perform(d.easy);
	explain(&d, code, why);
	curl_easy_cleanup(d.easy);
	return code == CURLE_OK;
}

/* ---- a folder ---- */

static bool write_all(int fd, struct str s)
{
	while (s.len) {
		ssize_t n = write(fd, s.p, s.len);

		if (n < 0 && errno != EINTR)
			return false;
		s = str_from(s, n < 0 ? 0 : (size_t)n);
	}
	return true;
}

static bool write_file(const char *path, struct str s)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0)
		return false;
	ok = write_all(fd, s);
	return close(fd) == 0 && ok;
}

static enum mail_outcome send_to_folder(const char *folder, struct str id, struct str message,
					char why[MAIL_WHY_MAX])
{
	char path[PATH_BYTES_MAX], part_path[PATH_BYTES_MAX];

	snprintf(path, sizeof(path), "%s/" STR_FMT ".eml", folder, STR_ARG(id));
	snprintf(part_path, sizeof(part_path), "%s/." STR_FMT ".part", folder, STR_ARG(id));
	mkdir(folder, 0700); /* when it is missing */
	if (write_file(part_path, message) && rename(part_path, path) == 0) {
		snprintf(why, MAIL_WHY_MAX, "written to %.150s", path);
		return MAIL_DELIVERED;
	}
	snprintf(why, MAIL_WHY_MAX, "%.100s: %m", path);
	unlink(part_path);
	return MAIL_LATER;
}

/* ---- either ---- */

enum mail_outcome mail_deliver(struct str url, struct str from, const struct mail *m,
			       struct str message, char why[MAIL_WHY_MAX])
{
	struct arena *a = arena_new();
	struct delivery d = { .message = message };
	enum mail_outcome outcome = MAIL_LATER;
	struct place p;

	assert(mail_id_ok(m->id) && mail_address_ok(m->to) && !mail_from_problem(from));
	place_read(&p, a, url);
	if (p.problem) {
		one_line(why, str_of(p.problem));
	} else if (str_is(str_of(p.scheme), "file")) {
		outcome = send_to_folder(p.path, m->id, message, why);
	} else {
		outcome = send_by_smtp(&p, &d, from, m->to, why);
	}
	place_free(&p);
	arena_free(a);
	return outcome;
}

bool mail_reach(struct str url, char why[MAIL_WHY_MAX])
{
	struct arena *a = arena_new();
	struct place p;
	bool ok = false;

	place_read(&p, a, url);
	if (p.problem) {
		one_line(why, str_of(p.problem));
	} else if (str_is(str_of(p.scheme), "file")) {
		ok = access(p.path, W_OK) == 0;
		snprintf(why, MAIL_WHY_MAX, "%.100s: %m", p.path);
	} else {
		ok = greet_server(&p, why);
	}
	place_free(&p);
	arena_free(a);
	return ok;
}
