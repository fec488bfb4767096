/*
 * route_fields.h - the fields that the endpoints of routes.c take. Private to these.
 */
#ifndef ROUTE_FIELDS_H
#define ROUTE_FIELDS_H

#include "fields.h"

extern const struct field message_fields[], cancel_fields[], prefer_fields[], consent_fields[],
	message_page[], signup_fields[], join_fields[], login_fields[], forgot_fields[],
	switch_fields[], user_fields[], invitation_fields[], stand_fields[], account_new_fields[],
	account_fields[], key_fields[], template_fields[], preview_fields[],
	quick_reply_new_fields[], quick_reply_fields[], endpoint_new_fields[], endpoint_fields[],
	delivery_page[], link_page[], audit_page[], party_new_fields[], party_fields[],
	party_page[], party_move_fields[], party_next_fields[], party_notify_fields[],
	visit_fields[], visit_by_fields[], undo_fields[], party_accept_fields[],
	party_seat_fields[], party_more_fields[], booking_new_fields[], booking_fields[],
	booking_page[], say_fields[], check_in_fields[], wait_fields[], report_fields[],
	export_fields[], guest_page[], guest_find_fields[], guest_fields[], traffic_fields[];

#endif
