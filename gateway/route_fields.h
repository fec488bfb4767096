/*
 * route_fields.h - the fields that the endpoints of routes.c take. Private to these two.
 */
#ifndef ROUTE_FIELDS_H
#define ROUTE_FIELDS_H

#include "fields.h"

extern const struct field message_fields[], cancel_fields[], prefer_fields[], consent_fields[],
	message_page[], signup_fields[], join_fields[], login_fields[], forgot_fields[],
	switch_fields[], user_fields[], invitation_fields[], stand_fields[], account_new_fields[],
	account_fields[], key_fields[], endpoint_new_fields[], endpoint_fields[], delivery_page[],
	link_page[], audit_page[], wait_fields[], report_fields[], export_fields[];

#endif
