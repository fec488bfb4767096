/*
 * mail.h - plain-text e-mail: a message is composed, a pure matter, and then handed to the
 * configured server by SMTP, or written to a folder in development.
 */
#ifndef MAIL_H
#define MAIL_H

#include "arena.h"

#define MAIL_WHY_MAX 200

struct mail {
	struct str id; /* letters, digits, - and _: names it in Message-ID, and its file */
	struct str to; /* one address: mail_address_ok() */
	struct str subject, text; /* UTF-8; the text's lines end in "\n" */
};

/* "name@example.com", nothing around it: ASCII, no quotes, no comments, at most 254 bytes. */
bool mail_address_ok(struct str address);
/* NULL, or one sentence, static. `from` is an address, or "Name <address>". */
const char *mail_from_problem(struct str from);
const char *mail_url_problem(struct str url);

/*
 * The message (RFC 5322) in `a`: ASCII only, short lines that end in CRLF, the text as quoted-
 * printable. Its Message-ID has the domain of `from`. Control characters in a name or the
 * subject become spaces. The addresses and the id are good ones (asserted).
 */
struct str mail_compose(struct arena *a, struct str from, const struct mail *m, int64_t wall_ms);

enum mail_outcome {
	MAIL_DELIVERED, /* the server has taken it over */
	MAIL_LATER, /* it may work later: the network, the server, our login. Or it did arrive */
	MAIL_NEVER, /* the server refuses this recipient or this message, for good */
};

/*
 * Blocks for up to 30 s: for a crew's thread. `message` is what mail_compose() made of `m` and
 * `from`. `why` then holds the server's answer or what went wrong, one line, without secrets.
 *
 * smtp:// insists on STARTTLS but for a loopback address, smtps:// is TLS from the first byte;
 * certificates and names are verified. file:///folder gets a file ID.eml, readable by us only.
 */
enum mail_outcome mail_deliver(struct str url, struct str from, const struct mail *m,
			       struct str message, char why[MAIL_WHY_MAX]);

/*
 * Would mail be taken? Goes as far as the login, and sends nothing. Blocks for up to 5 s. False:
 * `why` as above.
 */
bool mail_reach(struct str url, char why[MAIL_WHY_MAX]);

/* Private to mail*.c: the address in "Name <address>", borrowed; and what is allowed in an id. */
struct str mail_address_of(struct str from);
bool mail_id_ok(struct str id);

#endif
