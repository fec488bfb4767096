-- The guest says on their page that they come, or confirms a booking.
-- $1 token.
-- Returns status and body.
SELECT status, body FROM guest_page($1::text, 'coming')
