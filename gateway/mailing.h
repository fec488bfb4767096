/*
 * mailing.h - the flow that sends mails: sign-ups, invitations, new passwords. What is to be mailed
 * stands in the table of links; the secret in a link is made when the mail is, and kept nowhere.
 */
#ifndef MAILING_H
#define MAILING_H

#include "config.h"
#include "db.h"

struct mailing;

/* `config` is borrowed. Without MAIL_URL nothing is sent. */
struct mailing *mailing_new(struct loop *l, struct db *d, const struct config *config);
void mailing_free(struct mailing *m); /* not while busy */

void mailing_wake(struct mailing *m); /* something is there, perhaps */
void mailing_stop(struct mailing *m); /* takes no more */
bool mailing_busy(const struct mailing *m);

#endif
