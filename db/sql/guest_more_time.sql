-- The guest asks on their page for more time.
-- $1 token.
-- Returns status and body.
SELECT status, body FROM guest_page($1::text, 'more_time')
