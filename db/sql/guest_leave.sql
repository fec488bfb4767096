-- The guest gives up their place or booking on their page.
-- $1 token.
-- Returns status and body.
SELECT status, body FROM guest_page($1::text, 'leave')
