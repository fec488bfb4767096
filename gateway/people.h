/*
 * people.h - how people come in: sign-up, links from mails, login, forgotten passwords. Who has no
 * account learns nothing about who has, neither from answers nor from how long they take.
 */
#ifndef PEOPLE_H
#define PEOPLE_H

#include "exchange.h"

/* Places in the tables of routes.c. */
enum { SIGNUP_EMAIL, SIGNUP_PASSWORD, SIGNUP_NAME, SIGNUP_VENUE, SIGNUP_ZONE, SIGNUP_REGION };
enum { LOGIN_LOGIN, LOGIN_PASSWORD };
enum { JOIN_TOKEN, JOIN_PASSWORD, JOIN_NAME };
enum { FORGOT_EMAIL };

void people_sign_up(struct exchange *x); /* POST /v1/signup */
void people_join(struct exchange *x);	 /* POST /v1/join */
void people_log_in(struct exchange *x);	 /* POST /v1/login */
void people_forgot(struct exchange *x);	 /* POST /v1/password/forgot */
void people_switch(struct exchange *x);	 /* POST /v1/session/switch */

#endif
